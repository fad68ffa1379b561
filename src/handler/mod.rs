//! How a request becomes arguments, and how a function's output becomes a response.
//!
//! A handler is an async function. Its arguments declare the parts of the request that it needs; its output becomes
//! the response. The traits here are the interface between extractors, responses, handlers and adapters; they depend
//! on no framework. [`service`] makes a `tower::Service` of a handler, so that any server can call it:
//!
//! ```
//! use buttress::handler::service;
//! use http::{Method, Request};
//! use tower::ServiceExt;
//!
//! async fn hello(method: Method) -> String {
//!     format!("hello, {method}")
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let response = service(hello, ()).oneshot(Request::new(String::new())).await.unwrap();
//! assert_eq!(response.status(), 200);
//! # });
//! ```
//!
//! A custom extractor is one async function, and fails with any error that is a problem:
//!
//! ```
//! use buttress::handler::{FromRequestParts, service};
//! use buttress::problem::Challenge;
//! use buttress::{Problem, State};
//! use http::{Request, request::Parts};
//! use tower::ServiceExt;
//!
//! struct Tenant(String);
//!
//! impl<S: Sync> FromRequestParts<S> for Tenant {
//!     async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
//!         let header = parts.headers.get("x-tenant").and_then(|value| value.to_str().ok());
//!         Ok(Tenant(header.ok_or_else(|| Problem::unauthorized(&Challenge::new("Tenant")))?.to_owned()))
//!     }
//! }
//!
//! async fn greet(State(greeting): State<&'static str>, Tenant(name): Tenant) -> String {
//!     format!("{greeting}, {name}")
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let refused = service(greet, "hello").oneshot(Request::new(String::new())).await.unwrap();
//! assert_eq!((refused.status().as_u16(), &refused.headers()["www-authenticate"]), (401, &"Tenant".parse().unwrap()));
//! # });
//! ```

mod body_error;
mod call;
mod content;
mod extract;
pub(crate) mod json;
mod max_body_size;
mod method;
mod no_content;
mod path;
#[cfg(any(feature = "layer", feature = "page", feature = "respond"))]
#[cfg_attr(not(all(feature = "layer", feature = "page", feature = "respond")), allow(dead_code))]
mod reference;
mod request;
mod response;
mod service;
pub(crate) mod state;
mod tuple;

pub use self::body_error::BodyError;
pub use self::call::Call;
#[cfg(feature = "layer")]
pub(crate) use self::content::forget_content;
pub(crate) use self::content::forget_success;
pub use self::extract::Extract;
pub use self::max_body_size::MaxBodySize;
pub(crate) use self::method::is_head;
#[cfg(feature = "respond")]
pub(crate) use self::method::is_read;
pub(crate) use self::no_content::strip_forbidden_content;
#[cfg(feature = "layer")]
pub(crate) use self::no_content::{has_no_content, set_length_without_content};
pub use self::path::{PathParams, RouteTemplate};
#[cfg(any(feature = "layer", feature = "page"))]
pub(crate) use self::reference::path_reference;
#[cfg(any(feature = "page", feature = "respond"))]
pub(crate) use self::reference::{NOT_IN_SEGMENT, NOT_IN_URI};
pub use self::request::{FromRequest, FromRequestParts, RequestBody, via};
pub use self::response::{IntoResponse, Response};
pub use self::service::{Handler, HandlerService, service, unboxed};
pub use self::state::Provide;
