//! Gives every request an id.
//!
//! A valid `X-Request-Id` of the client (1 to 128 visible ASCII characters, and only one) is kept; any other is
//! replaced by a fresh UUIDv7 (RFC 9562 §5.7). The same id is then in the request's extensions as a [`RequestId`], in
//! the request's header, for handlers that forward it, and on the response, whatever the handler put there. Make this
//! the outermost layer, so that every other layer can name the request.
//!
//! ```
//! use buttress::RequestId;
//! use buttress::layer::RequestIdLayer;
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = ServiceBuilder::new().layer(RequestIdLayer::new()).service(service_fn(async |request: Request<String>| {
//!     let id = request.extensions().get::<RequestId>().unwrap().as_str().to_owned();
//!     Ok::<_, std::convert::Infallible>(Response::new(id))
//! }));
//!
//! let request = Request::get("/").header("x-request-id", "abc-1").body(String::new()).unwrap();
//! let response = service.clone().oneshot(request).await.unwrap();
//! assert_eq!((response.body().as_str(), &response.headers()["x-request-id"]), ("abc-1", &"abc-1".parse().unwrap()));
//!
//! let response = service.oneshot(Request::new(String::new())).await.unwrap();
//! assert_eq!((response.body().len(), response.headers()["x-request-id"].len()), (36, 36));
//! # });
//! ```
//!
//! At the edge of a network, ids of unknown clients may be unwelcome, and a gateway may have an id of its own to
//! offer:
//!
//! ```
//! use buttress::RequestId;
//! use buttress::layer::RequestIdLayer;
//! use http::{HeaderMap, HeaderName, Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! let layer = RequestIdLayer::new()
//!     .header(HeaderName::from_static("x-correlation-id"))
//!     .without_incoming()
//!     .maker(|headers: &HeaderMap| headers.get("cf-ray").and_then(RequestId::from_header));
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = ServiceBuilder::new().layer(layer).service(service_fn(async |_: Request<String>| {
//!     Ok::<_, std::convert::Infallible>(Response::new(()))
//! }));
//! let request = Request::get("/").header("x-correlation-id", "mine").header("cf-ray", "230b030023ae2822");
//! let response = service.oneshot(request.body(String::new()).unwrap()).await.unwrap();
//! assert_eq!(response.headers()["x-correlation-id"], "230b030023ae2822");
//! # });
//! ```
//!
//! [`RequestId`]: crate::request_id::RequestId

mod future;
pub(super) mod layer;
mod make;
mod service;

pub use self::future::RequestIdFuture;
pub(crate) use self::layer::RequestIdLayer;
pub use self::service::RequestIdService;
