use std::future::Future;

use http::Request;

use crate::problem::Problem;

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
}
