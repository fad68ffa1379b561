//! The standard layers as one: request id, trace, headers, problems, catch panic, concurrency, timeout, body limit, query
//! count.
//!
//! A service inside this names every request, logs it, answers every failure in one envelope, survives panics, and
//! limits the demands of a client. It does the same as the layers of [`layer`] when they are stacked by hand in this
//! order, to the last header and the last field of the log, with the same settings and the same decisions; but as one
//! service, one future and one body. A clone costs a clone of the inner service and of an `Arc`.
//!
//! ```
//! use buttress::handler::{BodyError, IntoResponse, Response};
//! use buttress::stack::{Stack, StackRequestBody};
//! use http::Request;
//! use http_body_util::BodyExt;
//! use std::convert::Infallible;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! async fn echo(request: Request<StackRequestBody<String>>) -> Result<Response, Infallible> {
//!     Ok(match request.into_body().collect().await {
//!         Ok(content) => content.to_bytes().into_response(),
//!         Err(error) => BodyError::new(error).into_response(),
//!     })
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = Stack::new().layer(service_fn(echo));
//! let response = service.oneshot(Request::new(String::from("hello"))).await.unwrap();
//! assert_eq!(response.status(), 200);
//! assert_eq!(response.headers()["x-content-type-options"], "nosniff");
//! assert_eq!(response.headers()["x-request-id"].len(), 36);
//! # });
//! ```
//!
//! Each setting is a layer in its stand-alone form:
//!
//! ```
//! use buttress::layer::{BodyLimitLayer, ProblemsLayer, TimeoutLayer};
//! use buttress::stack::Stack;
//! use http::{Request, Response};
//! use std::{convert::Infallible, future, time::Duration};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
//! let stack = Stack::new()
//!     .problems(ProblemsLayer::new().type_base("https://shop.example/problems/"))
//!     .concurrency(1000)
//!     .timeout(TimeoutLayer::new(Duration::from_secs(5)).read_limit(Duration::from_secs(1)))
//!     .body_limit(BodyLimitLayer::new(64 << 10));
//!
//! let stuck = service_fn(|_| future::pending::<Result<Response<String>, Infallible>>());
//! let response = stack.layer(stuck).oneshot(Request::new(String::new())).await.unwrap();
//! assert_eq!(response.status(), 503);
//! # });
//! ```
//!
//! Around an axum router, the route in the log comes from axum's match; without this setting, the log names no route:
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::{Router, routing::get};
//! use buttress::adapter::axum::matched_path;
//! use buttress::layer::TraceLayer;
//! use buttress::stack::Stack;
//!
//! let stack = Stack::new().trace(TraceLayer::new().route_from(matched_path));
//! let app: Router = Router::new().route("/orders/{id}", get(|| async { "an order" })).layer(stack);
//! # }
//! ```
//!
//! A layer that belongs right around the handlers goes [inside](Stack::inner) the stack: a request's transaction, or
//! authentication. A router boxes each layer of each request, so one layer costs one box instead of several:
//!
//! ```
//! # #[cfg(all(feature = "axum", feature = "transaction"))]
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! use axum::{Router, routing::post};
//! use buttress::layer::QueryCountLayer;
//! use buttress::stack::Stack;
//! use buttress::store::{Error, Memory, Store};
//! use buttress::transaction::{RequestTransactions, RequestTx};
//! use http::{Request, StatusCode};
//! use tower::ServiceExt;
//!
//! async fn place(mut tx: RequestTx) -> Result<StatusCode, Error> {
//!     tx.memory()?.write(|orders: &mut u32| *orders += 1).await?;
//!     Ok(StatusCode::CREATED)
//! }
//!
//! let orders = Memory::new(0_u32);
//! let transactions = RequestTransactions::new(Store::from(orders.clone()));
//! let stack = Stack::new().query_count(QueryCountLayer::new().warn_at(20)).inner(transactions);
//! let app: Router = Router::new().route("/orders", post(place)).layer(stack);
//!
//! let response = app.oneshot(Request::post("/orders").body(axum::body::Body::empty()).unwrap()).await.unwrap();
//! assert_eq!((response.status(), *orders.committed()), (StatusCode::CREATED, 1));
//! # });
//! ```
//!
//! CORS and compression go around the stack, since its own responses need them as well.
//! See [other people's layers](crate::layer#other-peoples-layers).
//!
//! [`layer`]: crate::layer

mod admission;
mod body;
mod future;
mod layer;
mod service;

pub use self::body::StackBody;
pub use self::future::StackFuture;
pub use self::layer::Stack;
pub use self::service::StackService;

use crate::layer::body_limit::BodyLimitBody;
use crate::layer::timeout::TimeoutBody;

/// The request body that the inner service gets: limited in size, and in how long a read may take.
pub type StackRequestBody<B> = BodyLimitBody<TimeoutBody<B>>;
