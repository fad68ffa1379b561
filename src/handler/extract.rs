use std::future::Future;

use http::Request;

use crate::problem::{Problem, catalogue};
use crate::violation::Violations;

/// A list of arguments that can be made from one request: extractors of the head, then one that may take the body.
#[diagnostic::on_unimplemented(
    message = "the arguments `{Self}` cannot be extracted from a request with state `{S}`",
    label = "not a list of extractors",
    note = "every argument but the last reads the head (`FromRequestParts`); the last may take the body (`FromRequest`)"
)]
pub trait Extract<S, B, M>: Sized {
    /// Makes the arguments, from left to right.
    ///
    /// # Errors
    ///
    /// The problem of the first argument that could not be made.
    fn extract(request: Request<B>, state: &S) -> impl Future<Output = Result<Self, Problem>> + Send;

    /// Makes the arguments. If some are not acceptable, it continues, and reports the faults of all of them.
    ///
    /// # Errors
    ///
    /// The first problem that is not about an input's content, such as a 401 or a 415. Otherwise `invalid-input`,
    /// with the violations of every argument.
    fn extract_all(request: Request<B>, state: &S) -> impl Future<Output = Result<Self, Problem>> + Send;
}

/// Collects the violations of one argument; returns any other problem.
pub(super) fn keep<T>(outcome: Result<T, Problem>, found: &mut Violations) -> Result<Option<T>, Problem> {
    match outcome {
        Ok(argument) => Ok(Some(argument)),
        Err(problem) if *problem.kind() == catalogue::INVALID_INPUT => {
            found.append(problem.violations().clone());
            Ok(None)
        }
        Err(problem) => Err(problem),
    }
}
