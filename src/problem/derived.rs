//! Functions that the code of `#[derive(Problem)]` calls. Code that people write does not use them.

use std::error::Error;
use std::fmt::Display;

use http::{HeaderName, HeaderValue};

pub use serde::Serialize;

use super::inner::TARGET;
use super::{ErrorStatus, Problem, ProblemType, catalogue};

/// An error that can be kept behind a problem.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept behind a problem",
    label = "this is no error, or cannot go to another thread",
    note = "add `#[derive(Debug, thiserror::Error)]` to `{Self}`, with `#[error(\"…\")]`; each of its fields is `Send + Sync + 'static`"
)]
pub trait Cause: Error + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<E: Error + Send + Sync + 'static> Cause for E {}

/// The status, which the derive has already checked.
#[must_use]
pub const fn status(code: u16) -> ErrorStatus {
    match ErrorStatus::from_u16(code) {
        Some(status) => status,
        None => ErrorStatus::INTERNAL_SERVER_ERROR,
    }
}

/// The type of the status: a server error without a code shows this, so that no name of a variant leaks. A title from
/// the attribute stays.
#[must_use]
pub const fn plain(code: u16, title: Option<&'static str>) -> ProblemType {
    let kind = catalogue::for_status(status(code).get());
    match title {
        Some(title) => kind.with_title(title),
        None => kind,
    }
}

/// A problem of a type, with the name that the error has in the service's source.
#[must_use]
pub fn problem(kind: ProblemType, variant: &'static str) -> Problem {
    Problem::of(kind).with_variant(variant)
}

/// Keeps the typed error behind the problem.
#[must_use]
pub fn caused_by(problem: Problem, error: impl Cause) -> Problem {
    problem.caused_by(error)
}

/// Adds a header. A value that no header can hold is left out and logged as a warning.
#[must_use]
pub fn header(problem: Problem, name: &'static str, value: impl Display) -> Problem {
    match HeaderValue::try_from(value.to_string()) {
        Ok(value) => problem.with_header(HeaderName::from_static(name), value),
        Err(_) => {
            tracing::warn!(target: TARGET, code = problem.code(), header = name, "a problem header was left out");
            problem
        }
    }
}
