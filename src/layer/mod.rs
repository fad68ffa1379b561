//! The layers around a handler, each usable alone.
//!
//! | layer | effect |
//! |---|---|
//! | [`request_id`] | every request has an id, which the client and the log see |
//! | [`trace`] | one span and one event for each request; the W3C trace context is propagated |
//! | [`headers`] | every response has the security headers of an API |
//! | [`problems`] | every failure leaves in one envelope, whichever component caused it |
//! | [`catch_panic`] | a panic is a 500, and its payload stays private |
//! | [`timeout`] | a slow handler is a 503, a slow upload a 408 |
//! | [`body_limit`] | a body that is too large is a 413 |
//! | [`query_count`] | the database statements of each request are counted |
//! | [`success_envelope`] | every JSON success is wrapped as `{"data": …, "meta": {…}}` |
//! | [`send_timeout`] | a response that its client does not take ends with its connection |
//!
//! The layers depend on no framework: they wrap any `tower::Service` of [`http::Request`] and [`http::Response`], box
//! nothing that passes through, and clone without allocating. Each reports a failure as a
//! [`Problem`](crate::problem::Problem); around them, [`ProblemsLayer`] writes all problems, and the errors of other
//! crates, in the service's own format.
//!
//! # Order
//!
//! From the outside in: request id, trace, headers, problems, catch panic, concurrency, timeout, body limit, query
//! count, then the handler. The success envelope goes directly around the handlers whose answers it wraps. The send
//! timeout belongs to the server, around all other layers. Only the layers around a layer see its failures, so
//! `problems` goes around everything that can fail, and a layer that must change every response goes around `problems`.
//!
//! ```
//! use buttress::layer::{BodyLimitLayer, CatchPanicLayer, ProblemsLayer, TimeoutLayer};
//! use http::{Request, Response};
//! use std::{convert::Infallible, time::Duration};
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = ServiceBuilder::new()
//!     .layer(ProblemsLayer::new())
//!     .layer(CatchPanicLayer::new())
//!     .layer(TimeoutLayer::new(Duration::from_secs(10)))
//!     .layer(BodyLimitLayer::new(1 << 20))
//!     .service_fn(async |_| Err::<Response<String>, _>(std::io::Error::other("disk on fire")));
//!
//! let response: Response<_> = service.oneshot(Request::new(String::new())).await.unwrap_or_else(|never: Infallible| match never {});
//! assert_eq!(response.status(), 500);
//! assert_eq!(response.headers()["content-type"], "application/problem+json");
//! # });
//! ```
//!
//! # Concurrency
//!
//! tower limits how many requests run at once. With its load shed around its concurrency limit, a request that would
//! have to wait fails immediately. [`ProblemsLayer`] turns that into a 503 `overloaded` that says when to come back:
//!
//! ```
//! use buttress::layer::ProblemsLayer;
//! use http::{Request, Response};
//! use std::{convert::Infallible, time::Duration};
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = ServiceBuilder::new()
//!     .layer(ProblemsLayer::new().retry_after(Duration::from_secs(5)))
//!     .load_shed()
//!     .concurrency_limit(0) // busy for ever
//!     .service_fn(async |_| Ok::<_, Infallible>(Response::new(String::new())));
//!
//! let response = service.oneshot(Request::new(String::new())).await.unwrap();
//! assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &"5".parse().unwrap()));
//! # });
//! ```
//!
//! Each call of `concurrency_limit` makes a limit of its own. axum's `Router::layer` wraps each route separately, so
//! there the limit is per route; for one limit around all routes use tower's `GlobalConcurrencyLimitLayer`.
//!
//! # Other people's layers
//!
//! | layer | where | why |
//! |---|---|---|
//! | CORS | outermost, around `request_id` and around [`stack`](crate::stack) | a browser hides a response without the CORS headers from the page, also a 413, 408, 503 or 500 of these layers. Expose `x-request-id` |
//! | compression | around `request_id`, inside CORS | it changes bodies and their headers, which `problems` and the success envelope must have written |
//! | rate limit | inside `problems`, outside `catch_panic` | its 429 becomes a problem, keeps its `Retry-After`, and is logged; it comes before all work |
//! | authentication | inside `body_limit`, right around the handlers | its 401 becomes a problem, and its panics, its time and its reads are limited |
//!
//! With [`stack`](crate::stack), everything inside the stack is inside these layers. The bodies of the layers
//! implement `Default`, which CORS needs to answer a preflight:
//!
//! ```
//! use buttress::layer::{CatchPanicLayer, ProblemsLayer, RequestIdLayer};
//! use http::{HeaderName, Request, Response};
//! use std::convert::Infallible;
//! use tower::{ServiceBuilder, ServiceExt};
//! use tower_http::cors::{Any, CorsLayer};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let cors = CorsLayer::new().allow_origin(Any).expose_headers([HeaderName::from_static("x-request-id")]);
//! let service = ServiceBuilder::new()
//!     .layer(cors)
//!     .layer(RequestIdLayer::new())
//!     .layer(ProblemsLayer::new())
//!     .layer(CatchPanicLayer::new())
//!     .service_fn(async |_| -> Result<Response<String>, Infallible> { panic!("boom") });
//!
//! let response = service.oneshot(Request::new(String::new())).await.unwrap();
//! assert_eq!(response.status(), 500);
//! assert_eq!(response.headers()["access-control-allow-origin"], "*");
//! # });
//! ```

pub mod body_limit;
pub mod catch_panic;
mod close;
pub mod headers;
pub mod problems;
pub mod query_count;
mod random;
mod reported;
pub mod request_id;
pub mod send_timeout;
pub mod success_envelope;
pub mod timeout;
pub mod trace;
pub(crate) mod upload;

#[doc(inline)]
pub use self::body_limit::layer::BodyLimitLayer;
#[doc(inline)]
pub use self::catch_panic::layer::CatchPanicLayer;
use self::close::close;
#[doc(inline)]
pub use self::headers::layer::SecurityHeadersLayer;
#[doc(inline)]
pub use self::problems::layer::ProblemsLayer;
#[doc(inline)]
pub use self::query_count::layer::QueryCountLayer;
#[doc(inline)]
pub use self::request_id::layer::RequestIdLayer;
#[doc(inline)]
pub use self::send_timeout::layer::SendTimeoutLayer;
#[doc(inline)]
pub use self::success_envelope::layer::SuccessEnvelopeLayer;
#[doc(inline)]
pub use self::timeout::layer::TimeoutLayer;
#[doc(inline)]
pub use self::trace::layer::TraceLayer;
