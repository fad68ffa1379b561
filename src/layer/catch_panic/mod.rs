//! Turns a panic into a 500 problem, and keeps its payload private.
//!
//! A panic in a handler, before or after its first await, is answered with a masked 500 `internal`. A panic while a
//! response body is produced comes too late for that: the body ends with an error, so that the server cuts it and no
//! client takes it for complete. The payload of the panic is dropped without being read, even if its own `Drop` panics.
//!
//! The panic hook logs where the panic happened; the problem logs the request. Panics are caught where they unwind:
//! with `panic = "abort"` there is nothing to catch.
//!
//! ```
//! use buttress::layer::CatchPanicLayer;
//! use buttress::layer::catch_panic::Panicked;
//! use http::{Request, Response};
//! use std::convert::Infallible;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! async fn handler(_: Request<String>) -> Result<Response<String>, Infallible> {
//!     panic!("the password is hunter2")
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = CatchPanicLayer::new().layer(service_fn(handler));
//! let response = service.oneshot(Request::new(String::new())).await.unwrap();
//! let problem = response.extensions().get::<buttress::Problem>().unwrap();
//! assert_eq!(problem.status(), 500);
//! assert_eq!(problem.error::<Panicked>().unwrap().to_string(), "the handler panicked");
//! # });
//! ```
//!
//! If the messages of panics are known to hold no secret, they can be logged as well. The client does not see them
//! either way.
//!
//! ```
//! use buttress::layer::CatchPanicLayer;
//!
//! let layer = CatchPanicLayer::new().log_messages();
//! # let _ = layer;
//! ```

pub(crate) mod body;
mod future;
pub(crate) mod guard;
pub(super) mod layer;
mod panicked;
mod service;

pub use self::body::CatchPanicBody;
pub use self::future::CatchPanicFuture;
pub use self::panicked::Panicked;
pub use self::service::CatchPanicService;
