use validator::ValidateRequired;

use crate::payload::ValidationContext;
use crate::violation::InputPath;

use super::RuleLabel;

/// A type whose values may be absent.
#[diagnostic::on_unimplemented(
    message = "`required` needs an `Option`, not `{Self}`",
    label = "this type is never absent",
    note = "a member that is no `Option` is required anyway: remove the rule"
)]
pub trait Optional {
    /// Whether the value is present.
    fn is_present(&self) -> bool;
}

#[diagnostic::do_not_recommend]
impl<T: ValidateRequired> Optional for T {
    #[inline]
    fn is_present(&self) -> bool {
        self.validate_required()
    }
}

/// Refuses `None`.
#[inline]
pub fn required<T: Optional>(value: &T, wording: RuleLabel, at: &InputPath<'_>, check: &mut ValidationContext<'_>) {
    if !value.is_present() {
        check.push(wording.violation(at, "is required"));
    }
}

/// Compares with another member of the same object.
#[inline]
pub fn must_match<T: PartialEq<U>, U>(
    value: &T,
    other: &U,
    name: &'static str,
    wording: RuleLabel,
    at: &InputPath<'_>,
    check: &mut ValidationContext<'_>,
) {
    if value != other {
        check.push(wording.violation(at, format!("must be the same as {name}")).with_param("other", name));
    }
}
