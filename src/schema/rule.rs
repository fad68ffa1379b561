use serde_json::Value;

/// A rule of a place, with the code and the message that replace the usual ones.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    kind: RuleKind,
    code: Option<&'static str>,
    message: Option<&'static str>,
}

/// The kinds of rules. Limits and patterns are reached through functions, because they may be made at run time.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum RuleKind {
    /// Limits the number of characters, elements or members.
    Length(fn() -> Length),
    /// Limits a number.
    Range(fn() -> Bounds),
    /// Requires a match of a regular expression, in the syntax of the `regex` crate.
    Pattern(fn() -> String),
    /// Requires an e-mail address.
    Email,
    /// Requires an absolute URL.
    Url,
    /// Requires an IP address of either version.
    Ip,
    /// Requires an IP address of version 4.
    Ipv4,
    /// Requires an IP address of version 6.
    Ipv6,
    /// Refuses control characters.
    NonControlCharacter,
    /// Requires a part of a text, or a member of a map.
    Contains(fn() -> &'static str),
    /// Refuses a part of a text, or a member of a map.
    DoesNotContain(fn() -> &'static str),
    /// Refuses `null` and a missing member.
    Required,
    /// Requires the same value as the other member of this name. JSON Schema cannot express this.
    MustMatch(&'static str),
    /// A function of the service, by its path. JSON Schema cannot express this.
    Custom(&'static str),
}

impl Rule {
    /// A rule with its usual code and message.
    #[must_use]
    pub const fn new(kind: RuleKind) -> Self {
        Self { kind, code: None, message: None }
    }

    /// Replaces the code.
    #[must_use]
    pub const fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Replaces the message.
    #[must_use]
    pub const fn with_message(mut self, message: &'static str) -> Self {
        self.message = Some(message);
        self
    }

    /// The kind of the rule.
    #[must_use]
    pub const fn kind(&self) -> &RuleKind {
        &self.kind
    }

    /// The code, if it is not the usual one.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        self.code
    }

    /// The message, if it is not the usual one.
    #[must_use]
    pub const fn message(&self) -> Option<&'static str> {
        self.message
    }
}

/// Limits on a number of elements, members or characters; both ends are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::exhaustive_structs)]
pub struct Length {
    /// The number must be at least this.
    pub min: Option<u64>,
    /// The number must be at most this.
    pub max: Option<u64>,
    /// The number must be exactly this.
    pub equal: Option<u64>,
}

/// Limits on a number, as JSON: a number if JSON and its readers can hold exactly that number, otherwise its text.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(clippy::exhaustive_structs)]
pub struct Bounds {
    /// The number must be at least this.
    pub min: Option<Value>,
    /// The number must be at most this.
    pub max: Option<Value>,
    /// The number must be more than this.
    pub exclusive_min: Option<Value>,
    /// The number must be less than this.
    pub exclusive_max: Option<Value>,
}

/// One step of cleaning a text. The steps of a place run in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sanitizer {
    /// Removes control characters (Unicode's category Cc), but keeps line feeds and tabs.
    StripControl,
    /// Converts all letters to lower case, as Unicode defines it.
    Lowercase,
    /// Converts all letters to upper case, as Unicode defines it.
    Uppercase,
    /// Composes characters (Unicode's form NFC), so that texts that look the same are the same.
    Nfc,
    /// Removes white space from both ends.
    Trim,
}
