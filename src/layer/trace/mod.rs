//! One span and one event for each request, with the W3C trace context of incoming and outgoing requests.
//!
//! # The span
//!
//! `request` covers a request from its head to the last byte of the response body, to the error that cut it, or to
//! the moment the client left. Its fields follow the OpenTelemetry semantic conventions for HTTP servers: `otel.name`
//! is the method and the route's template (`GET /v1/orders/{id}`), then `otel.kind`, `otel.status_code`,
//! `http.request.method`, `http.route`, `http.response.status_code`, `url.scheme`, `network.protocol.version`,
//! `error.type`; `problem.code` if the response is a [`Problem`](crate::problem::Problem), and `error.message` if the
//! body failed inside the [problems layer](super::problems); `db.queries` and `db.time_ms` if the
//! [statements are counted](super::query_count); and `request_id`, `trace_id`, `span_id`, `parent_span_id`. The span
//! exists whenever anything is logged at all, so that each line of a request can be found by its id.
//!
//! The span holds no text of the client except valid ids: no path, no query, no other header, no method that HTTP does
//! not define.
//!
//! # The event
//!
//! Each request ends with exactly one event: `INFO` unless [another level](TraceLayer::level) is set, `ERROR` if the
//! response is a 5xx, the body failed, the client did not [take it in time](super::send_timeout), the service gave no
//! response, or there was a panic. A client that leaves is not an error: `error.type` is `cancelled`. The event has
//! `latency_us` (microseconds), and `status`, which alerts look for in events; everything else is in its span, which
//! text and JSON formats write beside it.
//!
//! The `ERROR` event of a 5xx is the only one. If the response is a problem, the event says why: `error` is the error
//! with all its sources, `detail` the text that the service's code gave, `problem.variant` the name of a derived
//! error. For a 5xx without a problem, the event has the status and no reason. A problem that was already logged, under
//! another span or by hand, is not logged again, and the event keeps its usual level.
//!
//! The target of the span and of the event is `buttress::trace`.
//!
//! # The route
//!
//! The router puts a [`RouteTemplate`] into the extensions of the request if this layer is inside the router, or of
//! the response if it is outside. [`route_from`](TraceLayer::route_from) looks elsewhere.
//!
//! ```
//! use buttress::TraceContext;
//! use buttress::handler::RouteTemplate;
//! use buttress::layer::TraceLayer;
//! use http::{Request, Response};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = TraceLayer::new().layer(service_fn(async |request: Request<String>| {
//!     // For outgoing requests that this one causes: the same trace, and this service's span as the parent.
//!     let trace = request.extensions().get::<TraceContext>().unwrap();
//!     let mut response = Response::new(trace.to_string());
//!     response.extensions_mut().insert(RouteTemplate::new("/v1/orders/{id}"));
//!     Ok::<_, std::convert::Infallible>(response)
//! }));
//!
//! let caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
//! let request = Request::get("/v1/orders/7").header("traceparent", caller).body(String::new()).unwrap();
//! let response = service.oneshot(request).await.unwrap();
//! # use http_body_util::BodyExt;
//! let forwarded = response.into_body().collect().await.unwrap().to_bytes();
//! assert!(forwarded.starts_with(b"00-4bf92f3577b34da6a3ce929d0e0e4736-"));
//! assert_ne!(forwarded, caller);
//! # });
//! ```
//!
//! An edge that trusts no caller's trace, answers with its own, and logs successful requests at `DEBUG` only:
//!
//! ```
//! use buttress::layer::TraceLayer;
//! use http::{Request, Response};
//! use tower::{Layer, ServiceExt, service_fn};
//! use tracing::Level;
//!
//! struct Matched(&'static str); // as another router has it
//!
//! let trace = TraceLayer::new()
//!     .level(Level::DEBUG)
//!     .scheme("https")
//!     .without_incoming()
//!     .trace_response()
//!     .route_from(|extensions| extensions.get().map(|Matched(template)| *template));
//! # impl Clone for Matched { fn clone(&self) -> Self { Matched(self.0) } }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = trace.layer(service_fn(async |_: Request<String>| {
//!     Ok::<_, std::convert::Infallible>(Response::new(String::new()))
//! }));
//! let response = service.oneshot(Request::new(String::new())).await.unwrap();
//! assert!(response.headers()["traceresponse"].as_bytes().starts_with(b"00-"));
//! # });
//! ```
//!
//! # With OpenTelemetry
//!
//! `tracing-opentelemetry` exports the span under ids of its own. [`context_from`](TraceLayer::context_from) uses those
//! ids in the log and in outgoing calls, and makes the caller's span the parent of the exported one. The exporter
//! fixes the name of a span when it begins, so the name includes the route if the router has recorded it by then, as
//! axum has inside its `Router::layer`; otherwise the name is the method:
//!
//! ```
//! use buttress::TraceContext;
//! use buttress::layer::TraceLayer;
//! use opentelemetry::Context;
//! use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
//! use std::num::{NonZeroU64, NonZeroU128};
//! use tracing::Span;
//! use tracing_opentelemetry::OpenTelemetrySpanExt;
//!
//! /// Continues the caller's trace in the exported span, and returns the ids under which that is exported.
//! fn exported(span: &Span, caller: Option<&TraceContext>) -> Option<TraceContext> {
//!     if let Some(caller) = caller {
//!         let state = caller.tracestate().and_then(|list| list.to_str().ok()?.parse::<TraceState>().ok());
//!         let parent = SpanContext::new(
//!             TraceId::from(caller.trace_id().get()),
//!             SpanId::from(caller.span_id().get()),
//!             if caller.is_sampled() { TraceFlags::SAMPLED } else { TraceFlags::default() },
//!             true,
//!             state.unwrap_or_default(),
//!         );
//!         // This fails if nothing exports the span: then it has no context either.
//!         let _ = span.set_parent(Context::new().with_remote_span_context(parent));
//!     }
//!     let context = span.context();
//!     let own = context.span().span_context().clone();
//!     let trace_id = NonZeroU128::new(u128::from_be_bytes(own.trace_id().to_bytes()))?;
//!     let span_id = NonZeroU64::new(u64::from_be_bytes(own.span_id().to_bytes()))?;
//!     Some(TraceContext::new(trace_id, span_id, own.is_sampled()).with_tracestate(&own.trace_state().header()))
//! }
//!
//! let trace = TraceLayer::new().context_from(exported);
//! # let _ = trace;
//! ```
//!
//! [`RouteTemplate`]: crate::handler::RouteTemplate

mod body;
mod failure;
mod future;
pub(crate) mod in_flight;
pub(super) mod layer;
pub(crate) mod outcome;
mod service;
mod span;

pub use self::body::TraceBody;
pub use self::future::TraceFuture;
pub(crate) use self::layer::TraceLayer;
pub use self::service::TraceService;
