use std::borrow::Cow;

use validator::ValidationError;

use crate::payload::ValidationContext;
use crate::violation::{InputPath, Violation};

/// Reports the error of a rule function in validator's style.
///
/// The code and the message come from the attribute, or otherwise from the error. So do the parameters, except for
/// `value`, in which validator puts the input.
#[inline]
pub fn custom(
    answer: Result<(), ValidationError>,
    code: Option<&'static str>,
    message: Option<&'static str>,
    at: &InputPath<'_>,
    context: &mut ValidationContext<'_>,
) {
    if let Err(error) = answer {
        report(error, code, message, at, context);
    }
}

#[cold]
fn report(
    error: ValidationError,
    code: Option<&'static str>,
    message: Option<&'static str>,
    at: &InputPath<'_>,
    context: &mut ValidationContext<'_>,
) {
    let code = code.map_or(error.code, Cow::Borrowed);
    let message = message.map(Cow::Borrowed).or(error.message).unwrap_or(Cow::Borrowed("is not acceptable"));
    let mut params: Vec<_> = error.params.into_iter().filter(|(name, _)| name != "value").collect();
    params.sort_by(|(a, _), (b, _)| a.cmp(b));
    let violation = Violation::at(at, code, message);
    context.push(params.into_iter().fold(violation, |violation, (name, limit)| violation.with_param(name, limit)));
}
