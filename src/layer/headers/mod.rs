//! Puts the security headers of an API on every response.
//!
//! The defaults follow OWASP's REST cheat sheet:
//!
//! | header | why |
//! |---|---|
//! | `X-Content-Type-Options: nosniff` | browsers do not take JSON for a script or a page |
//! | `Content-Security-Policy: frame-ancestors 'none'` | no page can frame a response to drag something out of it |
//! | `Cache-Control: no-store` on 4xx and 5xx | any cache may store 404, 405, 410 and 414 unless told otherwise (RFC 9110 §15.1), and an error is about one request |
//!
//! A header that the handler sets is never overwritten. Errors of the layers inside, panics and timeouts get the
//! headers too, so place this layer around `problems`.
//!
//! ```
//! use buttress::layer::SecurityHeadersLayer;
//! use http::{Request, Response};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = SecurityHeadersLayer::new().layer(service_fn(async |_: Request<String>| {
//!     let page = Response::builder().header("content-security-policy", "default-src 'self'");
//!     page.status(404).body(String::from("<!doctype html>"))
//! }));
//! let response = service.oneshot(Request::new(String::new())).await.unwrap();
//! assert_eq!(response.headers()["x-content-type-options"], "nosniff");
//! assert_eq!(response.headers()["content-security-policy"], "default-src 'self'");
//! assert_eq!(response.headers()["cache-control"], "no-store");
//! # });
//! ```
//!
//! HSTS is for services that are reached by TLS only, so it is off by default. Any other header can be added or left
//! out:
//!
//! ```
//! use buttress::layer::SecurityHeadersLayer;
//! use http::{HeaderValue, header};
//! use std::time::Duration;
//!
//! let headers = SecurityHeadersLayer::new()
//!     .hsts(Duration::from_secs(2 * 365 * 24 * 60 * 60))
//!     .header(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"))
//!     .without(&header::CONTENT_SECURITY_POLICY)
//!     .cacheable_errors();
//! # let _ = headers;
//! ```

mod future;
pub(super) mod layer;
mod service;

pub use self::future::SecurityHeadersFuture;
pub(crate) use self::layer::SecurityHeadersLayer;
pub use self::service::SecurityHeadersService;
