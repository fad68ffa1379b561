//! Limits the size of request bodies: 413 `content-too-large`.
//!
//! A request that declares too much with `Content-Length` is refused before its handler runs; a client that sent
//! `Expect: 100-continue` is then never told to continue. A body of unknown length fails while it is read, with a
//! [`LengthLimitError`], which every extractor of axum and of this crate answers with the same 413. Another reader,
//! such as axum's `Multipart`, may take this error for a failure of the service and answer with a 5xx. Unless that is a
//! problem, the layer replaces it: with a 413 if the limit was exceeded, with a 400 `incomplete-body` if the client
//! broke off. On HTTP/1 the answer says `Connection: close`, because the rest of the body is not read. If a router
//! inside the layer should answer first (with a 404 or a 401, however large the body), let the limit apply
//! [when the body is read](BodyLimitLayer::when_read).
//!
//! ```
//! use buttress::layer::BodyLimitLayer;
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let handler = service_fn(async |_| Ok::<_, std::convert::Infallible>(Response::new(String::new())));
//! let service = BodyLimitLayer::new(10).layer(handler);
//!
//! let request = Request::post("/").body(Full::new(Bytes::from_static(b"four score and seven"))).unwrap();
//! assert_eq!(service.oneshot(request).await.unwrap().status(), 413);
//! # });
//! ```
//!
//! A custom handler turns the error of a body into a problem with [`BodyError`]:
//!
//! ```
//! use buttress::body::Body;
//! use buttress::handler::{BodyError, IntoResponse, Response};
//! use buttress::layer::BodyLimitLayer;
//! use buttress::layer::body_limit::BodyLimitBody;
//! use bytes::Bytes;
//! use http::Request;
//! use http_body::Frame;
//! use http_body_util::{BodyExt, StreamBody};
//! use std::convert::Infallible;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! async fn echo(request: Request<BodyLimitBody<Body>>) -> Result<Response, Infallible> {
//!     Ok(match request.into_body().collect().await {
//!         Ok(content) => content.to_bytes().into_response(),
//!         Err(error) => BodyError::new(error).into_response(),
//!     })
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = BodyLimitLayer::new(10).layer(service_fn(echo));
//! let chunks = ["four ", "score ", "and seven"].map(|chunk| Ok::<_, Infallible>(Frame::data(Bytes::from(chunk))));
//! let body = Body::boxed(StreamBody::new(futures_util::stream::iter(chunks)));
//! assert_eq!(service.oneshot(Request::new(body)).await.unwrap().status(), 413);
//! # });
//! ```
//!
//! Extractors of this crate use the limit as their [`MaxBodySize`]; axum's own keep their `DefaultBodyLimit` of 2 MB
//! as well. An inner limit cannot raise an outer one: put the routes that accept more into a group of their own.
//!
//! [`LengthLimitError`]: http_body_util::LengthLimitError
//! [`MaxBodySize`]: crate::handler::MaxBodySize
//! [`BodyError`]: crate::handler::BodyError

mod body;
pub(crate) mod decide;
mod future;
pub(super) mod layer;
mod service;

pub use self::body::BodyLimitBody;
pub use self::future::BodyLimitFuture;
pub(crate) use self::layer::BodyLimitLayer;
pub use self::service::BodyLimitService;
