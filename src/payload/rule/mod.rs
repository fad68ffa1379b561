//! The rules that `derive(Payload)` calls, each a thin function over validator's public traits.
//!
//! A hand-written [`Payload`](super::Payload) may call them as well:
//!
//! ```
//! use buttress::payload::rule::{self, RuleLabel};
//! use buttress::payload::ValidationContext;
//! use buttress::schema::{HasSchema, Length};
//! use buttress::violation::InputPath;
//!
//! let limits = Length { min: Some(1), max: Some(3), equal: None };
//! let mut context = ValidationContext::new();
//! let label = RuleLabel::new("length");
//! rule::length(&"four".to_owned(), limits, String::schema, label, &InputPath::body(), &mut context);
//!
//! let found = context.violations().iter().next().unwrap();
//! assert_eq!((found.code(), found.message()), ("length", "must have 1 to 3 characters"));
//! ```
//!
//! A valid value costs only the comparison: nothing is allocated or written before there is a violation. An absent
//! value (`None`) obeys every rule but [`required`].

mod custom;
mod length;
mod presence;
mod range;
mod text;
mod words;

pub use self::custom::custom;
pub use self::length::{LengthLimited, length};
pub use self::presence::{IsPresent, must_match, required};
#[doc(hidden)]
pub use self::range::limit;
pub use self::range::{Range, RangeLimited, range};
pub(super) use self::text::no_null;
pub use self::text::{
    AsText, ContainsText, contains, does_not_contain, email, ip, ipv4, ipv6, non_control_character, pattern,
    pattern_source, url,
};

/// The error of a custom rule function, as validator defines it.
pub use validator::ValidationError;

// Items that the derive needs to write bounds and readers, whatever the user depends on.
#[doc(hidden)]
pub use self::words::{Failed, FailsInSilence, FailsInWords, Parsed, ParsesInSilence, ParsesInWords};
#[doc(hidden)]
pub use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny as Anything};

use std::borrow::Cow;

use crate::violation::{InputPath, Violation};

/// The code of a violation, and a message that replaces the default one.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::exhaustive_structs)]
pub struct RuleLabel {
    /// The code.
    pub code: &'static str,
    /// The message, if it is not the default one.
    pub message: Option<&'static str>,
}

impl RuleLabel {
    /// This code, with the default message.
    #[must_use]
    pub const fn new(code: &'static str) -> Self {
        Self { code, message: None }
    }

    /// The violation, with the default message unless another was given.
    #[cold]
    fn violation(self, at: &InputPath<'_>, usual: impl Into<Cow<'static, str>>) -> Violation {
        match self.message {
            Some(message) => Violation::at(at, self.code, message),
            None => Violation::at(at, self.code, usual),
        }
    }
}
