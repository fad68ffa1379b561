use std::borrow::Cow;

use super::explain::NOT_ACCEPTABLE;
use crate::violation::{At, Violation};

/// Why a value was not read: a code and a message for a [`Violation`]. It never holds what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    code: &'static str,
    message: Cow<'static, str>,
    outright: bool,
}

impl Refusal {
    /// A refusal with a code of its own.
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), outright: false }
    }

    /// The value is of another type. The message completes "this member …".
    #[must_use]
    pub fn of_type(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("type", message)
    }

    /// Nothing can be said but that the value is not acceptable.
    #[doc(hidden)]
    #[must_use]
    pub const fn unexplained() -> Self {
        Self { code: "type", message: Cow::Borrowed(NOT_ACCEPTABLE), outright: false }
    }

    /// Says it in the words of the author, or else in those of the conversion. A value of another kind, such as a number
    /// where a text belongs, is refused as one.
    #[doc(hidden)]
    #[must_use]
    pub fn worded(self, own: Option<&'static str>, code: Option<&'static str>, message: Option<&'static str>) -> Self {
        if self.message != NOT_ACCEPTABLE {
            return self;
        }
        let words = message.or(own).map_or(self.message, Cow::Borrowed);
        Self { code: code.unwrap_or(self.code), message: words, outright: self.outright }
    }

    /// Whatever lies inside, the type takes no value of this kind: no object is ever a text.
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

    /// What the value must be, as the end of the sentence "this member …".
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The violation that this is at a place.
    #[must_use]
    pub fn at(self, at: &At<'_>) -> Violation {
        Violation::at(at, self.code, self.message)
    }
}
