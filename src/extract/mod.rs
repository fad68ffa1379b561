//! Extractors: the arguments of handlers.
//!
//! | extractor | reads |
//! |---|---|
//! | [`Json`], [`Form`] | the body, into a type with rules |
//! | [`MergePatch`] | the body, as changes to a type with rules |
//! | [`RawBody`] | the body as it came |
//! | [`Query`], [`Path`], [`Headers`] | the head, into a type with rules |
//! | [`Input`] | several of these, and reports everything that is wrong with a request at once |
//! | [`Unchecked`] | any of these into a type without rules |
//! | [`State`], [`RequestId`](crate::RequestId), `Method`, `Uri`, `HeaderMap`, … | the value that it is named after |
//!
//! Checking is the default: the type of an input is a [`Payload`], and every value that reaches the handler keeps its
//! rules. The exception has a name that can be searched for: [`Unchecked`].
//!
//! ```
//! # #[cfg(feature = "derive")] mod example {
//! use buttress::extract::Query;
//! use buttress::handler::service;
//! use buttress::{Json, Payload};
//! use http::Request;
//! use serde::Deserialize;
//! use tower::ServiceExt;
//!
//! #[derive(Deserialize, Payload)]
//! struct Order {
//!     #[validate(length(min = 1, max = 64))]
//!     customer: String,
//!     #[validate(range(min = 1, max = 999))]
//!     quantity: u32,
//! }
//!
//! #[derive(Deserialize, Payload)]
//! struct Options {
//!     dry_run: Option<bool>,
//! }
//!
//! async fn order(Query(options): Query<Options>, Json(order): Json<Order>) -> String {
//!     format!("{} for {}, {:?}", order.quantity, order.customer, options.dry_run)
//! }
//!
//! # pub fn main() { tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let request = |body: &str| {
//!     let head = Request::post("/orders?dry_run=true").header("content-type", "application/json");
//!     head.body(body.to_owned()).unwrap()
//! };
//! let taken = service(order, ()).oneshot(request(r#"{"customer": "ann", "quantity": 2}"#)).await.unwrap();
//! assert_eq!(taken.status(), 200);
//! let refused = service(order, ()).oneshot(request(r#"{"customer": "", "quantity": 0}"#)).await.unwrap();
//! assert_eq!(refused.status(), 422); // with `#/customer` and `#/quantity`, and neither value
//! # }) } }
//! # #[cfg(feature = "derive")] example::main();
//! ```
//!
//! <div class="warning">
//!
//! **In axum, import them from here.** `axum::Json`, `Form`, `Query` and `Path` have the same names, are the first
//! that an editor proposes, and read a [`Payload`] without applying any of its rules. Only clippy warns of it, once
//! these lines are in the service's `clippy.toml`:
//!
//! ```toml
//! disallowed-types = [
//!     { path = "axum::Form", reason = "it skips the rules of a payload: use `buttress::extract::Form`", allow-invalid = true },
//!     { path = "axum::Json", reason = "it skips the rules of a payload: use `buttress::Json`", allow-invalid = true },
//!     { path = "axum::extract::Path", reason = "it skips the rules of a payload: use `buttress::extract::Path`" },
//!     { path = "axum::extract::Query", reason = "it skips the rules of a payload: use `buttress::extract::Query`", allow-invalid = true },
//! ]
//! ```
//!
//! </div>
//!
//! # The responses to bad input
//!
//! A body is checked from the outside in, and the first check that fails decides the response:
//!
//! 1. 415 `unsupported-media-type`: a missing, a different or a repeated `Content-Type`; `Accept` (or `Accept-Patch`)
//!    names the accepted types. A `Content-Encoding` that no layer has decoded is a 415 with
//!    `Accept-Encoding: identity`, as RFC 9110 §15.5.16 asks; such a body is never parsed.
//! 2. 413 `content-too-large`: more than [`MaxBodySize`], 1 MiB by default.
//! 3. 400 `incomplete-body`: the client left in the middle. A handler never sees half a body.
//! 4. 400 `malformed-body`: the body is not JSON in UTF-8, or is nested too deeply; `detail` has the line and the
//!    column.
//! 5. 422 `invalid-input`: everything that is wrong, in one answer.
//!
//! No response repeats the input. A rule that asks for context finds it in the request's extensions, where layers and
//! the extractors before it put it.
//!
//! To set another limit for one route, add an extension to its requests:
//!
//! ```
//! use buttress::handler::{MaxBodySize, service};
//! use buttress::extract::RawBody;
//! use http::Request;
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! async fn avatar(RawBody(image): RawBody) -> String {
//!     format!("{} bytes", image.len())
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let small = ServiceBuilder::new()
//!     .map_request(|mut request: Request<String>| {
//!         request.extensions_mut().insert(MaxBodySize::new(16));
//!         request
//!     })
//!     .service(service(avatar, ()));
//! assert_eq!(small.clone().oneshot(Request::new("a".repeat(16))).await.unwrap().status(), 200);
//! assert_eq!(small.oneshot(Request::new("a".repeat(17))).await.unwrap().status(), 413);
//! # });
//! ```
//!
//! [`MaxBodySize`]: crate::handler::MaxBodySize
//! [`Payload`]: crate::payload::Payload

#[doc(no_inline)]
pub use crate::handler::json::Json;
#[doc(no_inline)]
pub use crate::handler::state::State;

mod body;
mod form;
mod headers;
mod input;
mod json;
mod media;
mod merge_patch;
mod path;
mod query;
mod raw;
mod unchecked;

pub use self::form::Form;
pub use self::headers::Headers;
pub use self::input::Input;
pub use self::merge_patch::MergePatch;
pub use self::path::Path;
pub use self::query::Query;
pub use self::raw::RawBody;
pub use self::unchecked::Unchecked;
