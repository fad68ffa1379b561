use std::borrow::Cow;

use validator::ValidationError;

use crate::payload::Check;
use crate::violation::{At, Violation};

/// Reports what a rule function of validator's kind answered.
///
/// The code and the message are the author's: those of the attribute, else those of the error. So are the parameters,
/// but for `value`, by which validator means what was sent.
#[inline]
pub fn custom(
    answer: Result<(), ValidationError>,
    code: Option<&'static str>,
    message: Option<&'static str>,
    at: &At<'_>,
    check: &mut Check<'_>,
) {
    if let Err(error) = answer {
        report(error, code, message, at, check);
    }
}

#[cold]
fn report(
    error: ValidationError,
    code: Option<&'static str>,
    message: Option<&'static str>,
    at: &At<'_>,
    check: &mut Check<'_>,
) {
    let code = code.map_or(error.code, Cow::Borrowed);
    let message = message.map(Cow::Borrowed).or(error.message).unwrap_or(Cow::Borrowed("is not acceptable"));
    let mut params: Vec<_> = error.params.into_iter().filter(|(name, _)| name != "value").collect();
    params.sort_by(|(a, _), (b, _)| a.cmp(b));
    let violation = Violation::at(at, code, message);
    check.push(params.into_iter().fold(violation, |violation, (name, limit)| violation.with_param(name, limit)));
}
