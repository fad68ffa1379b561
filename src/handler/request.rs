use std::future::Future;

use bytes::Bytes;
use http::request::Parts;
use http::{Extensions, HeaderMap, Method, Request, Uri, Version};

use crate::body::BoxError;
use crate::problem::Problem;

/// A request body of any origin. It is implemented for every type that fits, and only shortens bounds.
pub trait RequestBody: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static {}

impl<B> RequestBody for B where B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static {}

/// Types that distinguish extractors of the head alone from extractors of the whole request.
pub mod via {
    /// Reads the head.
    #[derive(Debug)]
    #[allow(clippy::exhaustive_enums)]
    pub enum Parts {}

    /// Takes the whole request.
    #[derive(Debug)]
    #[allow(clippy::exhaustive_enums)]
    pub enum Request {}
}

/// A type that can be read from the head of a request. See the [module docs](super) for a custom extractor.
///
/// Implement it with an `async fn`. For axum, add `buttress::adapt_parts!(Type);`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the head of a request with state `{S}`",
    label = "not an extractor (or not for this state)",
    note = "extractors that take the body, such as `Json`, go last",
    note = "`State<T>` needs a state that implements `buttress::handler::Provide<T>`"
)]
pub trait FromRequestParts<S>: Sized {
    /// Reads the value.
    ///
    /// # Errors
    ///
    /// The client's mistake, as a problem.
    fn from_request_parts(parts: &mut Parts, state: &S) -> impl Future<Output = Result<Self, Problem>> + Send;
}

/// A type that can be made from a whole request. Every type that is read from the head alone qualifies, too.
///
/// Implement it with an `async fn`, and for the default `M`. For axum, add `buttress::adapt_request!(Type);`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made from a request with state `{S}` and body `{B}`",
    label = "not an extractor (or not for this state)",
    note = "a payload needs `#[derive(serde::Deserialize, buttress::Payload)]`; `State<T>` needs a state that implements `buttress::handler::Provide<T>`"
)]
pub trait FromRequest<S, B, M = via::Request>: Sized {
    /// Makes the value.
    ///
    /// # Errors
    ///
    /// The client's mistake, as a problem.
    fn from_request(request: Request<B>, state: &S) -> impl Future<Output = Result<Self, Problem>> + Send;
}

#[diagnostic::do_not_recommend]
impl<S: Sync, B: Send, T: FromRequestParts<S>> FromRequest<S, B, via::Parts> for T {
    fn from_request(request: Request<B>, state: &S) -> impl Future<Output = Result<Self, Problem>> + Send {
        let (mut parts, _) = request.into_parts();
        async move { T::from_request_parts(&mut parts, state).await }
    }
}

impl<S: Sync, B: Send> FromRequest<S, B> for Request<B> {
    async fn from_request(request: Request<B>, _: &S) -> Result<Self, Problem> {
        Ok(request)
    }
}

/// An extractor that may fail while the request goes on: the handler gets its problem.
impl<S: Sync, T: FromRequestParts<S>> FromRequestParts<S> for Result<T, Problem> {
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(T::from_request_parts(parts, state).await)
    }
}

macro_rules! copied_from_the_head {
    ($($type:ty = $field:ident;)*) => {$(
        impl<S: Sync> FromRequestParts<S> for $type {
            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
                Ok(parts.$field.clone())
            }
        }
    )*};
}

copied_from_the_head! {
    Method = method;
    Uri = uri;
    Version = version;
    HeaderMap = headers;
    Extensions = extensions;
}
