use validator::ValidateLength;

use crate::payload::{Check, Length, Shape};
use crate::violation::At;

use super::Wording;

/// A type with a length: texts (in characters), lists (in elements), maps (in members), and every type that implements
/// validator's `ValidateLength<u64>`.
#[diagnostic::on_unimplemented(
    message = "`length` needs a text, a list or a map, not `{Self}`",
    label = "this type has no length",
    note = "limit a number with `range(min = …, max = …)`",
    note = "for a type of your own, implement `validator::ValidateLength<u64>`"
)]
pub trait HasLength {
    /// Whether the length is within the limits.
    fn fits(&self, limits: Length) -> bool;
}

#[diagnostic::do_not_recommend]
impl<T: ValidateLength<u64>> HasLength for T {
    #[inline]
    fn fits(&self, limits: Length) -> bool {
        self.validate_length(limits.min, limits.max, limits.equal)
    }
}

/// Limits a length. The shape distinguishes characters from elements.
#[inline]
pub fn length<T: HasLength>(
    value: &T,
    limits: Length,
    shape: fn() -> Shape,
    wording: Wording,
    at: &At<'_>,
    check: &mut Check<'_>,
) {
    if !value.fits(limits) {
        report(limits, shape(), wording, at, check);
    }
}

#[cold]
fn report(limits: Length, shape: Shape, wording: Wording, at: &At<'_>, check: &mut Check<'_>) {
    let violation = limits.violation(noun(shape), wording.code, at);
    check.push(match wording.message {
        Some(message) => violation.with_message(message),
        None => violation,
    });
}

fn noun(shape: Shape) -> &'static str {
    match shape {
        Shape::List(_) | Shape::Tuple(_) => "element",
        Shape::Map(_) | Shape::Object(_) => "member",
        Shape::Optional(inner) => noun(inner()),
        Shape::Checked(slot) => noun((slot.shape)()),
        _ => "character",
    }
}
