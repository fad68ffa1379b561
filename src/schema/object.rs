use super::{Hook, Rule, RuleKind, Sanitizer, Schema, SchemaFn, ValueFn};

/// A place for a value: its schema, and everything that this place adds to it.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    schema: SchemaFn,
    rules: &'static [Rule],
    sanitizers: &'static [Sanitizer],
    hook: Option<&'static Hook>,
    description: Option<&'static str>,
    default: Option<ValueFn>,
    examples: &'static [ValueFn],
}

impl Field {
    /// A place without rules of its own.
    #[must_use]
    pub const fn new(schema: SchemaFn) -> Self {
        Self { schema, rules: &[], sanitizers: &[], hook: None, description: None, default: None, examples: &[] }
    }

    /// Sets the rules.
    #[must_use]
    pub const fn with_rules(mut self, rules: &'static [Rule]) -> Self {
        self.rules = rules;
        self
    }

    /// Sets the steps that clean the value before its rules are checked.
    #[must_use]
    pub const fn with_sanitizers(mut self, sanitizers: &'static [Sanitizer]) -> Self {
        self.sanitizers = sanitizers;
        self
    }

    /// Attaches a [`Hook`].
    #[must_use]
    pub const fn with_hook(mut self, hook: &'static Hook) -> Self {
        self.hook = Some(hook);
        self
    }

    /// Sets the documentation.
    #[must_use]
    pub const fn with_description(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// Sets the value that takes the place of a missing one.
    #[must_use]
    pub const fn with_default(mut self, default: ValueFn) -> Self {
        self.default = Some(default);
        self
    }

    /// Sets examples.
    #[must_use]
    pub const fn with_examples(mut self, examples: &'static [ValueFn]) -> Self {
        self.examples = examples;
        self
    }

    /// The schema of the value.
    #[must_use]
    pub fn schema(&self) -> &'static Schema {
        (self.schema)()
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> &'static [Rule] {
        self.rules
    }

    /// The steps that clean the value.
    #[must_use]
    pub const fn sanitizers(&self) -> &'static [Sanitizer] {
        self.sanitizers
    }

    /// The attached [`Hook`].
    #[must_use]
    pub const fn hook(&self) -> Option<&'static Hook> {
        self.hook
    }

    /// The documentation.
    #[must_use]
    pub const fn description(&self) -> Option<&'static str> {
        self.description
    }

    /// The value that takes the place of a missing one, if it is known.
    #[must_use]
    pub fn default(&self) -> Option<serde_json::Value> {
        self.default.and_then(|default| default())
    }

    /// The examples.
    pub fn examples(&self) -> impl Iterator<Item = serde_json::Value> {
        self.examples.iter().filter_map(|example| example())
    }

    /// Whether a rule refuses `null`.
    pub(super) fn is_required(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.kind(), RuleKind::Required))
    }
}

/// An array of any length.
#[derive(Debug, Clone, Copy)]
pub struct Array {
    items: SchemaFn,
    unique: bool,
}

impl Array {
    /// An array of these elements.
    #[must_use]
    pub const fn new(items: SchemaFn) -> Self {
        Self { items, unique: false }
    }

    /// A set: an element that is given twice counts once.
    #[must_use]
    pub const fn set(items: SchemaFn) -> Self {
        Self { items, unique: true }
    }

    /// The schema of each element.
    #[must_use]
    pub const fn items(&self) -> SchemaFn {
        self.items
    }

    /// Whether it is a set.
    #[must_use]
    pub const fn is_set(&self) -> bool {
        self.unique
    }
}

/// An object with members of any name.
#[derive(Debug, Clone, Copy)]
pub struct Map {
    name: SchemaFn,
    value: SchemaFn,
}

impl Map {
    /// A map of these names and values.
    #[must_use]
    pub const fn new(name: SchemaFn, value: SchemaFn) -> Self {
        Self { name, value }
    }

    /// The schema of each name.
    #[must_use]
    pub fn name(&self) -> &'static Schema {
        (self.name)()
    }

    /// The schema of each value.
    #[must_use]
    pub fn value(&self) -> &'static Schema {
        (self.value)()
    }
}

/// An object with known members.
#[derive(Debug, Clone, Copy)]
pub struct Object {
    entries: &'static [Entry],
    deny_unknown: bool,
    hook: Option<&'static Hook>,
}

impl Object {
    /// An object with these members, in the order of the type, which ignores unknown ones.
    #[must_use]
    pub const fn new(entries: &'static [Entry]) -> Self {
        Self { entries, deny_unknown: false, hook: None }
    }

    /// Sets whether unknown members of an input are refused.
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

    /// The members, in the order of the type.
    #[must_use]
    pub const fn entries(&self) -> &'static [Entry] {
        self.entries
    }

    /// Whether unknown members of an input are refused.
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

/// Members of an object.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Entry {
    /// One member.
    Property(Property),
    /// The members of another object (or of a variant, or all that remain, for a map) at this level.
    Flatten(Field),
}

/// One member of an object.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    names: &'static [&'static str],
    field: Field,
    presence: Presence,
    may_be_skipped: bool,
}

impl Property {
    /// A required member: its name, then its aliases, which are for input only.
    #[must_use]
    pub const fn new(names: &'static [&'static str], field: Field) -> Self {
        Self { names, field, presence: Presence::Required, may_be_skipped: false }
    }

    /// The member may be missing from an input.
    #[must_use]
    pub const fn optional(self) -> Self {
        self.with_presence(Presence::Optional)
    }

    /// Sets whether the member may be missing from an input.
    #[must_use]
    pub const fn with_presence(mut self, presence: Presence) -> Self {
        self.presence = presence;
        self
    }

    /// The member may be missing from an output.
    #[must_use]
    pub const fn may_be_skipped(mut self) -> Self {
        self.may_be_skipped = true;
        self
    }

    /// The name, then the aliases.
    #[must_use]
    pub const fn names(&self) -> &'static [&'static str] {
        self.names
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }

    /// The place of the value.
    #[must_use]
    pub const fn field(&self) -> &Field {
        &self.field
    }

    /// Whether the member may be missing from an input.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        self.presence.is_optional()
    }

    /// Whether the member may be missing from an output.
    #[must_use]
    pub const fn is_skippable(&self) -> bool {
        self.may_be_skipped
    }
}

/// Decides whether a member may be missing from an input.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Presence {
    /// A missing member is a violation.
    Required,
    /// The member has a default.
    Optional,
    /// The type decides: an `Option` may be missing, also behind a type alias.
    ByType(fn() -> bool),
}

impl Presence {
    fn is_optional(self) -> bool {
        match self {
            Self::Required => false,
            Self::Optional => true,
            Self::ByType(is_optional) => is_optional(),
        }
    }
}
