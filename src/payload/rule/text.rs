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
    note = "for a text type of your own, implement `buttress::payload::rule::Text`"
)]
pub trait Text {
    /// The text, if it is present.
    fn text(&self) -> Option<&str>;
}

impl Text for str {
    #[inline]
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl Text for String {
    #[inline]
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl Text for Cow<'_, str> {
    #[inline]
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl<T: Text> Text for Option<T> {
    #[inline]
    fn text(&self) -> Option<&str> {
        self.as_ref().and_then(T::text)
    }
}

impl<T: Text + ?Sized> Text for Box<T> {
    #[inline]
    fn text(&self) -> Option<&str> {
        T::text(self)
    }
}

impl<T: Text + ?Sized> Text for Rc<T> {
    #[inline]
    fn text(&self) -> Option<&str> {
        T::text(self)
    }
}

impl<T: Text + ?Sized> Text for Arc<T> {
    #[inline]
    fn text(&self) -> Option<&str> {
        T::text(self)
    }
}

/// Refuses a text that does not meet a condition.
#[inline]
fn must<T: Text + ?Sized>(
    value: &T,
    obeys: impl FnOnce(&str) -> bool,
    usual: &'static str,
    wording: RuleLabel,
    at: &InputPath<'_>,
    check: &mut ValidationContext<'_>,
) {
    if value.text().is_some_and(|text| !obeys(text)) {
        check.push(wording.violation(at, usual));
    }
}

/// Requires an e-mail address as HTML defines it (the standard of `<input type=email>`).
#[inline]
pub fn email<T: Text>(value: &T, wording: RuleLabel, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
    must(value, |text| text.validate_email(), "must be an e-mail address", wording, at, check);
}

/// Requires an absolute URL, as the URL Standard defines it.
#[inline]
pub fn url<T: Text>(value: &T, wording: RuleLabel, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
    must(value, |text| text.validate_url(), "must be a URL", wording, at, check);
}

/// Requires a text that a regular expression matches.
#[inline]
pub fn pattern<T: Text>(
    value: &T,
    regex: &impl AsRegex,
    wording: RuleLabel,
    at: &InputPath<'_>,
    check: &mut ValidationContext<'_>,
) {
    must(value, |text| text.validate_regex(regex), "must have the expected form", wording, at, check);
}

/// The source of a regular expression.
#[must_use]
pub fn pattern_source(regex: &impl AsRegex) -> String {
    regex.as_regex().as_str().to_owned()
}

/// Requires an IP address of either version.
#[inline]
pub fn ip<T: Text>(value: &T, wording: RuleLabel, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
    must(value, |text| text.parse::<IpAddr>().is_ok(), "must be an IP address", wording, at, check);
}

/// Requires an IP address of version 4.
#[inline]
pub fn ipv4<T: Text>(value: &T, wording: RuleLabel, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
    let is_v4 = |text: &str| text.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv4());
    must(value, is_v4, "must be an IPv4 address", wording, at, check);
}

/// Requires an IP address of version 6.
#[inline]
pub fn ipv6<T: Text>(value: &T, wording: RuleLabel, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
    let is_v6 = |text: &str| text.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6());
    must(value, is_v6, "must be an IPv6 address", wording, at, check);
}

/// Requires a text without control characters (Unicode's category Cc).
#[inline]
pub fn non_control_character<T: Text>(
    value: &T,
    wording: RuleLabel,
    at: &InputPath<'_>,
    check: &mut ValidationContext<'_>,
) {
    let is_plain = |text: &str| !text.chars().any(char::is_control);
    must(value, is_plain, "must not contain control characters", wording, at, check);
}

/// Refuses U+0000, which `PostgreSQL` cannot store and which ends a text in C. This applies to every text.
#[inline]
pub(in crate::payload) fn no_null(text: &str, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
    let wording = RuleLabel::new("pattern");
    must(text, |text| !text.as_bytes().contains(&0), "must not contain the character U+0000", wording, at, check);
}

/// A type that can contain a text: texts, and maps by name.
#[diagnostic::on_unimplemented(
    message = "`contains` and `does_not_contain` need a text or a map, not `{Self}`",
    label = "this type cannot contain a text",
    note = "for a type of your own, implement `validator::ValidateContains`"
)]
pub trait Contains {
    /// Whether the value contains the text, or is absent.
    fn has(&self, needle: &str) -> bool;

    /// Whether the value does not contain the text, or is absent.
    fn has_not(&self, needle: &str) -> bool;
}

#[diagnostic::do_not_recommend]
impl<T: ValidateContains> Contains for T {
    #[inline]
    fn has(&self, needle: &str) -> bool {
        self.validate_contains(needle)
    }

    #[inline]
    fn has_not(&self, needle: &str) -> bool {
        !self.validate_contains(needle)
    }
}

/// Requires a part to be present.
#[inline]
pub fn contains<T: Contains>(
    value: &T,
    needle: &'static str,
    wording: RuleLabel,
    at: &InputPath<'_>,
    check: &mut ValidationContext<'_>,
) {
    if !value.has(needle) {
        let violation = wording.violation(at, format!("must contain {needle:?}"));
        check.push(violation.with_param("contains", needle));
    }
}

/// Requires a part to be absent.
#[inline]
pub fn does_not_contain<T: Contains>(
    value: &T,
    needle: &'static str,
    wording: RuleLabel,
    at: &InputPath<'_>,
    check: &mut ValidationContext<'_>,
) {
    if !value.has_not(needle) {
        let violation = wording.violation(at, format!("must not contain {needle:?}"));
        check.push(violation.with_param("excludes", needle));
    }
}
