//! Limits how long a client may take to receive a response.
//!
//! A handler is done long before its response is sent. The server holds the response until the client has read it, or
//! has opened its HTTP/2 window. A client that does neither holds a connection, a stream and the content for ever;
//! ten such clients can hold a gigabyte. A handler's timeout does not see that, and neither does a body alone: a
//! server that waits for its client does not ask the body for more.
//!
//! So this layer goes around the service of *one connection*, outermost, and the server asks it for the state of the
//! connection. This needs a server loop that holds its connections, as users of hyper have; `axum::serve` does not
//! expose them. Each piece of content is counted until it is written to the socket. A response is *stalled* if some of
//! it waits to be written and, over a period of the limit, the client takes fewer bytes than it must: 240 per second by
//! default. Time in which nothing waits, such as between the events of a stream, does not count.
//!
//! The log then warns `response was not taken in time`, with the request's id, and [`TraceLayer`](super::TraceLayer)
//! ends the request as an error (`error.type` is `send_timeout`). The rest is up to the server: it lets the other
//! responses of the connection finish, and closes the connection.
//!
//! ```
//! use buttress::layer::SendTimeoutLayer;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use bytes::Bytes;
//! use std::{convert::Infallible, time::Duration};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
//! let app = service_fn(async |_| Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"hello")))));
//!
//! // For each connection:
//! let outgoing = SendTimeoutLayer::new(Duration::from_secs(10)).connection();
//! let service = outgoing.layer(app);
//!
//! // A server that asks for the content, and a client that never takes it:
//! let mut body = service.oneshot(Request::new(())).await.unwrap().into_body();
//! # use http_body_util::BodyExt;
//! let content = body.frame().await;
//! outgoing.stalled().await;
//! // Time to close the connection.
//! # drop(content);
//! # });
//! ```
//!
//! [`Outgoing`] counts every request of its connection, so it also reports when there is none:
//!
//! ```
//! use buttress::layer::SendTimeoutLayer;
//! use std::time::Duration;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
//! let outgoing = SendTimeoutLayer::new(Duration::from_secs(10)).min_rate(1024).connection();
//! // Ready once no request has been in flight for a minute.
//! outgoing.idle(Duration::from_secs(60)).await;
//! # });
//! ```

mod body;
mod chunk;
mod exchange;
mod future;
pub(super) mod layer;
mod outgoing;
mod service;

pub use self::body::SendTimeoutBody;
pub use self::chunk::Chunk;
pub(crate) use self::exchange::Delivery;
pub use self::future::SendTimeoutFuture;
pub(crate) use self::layer::SendTimeoutLayer;
pub use self::outgoing::Outgoing;
pub use self::service::SendTimeoutService;
