//! What the macros of [`adapter`](crate::adapter) name. No part of the public interface.

pub use axum::body::Body;
pub use axum::extract::{FromRequest, FromRequestParts, Request};
pub use axum::http::request::Parts;
pub use axum::response::{IntoResponse, Response};

use super::path::bridge;
use crate::exchange;
use crate::problem::Problem;

/// Runs an extractor of the head, which may ask for the path's parameters.
pub async fn from_parts<T, S>(parts: &mut Parts, state: &S) -> Result<T, Problem>
where
    T: exchange::FromRequestParts<S>,
    S: Send + Sync,
{
    bridge(parts).await?;
    T::from_request_parts(parts, state).await
}

/// Runs an extractor of the whole request, which may ask for the path's parameters.
pub async fn from_request<T, S, M>(request: Request, state: &S) -> Result<T, Problem>
where
    T: exchange::FromRequest<S, Body, M>,
    S: Send + Sync,
{
    let (mut parts, body) = request.into_parts();
    bridge(&mut parts).await?;
    T::from_request(Request::from_parts(parts, body), state).await
}
