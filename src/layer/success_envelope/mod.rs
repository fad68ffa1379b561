//! The success envelope: `{"data": <the handler's JSON>, "meta": {…}}`.
//!
//! [`SuccessEnvelopeLayer`] wraps every success that is JSON. The body is neither buffered nor parsed: a prefix is sent
//! before it and a suffix after it. `meta` has the request's id, or a value that you make:
//!
//! ```
//! use buttress::Json;
//! use buttress::handler::service;
//! use buttress::layer::SuccessEnvelopeLayer;
//! use http_body_util::BodyExt;
//! use tower::{Layer, ServiceExt};
//!
//! async fn answer() -> Json<[u8; 2]> {
//!     Json([4, 2])
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = SuccessEnvelopeLayer::new().layer(service(answer, ()));
//! let response = service.oneshot(http::Request::new(String::new())).await.unwrap();
//! assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), r#"{"data":[4,2],"meta":{}}"#);
//! # });
//! ```
//!
//! ```
//! use buttress::layer::SuccessEnvelopeLayer;
//! use serde_json::json;
//!
//! let layer = SuccessEnvelopeLayer::new().meta(|id, response| {
//!     json!({"request": id.map(|id| id.as_str()), "status": response.status.as_u16(), "api": "2026-11"})
//! });
//! # let _ = layer;
//! ```
//!
//! # Responses that pass unchanged
//!
//! Errors and redirects, 206, 204, 205 and 304 (the last three without content, whatever they had), any type but
//! `application/json` (so `application/problem+json` and every other `+json`), responses that an inner layer has
//! compressed already, and responses without a body. Put this layer inside compression and inside the layer that
//! gives requests their ids.
//!
//! # Lengths and validators
//!
//! `Content-Length` grows with the body, also in the response to HEAD. Digests and `Accept-Ranges` are dropped, since
//! they described other bytes. An `ETag` stays unchanged: it names the state of `data`, and has to stay strong so that
//! `If-Match` can use it. RFC 9110 §8.8.1 does not allow a strong tag here, because `meta` differs between two
//! responses of one state. With [`weak_tags`](SuccessEnvelopeLayer::weak_tags) tags are weakened, and conditional
//! writes no longer work.

mod body;
mod future;
pub(super) mod layer;
mod service;
mod wrap;

pub use self::body::SuccessEnvelopeBody;
pub use self::future::SuccessEnvelopeFuture;
pub(crate) use self::layer::SuccessEnvelopeLayer;
pub use self::service::SuccessEnvelopeService;
