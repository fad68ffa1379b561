//! Makes every failure leave as one envelope, whoever caused it.
//!
//! Four kinds of failure come out of a service, and all of them are answered in the same format:
//!
//! - A [`Problem`](crate::problem::Problem) that a handler, an extractor or a layer answered with. It is found in the
//!   response's extensions, written with the request's id and path, and forces its own status: no tuple around it
//!   makes it a 2xx, and what a tuple said of caching a success becomes `no-store`, unless the problem says better. It
//!   stays in the extensions, for the layers further out.
//! - An error response of another crate: axum's plain-text 404, 405, 415. Its body is replaced and gets a code that
//!   is minted from the status. Headers that speak of the request stay (`Allow`, `WWW-Authenticate`, `Retry-After`,
//!   `Accept`, `Set-Cookie`); those that describe the old body go.
//! - An error of the service itself, also from `poll_ready`: `Elapsed` and `Overloaded` of tower are 503s, a
//!   `LengthLimitError` is a 413, a problem anywhere in the chain of sources is that problem, and the rest is a masked
//!   500.
//! - A response body that fails after its head was sent. Nothing can be answered any more: the error passes on, so
//!   that the server cuts the body, and the log learns it with the id of the request.
//!
//! 401, 407 and 426 get the header that HTTP demands where its sender forgot it; the methods of a 405 are known to the
//! router alone, so its `Allow` is left to that. Every server error is logged
//! once, with its chain of sources and the id that the client got. A response without an error costs one look at its
//! status and extensions.
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
pub(crate) mod future;
pub(crate) mod head;
mod headers;
mod layer;
pub(crate) mod policy;
mod service;

pub use self::body::ProblemsBody;
pub use self::future::ProblemsFuture;
pub use self::layer::Problems;
pub use self::service::ProblemsService;
