//! How a request becomes arguments, and what a function returns becomes a response.
//!
//! A handler is an async function. Its arguments say what they need of the request; what it returns says how it
//! is answered. The traits here are what extractors, responses, handlers and adapters speak with one another; they
//! know no framework. A handler is a `tower::Service`, so that any server can call it:
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
//! An extractor of one's own is one async function, and fails with whatever is a problem:
//!
//! ```
//! use buttress::Problem;
//! use buttress::handler::{FromRequestParts, Provide, State, service};
//! use buttress::problem::Challenge;
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

mod call;
mod content;
mod extract;
mod framed;
mod handler;
mod json;
mod max_body_size;
mod path;
#[cfg_attr(not(feature = "layer"), allow(dead_code, reason = "layers ask it for errors of others"))]
mod read;
#[cfg(any(feature = "layer", feature = "respond"))]
#[cfg_attr(not(any(feature = "layer", feature = "page")), allow(dead_code))]
mod reference;
mod request;
mod response;
mod state;
mod tuple;

pub use self::call::Call;
#[cfg(feature = "layer")]
pub(crate) use self::content::forget_content;
pub(crate) use self::content::forget_success;
pub use self::extract::Extract;
pub(crate) use self::framed::framed;
#[cfg(feature = "respond")]
pub(crate) use self::framed::{has_no_content, set_length_of_nothing};
pub use self::handler::{Handler, HandlerService, service, unboxed};
pub use self::json::Json;
pub use self::max_body_size::MaxBodySize;
pub use self::path::{PathParams, RouteTemplate};
#[cfg(feature = "layer")]
pub(crate) use self::read::read_failure;
pub use self::read::read_problem;
#[cfg(feature = "respond")]
pub(crate) use self::reference::NOT_IN_URI;
#[cfg(any(feature = "layer", feature = "page"))]
pub(crate) use self::reference::path_reference;
pub use self::request::{FromRequest, FromRequestParts, RequestBody, via};
pub use self::response::{IntoResponse, Response};
pub use self::state::{Provide, State};
