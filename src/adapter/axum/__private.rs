//! Names that the macros of [`adapter`](crate::adapter) use. Not part of the public interface.

pub use axum::body::Body;
pub use axum::extract::{FromRequest, FromRequestParts, Request};
pub use axum::http::request::Parts;
pub use axum::response::{IntoResponse, Response};

use super::path::bridge;
use crate::handler;
use crate::problem::Problem;

/// Runs an extractor of the head, which may ask for the path's parameters.
pub async fn from_parts<T, S>(parts: &mut Parts, state: &S) -> Result<T, Problem>
where
    T: handler::FromRequestParts<S>,
    S: Send + Sync,
{
    bridge(parts).await?;
    T::from_request_parts(parts, state).await
}

/// Runs an extractor of the whole request, which may ask for the path's parameters.
pub async fn from_request<T, S, M>(request: Request, state: &S) -> Result<T, Problem>
where
    T: handler::FromRequest<S, Body, M>,
    S: Send + Sync,
{
    let (mut parts, body) = request.into_parts();
    bridge(&mut parts).await?;
    T::from_request(Request::from_parts(parts, body), state).await
}

/// An argument of axum's handlers that reads the head: the bound of `#[handler(axum)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the head of a request with state `{S}`",
    label = "not an extractor in axum (or not for this state)",
    note = "extractors that take the body, such as `Json`, go last",
    note = "`State<T>` needs a state that implements `buttress::handler::Provide<T>`; `Query<T>`, `Path<T>` and `Headers<T>` a `T` that derives `serde::Deserialize` and `buttress::Payload`",
    note = "an extractor of your own needs `buttress::adapt_parts!(Type);`"
)]
pub trait HeadArgument<S> {}

#[diagnostic::do_not_recommend]
impl<T: FromRequestParts<S>, S> HeadArgument<S> for T {}

/// The last argument of axum's handlers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made from a request with state `{S}`",
    label = "not an extractor in axum (or not for this state)",
    note = "a payload needs `#[derive(serde::Deserialize, buttress::Payload)]`; `State<T>` needs a state that implements `buttress::handler::Provide<T>`",
    note = "an extractor of your own needs `buttress::adapt_parts!(Type);`, or `adapt_request!` if it takes the body"
)]
pub trait Argument<S, M> {}

#[diagnostic::do_not_recommend]
impl<T: FromRequest<S, M>, S, M> Argument<S, M> for T {}

/// A return type of axum's handlers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as a response",
    label = "a handler returns this",
    note = "return `Json<T>` of a `T` that derives `serde::Serialize`, `Created<T>`, `NoContent`, a `Response`, or `Result<_, E>` where `E` derives `buttress::Problem`",
    note = "a response of your own needs `buttress::adapt_response!(Type);`"
)]
pub trait Answer {}

#[diagnostic::do_not_recommend]
impl<T: IntoResponse> Answer for T {}
