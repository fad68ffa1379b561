//! Limits how long a request may take: 503 `timeout` if the handler is slow, 408 `request-timeout` if the client is.
//!
//! The time runs from the first poll to the head of the response; when it is up, the handler is dropped. The state of
//! the handler decides the status: if it was waiting for more of the request body, the client was too slow, and on
//! HTTP/1 the response says `Connection: close`. Response bodies are not limited: a download may take any time.
//!
//! A handler that is ready at once arms no timer.
//!
//! ```
//! use buttress::layer::TimeoutLayer;
//! use http::{Request, Response};
//! use std::{convert::Infallible, future, time::Duration};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
//! let stuck = service_fn(|_| future::pending::<Result<Response<String>, Infallible>>());
//! let service = TimeoutLayer::new(Duration::from_secs(10)).layer(stuck);
//!
//! let response = service.oneshot(Request::new(String::new())).await.unwrap();
//! assert_eq!(response.status(), 503);
//! # });
//! ```
//!
//! Large uploads take longer than any handler should. A limit for each single read catches clients that stall, and
//! allows a generous total:
//!
//! ```
//! use buttress::layer::TimeoutLayer;
//! use std::time::Duration;
//!
//! let uploads = TimeoutLayer::new(Duration::from_secs(600)).read_limit(Duration::from_secs(5));
//! # let _ = uploads;
//! ```

mod body;
pub(crate) mod decide;
mod future;
mod idle;
pub(super) mod layer;
mod service;
pub(crate) mod timer;

pub use self::body::TimeoutBody;
pub use self::future::TimeoutFuture;
pub(crate) use self::layer::TimeoutLayer;
pub use self::service::TimeoutService;
