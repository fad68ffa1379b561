use validator::ValidateLength;

use crate::payload::ValidationContext;
use crate::schema::{Kind, Length, Schema, SchemaFn};
use crate::violation::InputPath;

use super::RuleLabel;

/// A type with a length: texts (in characters), lists (in elements), maps (in members), and every type that implements
/// validator's `ValidateLength<u64>`.
#[diagnostic::on_unimplemented(
    message = "`length` needs a text, a list or a map, not `{Self}`",
    label = "this type has no length",
    note = "limit a number with `range(min = …, max = …)`",
    note = "for a type of your own, implement `validator::ValidateLength<u64>`"
)]
pub trait LengthLimited {
    /// Whether the length is within the limits.
    fn fits(&self, limits: Length) -> bool;
}

#[diagnostic::do_not_recommend]
impl<T: ValidateLength<u64>> LengthLimited for T {
    #[inline]
    fn fits(&self, limits: Length) -> bool {
        self.validate_length(limits.min, limits.max, limits.equal)
    }
}

/// Limits a length. The schema distinguishes characters from elements.
#[inline]
pub fn length<T: LengthLimited>(
    value: &T,
    limits: Length,
    schema: SchemaFn,
    label: RuleLabel,
    at: &InputPath<'_>,
    context: &mut ValidationContext<'_>,
) {
    if !value.fits(limits) {
        report(limits, schema(), label, at, context);
    }
}

#[cold]
fn report(
    limits: Length,
    schema: &'static Schema,
    label: RuleLabel,
    at: &InputPath<'_>,
    context: &mut ValidationContext<'_>,
) {
    let violation = limits.violation(noun(schema), label.code, at);
    context.push(match label.message {
        Some(message) => violation.with_message(message),
        None => violation,
    });
}

fn noun(schema: &'static Schema) -> &'static str {
    match schema.kind() {
        Kind::Array(_) | Kind::Tuple(_) => "element",
        Kind::Map(_) | Kind::Object(_) => "member",
        Kind::Optional(inner) => noun(inner()),
        Kind::Newtype(field) => noun(field.schema()),
        Kind::Scalar(_) | Kind::Null | Kind::Enum(_) => "character",
    }
}
