//! Makes every failure leave as one envelope, whoever caused it.
//!
//! Four kinds of failure come out of a service, and all of them are answered in the same format:
//!
//! - A [`Problem`](crate::problem::Problem) that a handler, an extractor or a layer answered with. It is found in the
//!   response's extensions, written with the request's id and path, and forces its own status: no tuple around it
//!   makes it a 2xx, and what a tuple said of caching a success becomes `no-store`, unless the problem says better. It
//!   stays in the extensions, for the layers further out.
//! - An error response of another crate or of the service's own: axum's plain-text 404, 405, 415, or JSON that a
//!   handler wrote. Its body is replaced and gets a code that is minted from the status, unless
//!   [`pass_foreign`](Problems::pass_foreign) lets it pass. Headers that speak of the request stay (`Allow`,
//!   `WWW-Authenticate`, `Retry-After`, `Accept`, `Set-Cookie`); those that describe the old body go.
//! - An error of the service itself, also from `poll_ready`: `Elapsed` and `Overloaded` of tower are 503s, a
//!   `LengthLimitError` is a 413, a problem anywhere in the chain of sources is that problem, and the rest is a masked
//!   500.
//! - A response body that fails after its head was sent. Nothing can be answered any more: the error passes on, so
//!   that the server cuts the body, and the log learns it with the id of the request.
//!
//! 401, 407 and 426 get the header that HTTP demands where its sender forgot it; the methods of a 405 are known to the
//! router alone, so its `Allow` is left to that. Every server error is one `ERROR` event with its chain of sources and
//! the id that the client got: the event of the [trace layer](super::trace) where that is around this one, else one of
//! the target `buttress::problem`. A response without an error costs one look at its status and extensions.
//!
//! What passes is framed as its status demands: 204, 205, 304 and the answer to HEAD leave without content, whatever
//! their handler gave them (RFC 9110 §6.4.1). A 1xx other than 101 is no answer, and a masked 500.
//!
//! ```
//! use buttress::layer::Problems;
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
//! let response = Problems::new().layer(foreign).oneshot(request).await.unwrap();
//! let body = response.into_body().collect().await.unwrap().to_bytes();
//! assert_eq!(body, r#"{"title":"Not found","status":404,"instance":"/v1/orders","code":"not-found"}"#);
//! # });
//! ```
//!
//! # A service that has errors of its own
//!
//! A service that takes up this layer may answer in JSON already, and its clients read that. Let it pass, and turn its
//! errors into problems one by one; what the framework answers in plain text is a problem from the first day on. Where
//! the contract also says which status a refusal of this crate has, [`map`](Problems::map) gives it that:
//!
//! ```
//! use buttress::layer::Problems;
//! use buttress::problem::ErrorStatus;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::BodyExt;
//! use std::convert::Infallible;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! let problems = Problems::new()
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
//! The format, the base of `type`, the language of messages, and what may pass are the service's to say:
//!
//! ```
//! use buttress::layer::Problems;
//! use buttress::problem::envelope::JsonApi;
//!
//! let problems = Problems::new()
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
mod layer;
mod once;
pub(crate) mod policy;
mod service;

pub use self::body::ProblemsBody;
pub use self::future::ProblemsFuture;
pub use self::layer::Problems;
pub use self::service::ProblemsService;
