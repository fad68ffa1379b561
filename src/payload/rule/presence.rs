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
pub trait IsPresent {
    /// Whether the value is present.
    fn is_present(&self) -> bool;
}

#[diagnostic::do_not_recommend]
impl<T: ValidateRequired> IsPresent for T {
    #[inline]
    fn is_present(&self) -> bool {
        self.validate_required()
    }
}

/// Refuses `None`.
#[inline]
pub fn required<T: IsPresent>(value: &T, label: RuleLabel, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
    if !value.is_present() {
        context.push(label.violation(at, "is required"));
    }
}

/// Compares with another member of the same object.
#[inline]
pub fn must_match<T: PartialEq<U>, U>(
    value: &T,
    other: &U,
    name: &'static str,
    label: RuleLabel,
    at: &InputPath<'_>,
    context: &mut ValidationContext<'_>,
) {
    if value != other {
        context.push(label.violation(at, format!("must be the same as {name}")).with_param("other", name));
    }
}
