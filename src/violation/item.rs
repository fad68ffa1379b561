use std::borrow::Cow;

use serde_json::Value;

use super::{InputPath, Location};

/// One fault of an input. See the [module docs](super).
///
/// `code` names the rule in kebab-case: `required`, `unknown`, `duplicate`, `type`, `variant`, `length`, `range`,
/// `pattern`, `email`, `url`, `contains`, `match`, or a name of your own. `message` completes the sentence "this member
/// …". The code, the message and the parameters must not repeat the input.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    location: Location,
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    params: Vec<(Cow<'static, str>, Value)>,
}

impl Violation {
    /// A violation at a place that is being checked.
    #[must_use]
    pub fn at(at: &InputPath<'_>, code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(at.location(), code, message)
    }

    /// A violation at a location.
    #[must_use]
    pub fn new(location: Location, code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { location: location.named(), code: code.into(), message: message.into(), params: Vec::new() }
    }

    /// Adds a limit of the rule, such as `min`, but never the input itself. A limit that is `null` in JSON, such as a
    /// number that is not finite, is left out.
    #[must_use]
    pub fn with_param(mut self, name: impl Into<Cow<'static, str>>, limit: impl Into<Value>) -> Self {
        let limit = limit.into();
        if !limit.is_null() {
            self.params.push((name.into(), limit));
        }
        self
    }

    /// Replaces the message, for instance by a translation.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = message.into();
        self
    }

    /// Where the violation is.
    #[must_use]
    pub const fn location(&self) -> &Location {
        &self.location
    }

    /// The rule that was broken, in kebab-case.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The end of the sentence "this member …", in English unless it was replaced.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The limits of the rule, in the order in which they were added.
    #[must_use]
    pub fn params(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.params.iter().map(|(name, limit)| (name.as_ref(), limit))
    }

    /// One limit of the rule.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&Value> {
        self.params.iter().find(|(known, _)| known == name).map(|(_, limit)| limit)
    }

    /// The approximate size of the violation in a response, in bytes.
    pub(super) fn size(&self) -> usize {
        self.location.as_str().len() + self.message.len()
    }

    pub(super) fn sort_key(&self) -> (&Location, &str, &str) {
        (&self.location, &self.code, &self.message)
    }
}
