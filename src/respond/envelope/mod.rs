//! The success envelope: `{"data": <what the handler said>, "meta": {…}}`.
//!
//! [`SuccessEnvelope`] is a layer. It wraps every success that is JSON, and streams: the body is neither buffered nor
//! parsed, a prefix goes before it and a suffix after it. `meta` has the request's id, or what you make it:
//!
//! ```
//! use buttress::handler::{Json, service};
//! use buttress::respond::SuccessEnvelope;
//! use http_body_util::BodyExt;
//! use tower::{Layer, ServiceExt};
//!
//! async fn answer() -> Json<[u8; 2]> {
//!     Json([4, 2])
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = SuccessEnvelope::new().layer(service(answer, ()));
//! let response = service.oneshot(http::Request::new(String::new())).await.unwrap();
//! assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), r#"{"data":[4,2],"meta":{}}"#);
//! # });
//! ```
//!
//! ```
//! use buttress::respond::SuccessEnvelope;
//! use serde_json::json;
//!
//! let layer = SuccessEnvelope::new().with_meta(|id, response| {
//!     json!({"request": id.map(|id| id.as_str()), "status": response.status.as_u16(), "api": "2026-11"})
//! });
//! # let _ = layer;
//! ```
//!
//! # What passes as it is
//!
//! Errors and redirects, 206, 204, 205 and 304 (the last three without content, whatever they had), what is not
//! `application/json` (so `application/problem+json` and every other `+json`), what a layer inside has compressed
//! already, and what has no body. Put it inside compression and inside the layer that gives requests their ids.
//!
//! # Lengths and validators
//!
//! `Content-Length` grows with the body, also in the answer to HEAD. Digests and `Accept-Ranges` are dropped, for they
//! spoke about other bytes. An `ETag` stays as it is: it names the state of `data`, and has to stay strong so that
//! `If-Match` can use it. As `meta` differs between two answers of one state, that is more than RFC 9110 §8.8.1 allows
//! a strong tag; with [`weak_tags`](SuccessEnvelope::weak_tags) tags are weakened, and conditional writes are no more.

mod body;
mod future;
mod layer;
mod service;
mod wrap;

pub use self::body::WrappedBody;
pub use self::future::WrappedFuture;
pub use self::layer::SuccessEnvelope;
pub use self::service::Wrapped;
