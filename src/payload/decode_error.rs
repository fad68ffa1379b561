use std::borrow::Cow;

use super::{Node, scalar};
use crate::schema::{Kind, ScalarKind, Schema};
use crate::violation::{InputPath, Violation};

/// The message for a value whose refusal cannot be explained.
pub(super) const NOT_ACCEPTABLE: &str = "is not acceptable";

/// The message for a number that its type cannot hold, or JSON cannot write.
pub(super) const TOO_LARGE: &str = "must be a number that is not so large";

/// The reason why a value was not read: a code and a message for a [`Violation`]. It never repeats the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    code: &'static str,
    message: Cow<'static, str>,
    outright: bool,
}

impl DecodeError {
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

    /// No variant has this name. The message lists `names`, which are those of all variants.
    pub(super) fn unknown_variant<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        Self::new("variant", format!("must be one of {}", names.collect::<Vec<_>>().join(", ")))
    }

    /// Explains the refusal by the schema of the type that refused, if the schema says more.
    #[doc(hidden)]
    #[must_use]
    pub fn explained_by(self, schema: Option<&'static Schema>, node: &Node<'_>) -> Self {
        match schema.map(|schema| schema.unwrapped().kind()) {
            Some(Kind::Scalar(known)) if !matches!(known.kind(), ScalarKind::Opaque(_)) => {
                scalar::refusal(known.kind(), *node)
            }
            _ => self,
        }
    }

    /// Uses the message of the attribute, or otherwise that of the conversion. A value of another kind, such as a
    /// number in place of a text, keeps the message about its kind.
    #[doc(hidden)]
    #[must_use]
    pub fn worded(self, own: Option<&'static str>, code: Option<&'static str>, message: Option<&'static str>) -> Self {
        if self.message != NOT_ACCEPTABLE {
            return self;
        }
        let words = message.or(own).map_or(self.message, Cow::Borrowed);
        Self { code: code.unwrap_or(self.code), message: words, outright: self.outright }
    }

    /// Marks a refusal that does not depend on the content of the value: the type takes no value of this kind. An
    /// object, for example, is never a text.
    pub(super) fn outright(self) -> Self {
        Self { outright: true, ..self }
    }

    pub(super) const fn is_outright(&self) -> bool {
        self.outright
    }

    /// The code, such as `type` or `variant`.
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
    pub fn at(self, at: &InputPath<'_>) -> Violation {
        Violation::at(at, self.code, self.message)
    }
}
