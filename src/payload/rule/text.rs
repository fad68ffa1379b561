use std::borrow::Cow;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use validator::{AsRegex, ValidateContains, ValidateEmail, ValidateRegex, ValidateUrl};

use crate::payload::ValidationContext;
use crate::violation::InputPath;

use super::RuleLabel;

/// A text, or an optional one; implement it for a text type of your own.
#[diagnostic::on_unimplemented(
    message = "this rule needs a text, not `{Self}`",
    label = "this type is no text",
    note = "`email`, `url`, `regex`, `ip` and `non_control_character` go with `String`, `Option<String>` and their like",
    note = "for a text type of your own, implement `buttress::payload::rule::AsText`"
)]
pub trait AsText {
    /// The text, if it is present.
    fn text(&self) -> Option<&str>;
}

impl AsText for str {
    #[inline]
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl AsText for String {
    #[inline]
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl AsText for Cow<'_, str> {
    #[inline]
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl<T: AsText> AsText for Option<T> {
    #[inline]
    fn text(&self) -> Option<&str> {
        self.as_ref().and_then(T::text)
    }
}

impl<T: AsText + ?Sized> AsText for Box<T> {
    #[inline]
    fn text(&self) -> Option<&str> {
        T::text(self)
    }
}

impl<T: AsText + ?Sized> AsText for Rc<T> {
    #[inline]
    fn text(&self) -> Option<&str> {
        T::text(self)
    }
}

impl<T: AsText + ?Sized> AsText for Arc<T> {
    #[inline]
    fn text(&self) -> Option<&str> {
        T::text(self)
    }
}

/// Refuses a text that does not meet a condition.
#[inline]
fn must<T: AsText + ?Sized>(
    value: &T,
    obeys: impl FnOnce(&str) -> bool,
    usual: &'static str,
    label: RuleLabel,
    at: &InputPath<'_>,
    context: &mut ValidationContext<'_>,
) {
    if value.text().is_some_and(|text| !obeys(text)) {
        context.push(label.violation(at, usual));
    }
}

/// Requires an e-mail address as HTML defines it (the standard of `<input type=email>`).
#[inline]
pub fn email<T: AsText>(value: &T, label: RuleLabel, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
    must(value, |text| text.validate_email(), "must be an e-mail address", label, at, context);
}

/// Requires an absolute URL, as the URL Standard defines it.
#[inline]
pub fn url<T: AsText>(value: &T, label: RuleLabel, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
    must(value, |text| text.validate_url(), "must be a URL", label, at, context);
}

/// Requires a text that a regular expression matches.
#[inline]
pub fn pattern<T: AsText>(
    value: &T,
    regex: &impl AsRegex,
    label: RuleLabel,
    at: &InputPath<'_>,
    context: &mut ValidationContext<'_>,
) {
    must(value, |text| text.validate_regex(regex), "must have the expected form", label, at, context);
}

/// The source of a regular expression.
#[must_use]
pub fn pattern_source(regex: &impl AsRegex) -> String {
    regex.as_regex().as_str().to_owned()
}

/// Requires an IP address of either version.
#[inline]
pub fn ip<T: AsText>(value: &T, label: RuleLabel, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
    must(value, |text| text.parse::<IpAddr>().is_ok(), "must be an IP address", label, at, context);
}

/// Requires an IP address of version 4.
#[inline]
pub fn ipv4<T: AsText>(value: &T, label: RuleLabel, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
    let is_v4 = |text: &str| text.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv4());
    must(value, is_v4, "must be an IPv4 address", label, at, context);
}

/// Requires an IP address of version 6.
#[inline]
pub fn ipv6<T: AsText>(value: &T, label: RuleLabel, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
    let is_v6 = |text: &str| text.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6());
    must(value, is_v6, "must be an IPv6 address", label, at, context);
}

/// Requires a text without control characters (Unicode's category Cc).
#[inline]
pub fn non_control_character<T: AsText>(
    value: &T,
    label: RuleLabel,
    at: &InputPath<'_>,
    context: &mut ValidationContext<'_>,
) {
    let is_plain = |text: &str| !text.chars().any(char::is_control);
    must(value, is_plain, "must not contain control characters", label, at, context);
}

/// Refuses U+0000, which `PostgreSQL` cannot store and which ends a text in C. This applies to every text.
#[inline]
pub(in crate::payload) fn no_null(text: &str, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
    let label = RuleLabel::new("pattern");
    must(text, |text| !text.as_bytes().contains(&0), "must not contain the character U+0000", label, at, context);
}

/// A type that can contain a text: texts, and maps by name.
#[diagnostic::on_unimplemented(
    message = "`contains` and `does_not_contain` need a text or a map, not `{Self}`",
    label = "this type cannot contain a text",
    note = "for a type of your own, implement `validator::ValidateContains`"
)]
pub trait ContainsText {
    /// Whether the value contains the text, or is absent.
    fn has(&self, needle: &str) -> bool;
}

#[diagnostic::do_not_recommend]
impl<T: ValidateContains> ContainsText for T {
    #[inline]
    fn has(&self, needle: &str) -> bool {
        self.validate_contains(needle)
    }
}

/// Requires a part to be present.
#[inline]
pub fn contains<T: ContainsText>(
    value: &T,
    needle: &'static str,
    label: RuleLabel,
    at: &InputPath<'_>,
    context: &mut ValidationContext<'_>,
) {
    if !value.has(needle) {
        let violation = label.violation(at, format!("must contain {needle:?}"));
        context.push(violation.with_param("contains", needle));
    }
}

/// Requires a part to be absent.
#[inline]
pub fn does_not_contain<T: ContainsText>(
    value: &T,
    needle: &'static str,
    label: RuleLabel,
    at: &InputPath<'_>,
    context: &mut ValidationContext<'_>,
) {
    if value.has(needle) {
        let violation = label.violation(at, format!("must not contain {needle:?}"));
        context.push(violation.with_param("excludes", needle));
    }
}
