//! Makes every failure leave in one envelope, whichever component caused it.
//!
//! Four kinds of failure come out of a service, and all of them are answered in the same format:
//!
//! - A [`Problem`](crate::problem::Problem) that a handler, an extractor or a layer answered with. It is found in the
//!   response's extensions, written with the request's id and path, and sets its own status: no tuple around it
//!   makes it a 2xx, and a caching header that a tuple set for a success becomes `no-store`, unless the problem sets
//!   its own. It stays in the extensions, for the outer layers.
//! - An error response of another crate or of the service itself: axum's plain-text 404, 405, 415, or JSON that a
//!   handler wrote. Its body is replaced and gets a code that is derived from the status, unless
//!   [`pass_foreign`](crate::layer::ProblemsLayer::pass_foreign) lets it pass. Headers that describe the request stay (`Allow`,
//!   `WWW-Authenticate`, `Retry-After`, `Accept`, `Set-Cookie`); headers that describe the old body are removed.
//! - An error of the service itself, also from `poll_ready`: `Elapsed` and `Overloaded` of tower are 503s, a
//!   `LengthLimitError` is a 413, an error with a problem anywhere in its chain of sources is that problem, and any
//!   other error is a masked 500.
//! - A response body that fails after its head was sent. The response cannot be changed any more: the error passes
//!   on, so that the server cuts the body, and it is logged with the id of the request.
//!
//! 401, 407 and 426 get the header that HTTP demands if it is missing; only the router knows the methods of a 405, so
//! its `Allow` is left to the router. Every server error is one `ERROR` event with its chain of sources and the id
//! that the client got: the event of the [trace layer](super::trace) if that layer is around this one, otherwise an
//! event of the target `buttress::problem`. A response without an error costs one look at its status and extensions.
//!
//! A response that passes is framed as its status demands: 204, 205, 304 and the response to HEAD leave without
//! content, whatever the handler gave them (RFC 9110 §6.4.1). A 1xx other than 101 is not a response; it becomes a
//! masked 500.
//!
//! ```
//! use buttress::layer::ProblemsLayer;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::BodyExt;
//! use std::convert::Infallible;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let foreign = service_fn(async |_: Request<String>| {
//!     let mut response = Response::new(String::from("no route for you"));
//!     *response.status_mut() = StatusCode::NOT_FOUND;
//!     Ok::<_, Infallible>(response)
//! });
//!
//! let request = Request::get("/v1/orders?token=secret").body(String::new()).unwrap();
//! let response = ProblemsLayer::new().layer(foreign).oneshot(request).await.unwrap();
//! let body = response.into_body().collect().await.unwrap().to_bytes();
//! assert_eq!(body, r#"{"title":"Not found","status":404,"instance":"/v1/orders","code":"not-found"}"#);
//! # });
//! ```
//!
//! # A service with its own errors
//!
//! A service that adopts this layer may answer in JSON already, and its clients read that. Let that JSON pass, and
//! turn the service's errors into problems one by one; the framework's plain-text errors are problems from the first
//! day on. If the contract also fixes the status of a refusal of this crate, [`map`](crate::layer::ProblemsLayer::map) sets it:
//!
//! ```
//! use buttress::layer::ProblemsLayer;
//! use buttress::problem::ErrorStatus;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::BodyExt;
//! use std::convert::Infallible;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! let problems = ProblemsLayer::new()
//!     .pass_foreign(|_, headers| {
//!         headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
//!     })
//!     .map(|problem| match problem.status() {
//!         StatusCode::BAD_REQUEST => problem.with_status(ErrorStatus::UNPROCESSABLE_ENTITY),
//!         _ => problem,
//!     });
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let taken = service_fn(async |_: Request<String>| {
//!     let response = Response::builder().status(422).header("content-type", "application/json");
//!     Ok::<_, Infallible>(response.body(String::from(r#"{"errors":{"title":["is taken"]}}"#)).unwrap())
//! });
//! let response = problems.layer(taken).oneshot(Request::new(String::new())).await.unwrap();
//! let body = response.into_body().collect().await.unwrap().to_bytes();
//! assert_eq!(body, r#"{"errors":{"title":["is taken"]}}"#);
//! # });
//! ```
//!
//! # Settings
//!
//! The service decides the format, the base of `type`, the language of messages, and which foreign errors pass:
//!
//! ```
//! use buttress::layer::ProblemsLayer;
//! use buttress::problem::envelope::JsonApi;
//!
//! let problems = ProblemsLayer::new()
//!     .envelope(JsonApi)
//!     .type_base("https://shop.example/problems/")
//!     .pass_foreign(|_, headers| headers.get("content-type").is_some_and(|kind| kind == "application/json"))
//!     .translate(|violation, languages| match (violation.code(), languages?.starts_with("de")) {
//!         ("required", true) => Some("fehlt".to_owned()),
//!         _ => None,
//!     });
//! # let _ = problems;
//! ```

pub(crate) mod body;
mod foreign;
pub(crate) mod future;
pub(crate) mod head;
mod headers;
pub(super) mod layer;
mod once;
pub(crate) mod policy;
mod service;

pub use self::body::ProblemsBody;
pub use self::future::ProblemsFuture;

pub use self::service::ProblemsService;
