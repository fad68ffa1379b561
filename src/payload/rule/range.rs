use std::fmt::{Display, Write};

use serde_json::{Number, Value};
use validator::ValidateRange;

use crate::payload::ValidationContext;
use crate::violation::InputPath;

use super::RuleLabel;

/// The limits of [`range`].
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::exhaustive_structs)]
pub struct Range<N> {
    /// The value must be at least this.
    pub min: Option<N>,
    /// The value must be at most this.
    pub max: Option<N>,
    /// The value must be more than this.
    pub exclusive_min: Option<N>,
    /// The value must be less than this.
    pub exclusive_max: Option<N>,
}

/// A type that can be compared with limits of type `N`: numbers, and every type that implements validator's
/// `ValidateRange`.
#[diagnostic::on_unimplemented(
    message = "`range` needs a number whose limits are of the same type, and `{Self}` is none for `{N}`",
    label = "this type cannot be compared with the limits",
    note = "limit a text or a list with `length(min = …, max = …)`",
    note = "write the limits of a float with a point: `range(min = 0.0)`",
    note = "for a type of your own, implement `validator::ValidateRangeType`"
)]
pub trait RangeLimited<N> {
    /// Whether the value is within the limits.
    fn fits(&self, limits: Range<N>) -> bool;
}

#[diagnostic::do_not_recommend]
impl<N, T: ValidateRange<N>> RangeLimited<N> for T {
    #[inline]
    fn fits(&self, limits: Range<N>) -> bool {
        self.validate_range(limits.min, limits.max, limits.exclusive_min, limits.exclusive_max)
    }
}

/// Limits a number.
#[inline]
pub fn range<T, N>(
    value: &T,
    limits: &Range<N>,
    label: RuleLabel,
    at: &InputPath<'_>,
    context: &mut ValidationContext<'_>,
) where
    T: RangeLimited<N>,
    N: Clone + Display,
{
    if !value.fits(limits.clone()) {
        report(&limits.shown(), label, at, context);
    }
}

/// A limit as JSON, for a schema.
#[doc(hidden)]
#[must_use]
pub fn limit(limit: impl Display) -> Value {
    number(&limit.to_string())
}

impl<N: Display> Range<N> {
    fn shown(&self) -> Range<&dyn Display> {
        let shown = |limit| Option::map(limit, |limit: &N| limit as &dyn Display);
        Range {
            min: shown(self.min.as_ref()),
            max: shown(self.max.as_ref()),
            exclusive_min: shown(self.exclusive_min.as_ref()),
            exclusive_max: shown(self.exclusive_max.as_ref()),
        }
    }
}

#[cold]
fn report(limits: &Range<&dyn Display>, label: RuleLabel, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
    let mut violation = label.violation(at, limits.message());
    let all = [
        ("min", limits.min),
        ("max", limits.max),
        ("exclusive_min", limits.exclusive_min),
        ("exclusive_max", limits.exclusive_max),
    ];
    let mut text = String::new();
    for (name, limit) in all.into_iter().filter_map(|(name, limit)| Some((name, limit?))) {
        text.clear();
        // Writing to a String cannot fail.
        let _ = write!(text, "{limit}");
        violation = violation.with_param(name, number(&text));
    }
    context.push(violation);
}

impl<D: Display> Range<D> {
    fn message(&self) -> String {
        if let (Some(min), Some(max)) = (&self.min, &self.max) {
            return format!("must be between {min} and {max}");
        }
        let mut text = String::from("must be ");
        let parts = [
            ("at least", &self.min),
            ("greater than", &self.exclusive_min),
            ("at most", &self.max),
            ("less than", &self.exclusive_max),
        ];
        let given = parts.into_iter().filter_map(|(words, limit)| limit.as_ref().map(|limit| (words, limit)));
        for (i, (words, limit)) in given.enumerate() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{}{words} {limit}", if i > 0 { " and " } else { "" });
        }
        text
    }
}

/// A limit as JSON: a number if JSON and its readers can hold exactly that number, otherwise its text.
fn number(text: &str) -> Value {
    if let Ok(integer) = text.parse::<i64>() {
        return integer.into();
    }
    if let Ok(integer) = text.parse::<u64>() {
        return integer.into();
    }
    let exact = text.parse().ok().filter(|float: &f64| float.to_string() == text);
    exact.and_then(Number::from_f64).map_or_else(|| text.into(), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_stays_what_it_is() {
        let max = u128::MAX.to_string();
        for (text, json) in [
            ("-1", "-1".to_owned()),
            ("18446744073709551615", "18446744073709551615".to_owned()),
            (max.as_str(), format!("\"{max}\"")),
            ("0.1", "0.1".to_owned()),
            ("NaN", "\"NaN\"".to_owned()),
            ("inf", "\"inf\"".to_owned()),
        ] {
            assert_eq!(number(text).to_string(), json);
        }
        assert_eq!(number(&0.1_f32.to_string()).to_string(), "0.1");
    }

    #[test]
    fn limits_are_told_in_words() {
        let limits = |min, above, max, below| Range { min, max, exclusive_min: above, exclusive_max: below };
        let one = Some("1");
        assert_eq!(limits(one, None, Some("9"), None).message(), "must be between 1 and 9");
        assert_eq!(limits(one, None, None, None).message(), "must be at least 1");
        assert_eq!(limits(None, one, None, Some("9")).message(), "must be greater than 1 and less than 9");
        assert_eq!(limits(one, None, None, Some("9")).message(), "must be at least 1 and less than 9");
    }
}
