use super::{Hook, Schema, SchemaFn};

/// One of several variants.
#[derive(Debug, Clone, Copy)]
pub struct Enum {
    tagging: Tagging,
    variants: &'static [Variant],
    deny_unknown: bool,
    hook: Option<&'static Hook>,
}

impl Enum {
    /// These variants, in the order of the type.
    #[must_use]
    pub const fn new(tagging: Tagging, variants: &'static [Variant]) -> Self {
        Self { tagging, variants, deny_unknown: false, hook: None }
    }

    /// Sets whether unknown members are refused beside the tag and the content of an input.
    #[must_use]
    pub const fn deny_unknown(mut self, deny: bool) -> Self {
        self.deny_unknown = deny;
        self
    }

    /// Attaches a [`Hook`].
    #[must_use]
    pub const fn with_hook(mut self, hook: &'static Hook) -> Self {
        self.hook = Some(hook);
        self
    }

    /// How a value names its variant.
    #[must_use]
    pub const fn tagging(&self) -> Tagging {
        self.tagging
    }

    /// The variants, in the order of the type.
    #[must_use]
    pub const fn variants(&self) -> &'static [Variant] {
        self.variants
    }

    /// Whether unknown members are refused beside the tag and the content of an input.
    #[must_use]
    pub const fn denies_unknown(&self) -> bool {
        self.deny_unknown
    }

    /// The attached [`Hook`].
    #[must_use]
    pub const fn hook(&self) -> Option<&'static Hook> {
        self.hook
    }
}

/// How a value names its variant, in serde's forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tagging {
    /// `"Unit"` or `{"Variant": content}`.
    External,
    /// `{"tag": "Variant", …content}`.
    Internal(&'static str),
    /// `{"tag": "Variant", "content": content}`.
    Adjacent(&'static str, &'static str),
    /// No tag: the first variant that fits.
    Untagged,
}

/// One variant.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    names: &'static [&'static str],
    content: SchemaFn,
    description: Option<&'static str>,
    is_other: bool,
    is_untagged: bool,
}

impl Variant {
    /// A variant: its name, then its aliases, and the schema of its content.
    #[must_use]
    pub const fn new(names: &'static [&'static str], content: SchemaFn) -> Self {
        Self { names, content, description: None, is_other: false, is_untagged: false }
    }

    /// Sets the documentation.
    #[must_use]
    pub const fn with_description(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// Sets whether the variant takes every name, in an input, that no other variant has (serde's `other`).
    #[must_use]
    pub const fn other(mut self, is_other: bool) -> Self {
        self.is_other = is_other;
        self
    }

    /// Sets whether the variant is identified by its content alone, in an enum whose other variants are tagged.
    #[must_use]
    pub const fn untagged(mut self, is_untagged: bool) -> Self {
        self.is_untagged = is_untagged;
        self
    }

    /// The name, then the aliases.
    #[must_use]
    pub const fn names(&self) -> &'static [&'static str] {
        self.names
    }

    /// The schema of the content.
    #[must_use]
    pub fn content(&self) -> &'static Schema {
        (self.content)()
    }

    /// The documentation.
    #[must_use]
    pub const fn description(&self) -> Option<&'static str> {
        self.description
    }

    /// Whether the variant takes every name, in an input, that no other variant has (serde's `other`).
    #[must_use]
    pub const fn is_other(&self) -> bool {
        self.is_other
    }

    /// Whether the variant is identified by its content alone, in an enum whose other variants are tagged.
    #[must_use]
    pub const fn is_untagged(&self) -> bool {
        self.is_untagged
    }
}
