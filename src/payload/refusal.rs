use std::borrow::Cow;

use super::explain::NOT_ACCEPTABLE;
use crate::violation::{At, Violation};

/// The reason why a value was not read: a code and a message for a [`Violation`]. It never repeats the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    code: &'static str,
    message: Cow<'static, str>,
    outright: bool,
}

impl Refusal {
    /// A refusal with a custom code.
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), outright: false }
    }

    /// The value is of another type. The message completes "this member …".
    #[must_use]
    pub fn of_type(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("type", message)
    }

    /// A refusal that says only that the value is not acceptable.
    #[doc(hidden)]
    #[must_use]
    pub const fn unexplained() -> Self {
        Self { code: "type", message: Cow::Borrowed(NOT_ACCEPTABLE), outright: false }
    }

    /// Uses the message of the attribute, or otherwise that of the conversion. A value of another kind, such as a
    /// number in place of a text, is refused for its kind.
    #[doc(hidden)]
    #[must_use]
    pub fn worded(self, own: Option<&'static str>, code: Option<&'static str>, message: Option<&'static str>) -> Self {
        if self.message != NOT_ACCEPTABLE {
            return self;
        }
        let words = message.or(own).map_or(self.message, Cow::Borrowed);
        Self { code: code.unwrap_or(self.code), message: words, outright: self.outright }
    }

    /// Whatever is inside, the type takes no value of this kind: an object, for example, is never a text.
    pub(super) fn outright(self) -> Self {
        Self { outright: true, ..self }
    }

    pub(super) const fn is_outright(&self) -> bool {
        self.outright
    }

    /// The code: `type` or `variant`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The expected value, as the end of the sentence "this member …".
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Turns the refusal into a violation at a place.
    #[must_use]
    pub fn at(self, at: &At<'_>) -> Violation {
        Violation::at(at, self.code, self.message)
    }
}
