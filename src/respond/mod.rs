//! The response types of handlers.
//!
//! A response is a value that states the outcome: [`Json`] shows a value, [`Created`] says where the new resource is,
//! [`Accepted`] says where to ask for the progress, and [`NoContent`] says that there is nothing to show. They nest,
//! and none of them hides a failure inside it: a value that does not serialise, or has no address, is sent as a masked
//! 500, and never as a 2xx.
//!
//! ```
//! use buttress::handler::service;
//! use buttress::respond::{Created, Location, Versioned};
//! use buttress::{EntityTag, Json, Problem};
//! use http::Request;
//! use serde::Serialize;
//! use tower::ServiceExt;
//!
//! #[derive(Serialize)]
//! struct Order {
//!     id: u64,
//!     version: u32,
//! }
//!
//! async fn place() -> Result<Versioned<Created<Json<Order>>>, Problem> {
//!     let order = Order { id: 7, version: 1 };
//!     let location = Location::segments(["v1", "orders", &order.id.to_string()]);
//!     Ok(Versioned::new(EntityTag::version(order.version), Created::at(location, Json(order))))
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let response = service(place, ()).oneshot(Request::new(String::new())).await.unwrap();
//! assert_eq!(response.status(), 201);
//! assert_eq!(response.headers()["location"], "/v1/orders/7");
//! assert_eq!(response.headers()["etag"], "\"1\"");
//! # });
//! ```
//!
//! # Conditions
//!
//! [`Versioned`] gives a response its `ETag`. With the [`Preconditions`] of the request, a read does not resend a
//! state that the client has (304), and a write does not overwrite a state that the client has not seen (412, and 428
//! if it named none), in the order of RFC 9110 §13.2.2:
//!
//! ```
//! use buttress::handler::service;
//! use buttress::respond::{PreconditionError, Preconditions, Versioned};
//! use buttress::{EntityTag, Json};
//! use http::Request;
//! use tower::ServiceExt;
//!
//! async fn show(preconditions: Preconditions) -> Versioned<Json<&'static str>> {
//!     Versioned::new(EntityTag::version(7), Json("an order")).preconditions(preconditions)
//! }
//!
//! async fn rename(preconditions: Preconditions) -> Result<Versioned<Json<&'static str>>, PreconditionError> {
//!     preconditions.require(&EntityTag::version(7))?;
//!     Ok(Versioned::new(EntityTag::version(8), Json("the order, renamed")))
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let seen = Request::get("/").header("if-none-match", "\"7\"").body(String::new()).unwrap();
//! assert_eq!(service(show, ()).oneshot(seen).await.unwrap().status(), 304);
//!
//! let blind = Request::patch("/").body(String::new()).unwrap();
//! assert_eq!(service(rename, ()).oneshot(blind).await.unwrap().status(), 428);
//! # });
//! ```
//!
//! # Lists, and an envelope
//!
//! The module `page` has the response for a part of a list. For services that wrap every success as
//! `{"data": …, "meta": {…}}`, the module `layer` has a success envelope.

#[doc(no_inline)]
pub use crate::handler::json::Json;

mod location;
mod precondition;
mod status;
mod versioned;

pub use self::location::Location;
pub use self::precondition::{IfMatch, IfNoneMatch, PreconditionError, PreconditionFailed, Preconditions};
pub use self::status::{Accepted, Created, NoContent, SeeOther};
pub use self::versioned::Versioned;
