use std::thread::panicking;
use std::time::Instant;

use bytes::Buf;
use http::header::CONTENT_LENGTH;
use http::{Extensions, Method, Response, StatusCode};
use http_body::{Body, Frame};
use tracing::span::Entered;
use tracing::{Level, Span, debug, error, field, info, record_all, trace, warn};

use super::failure::Failure;
use super::layer::{RouteFrom, route};
use super::outcome::Outcome;
use super::span::{self, Name};
use crate::handler::{RouteTemplate, has_no_content, is_head};
use crate::layer::reported::TARGET;
use crate::layer::send_timeout::Delivery;
use crate::problem::Problem;
use crate::request_id::RequestId;

/// A request in flight. However it ends, its end is recorded exactly once: a guard that is dropped records that the
/// client left, or that there was a panic.
#[derive(Debug)]
pub(crate) struct InFlight(Option<Running>);

/// The state of a request that at least one subscriber listens to.
#[derive(Debug)]
struct Running {
    span: Span,
    level: Level,
    method: &'static str,
    is_head: bool,
    named: Named,
    route_from: Option<RouteFrom>,
    status: Option<StatusCode>,
    /// Boxed, since most requests have none.
    failure: Option<Box<Failure>>,
    remaining: Remaining,
    /// How the response gets to the client, if the server tracks that.
    delivery: Option<Delivery>,
    started: Instant,
}

/// Whether the span has its name, which is a method and a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// The name is complete.
    Whole,
    /// The route may become known later, but the name is final: the exporter of the span has it already.
    Method,
    /// The span has no name yet; it gets one with the response.
    Later,
}

/// The part of the response that the client has not got yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remaining {
    /// The head, and any content that follows it.
    Everything,
    /// This number of bytes, at least one.
    Bytes(u64),
    /// A body of unknown length.
    Stream,
    Nothing,
}

impl InFlight {
    /// A request that no subscriber listens to.
    pub(crate) const fn unseen() -> Self {
        Self(None)
    }

    pub(super) fn new(span: Span, level: Level, method: &Method, named: Named, route_from: Option<RouteFrom>) -> Self {
        Self(Some(Running {
            span,
            level,
            method: span::method(method),
            is_head: is_head(method),
            named,
            route_from,
            status: None,
            failure: None,
            remaining: Remaining::Everything,
            delivery: None,
            started: Instant::now(),
        }))
    }

    /// Finds the [`Delivery`] in the extensions of the request: the record of whether the client takes the response.
    pub(super) fn with_delivery(mut self, extensions: &Extensions) -> Self {
        if let (Some(running), Some(delivery)) = (&mut self.0, extensions.get::<Delivery>()) {
            if let Some(id) = extensions.get::<RequestId>() {
                delivery.identify(id);
            }
            running.delivery = Some(delivery.clone());
        }
        self
    }

    /// Enters the span, so that events meanwhile belong to it.
    pub(crate) fn enter(&self) -> Option<Entered<'_>> {
        self.0.as_ref().map(|running| running.span.enter())
    }

    /// Records the head of the response.
    pub(crate) fn on_response<B: Body>(&mut self, response: &Response<B>) {
        if let Some(running) = &mut self.0 {
            running.remaining = remaining(running.is_head, response);
            running.record_head(response.status(), response.extensions());
        }
    }

    /// Records the result of a poll of the body: a frame, or the end.
    pub(crate) fn on_frame<D: Buf, E>(&mut self, frame: &Option<Result<Frame<D>, E>>, is_end: impl FnOnce() -> bool) {
        let Some(running) = &mut self.0 else { return };
        match frame {
            // If the server tracks whether the client takes the response, the last frame is not the end of the
            // request.
            Some(Ok(_)) if running.delivery.is_none() && is_end() => self.end(Outcome::Finished),
            Some(Ok(frame)) => running.remaining = running.remaining.after(frame),
            Some(Err(_)) => self.end(Outcome::Cut),
            None => self.end(Outcome::Finished),
        }
    }

    /// Moves the guard into the body; an inert guard stays behind.
    pub(crate) const fn take(&mut self) -> Self {
        Self(self.0.take())
    }

    /// Records the end of the request.
    pub(crate) fn end(&mut self, outcome: Outcome) {
        if let Some(running) = self.0.take() {
            running.end(outcome);
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(running) = self.0.take() {
            let outcome = match running.remaining {
                _ if panicking() => Outcome::Panicked,
                _ if running.delivery.as_ref().is_some_and(Delivery::is_stalled) => Outcome::Stalled,
                // Servers drop a body without asking for more, once the declared length is sent.
                Remaining::Nothing => Outcome::Finished,
                _ => Outcome::Cancelled,
            };
            running.end(outcome);
        }
    }
}

impl Remaining {
    fn after<D: Buf>(self, frame: &Frame<D>) -> Self {
        let sent = frame.data_ref().map_or(0, Buf::remaining) as u64;
        match self {
            Self::Bytes(remaining) if remaining <= sent => Self::Nothing,
            Self::Bytes(remaining) => Self::Bytes(remaining - sent),
            remaining => remaining,
        }
    }
}

/// The content that follows the head of a response (RFC 9110 §6.4.1).
fn remaining<B: Body>(is_head: bool, response: &Response<B>) -> Remaining {
    if is_head || has_no_content(response.status()) || response.body().is_end_stream() {
        return Remaining::Nothing;
    }
    let declared = response.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    match declared.or_else(|| response.body().size_hint().exact()) {
        Some(0) => Remaining::Nothing,
        Some(bytes) => Remaining::Bytes(bytes),
        None => Remaining::Stream,
    }
}

impl Running {
    fn record_head(&mut self, status: StatusCode, extensions: &Extensions) {
        self.status = Some(status);
        self.failure = Failure::of(status, extensions).map(Box::new);
        let status_code = status.as_u16();
        if let Some(problem) = extensions.get::<Problem>() {
            record_all!(self.span, problem.code = %problem.code());
        }
        if self.named == Named::Whole {
            record_all!(self.span, http.response.status_code = status_code);
            return;
        }
        let route = route(self.route_from, extensions);
        let route = route.as_ref().map(RouteTemplate::as_str);
        record_all!(
            self.span,
            otel.name = (self.named == Named::Later).then(|| field::display(Name(self.method, route))),
            http.route = route.map(field::display),
            http.response.status_code = status_code
        );
    }

    fn end(self, outcome: Outcome) {
        if self.status.is_none() && self.named == Named::Later {
            record_all!(self.span, otel.name = %Name(self.method, None));
        }
        let is_error = outcome.is_error(self.status);
        if let Some(error) = outcome.error_type(self.status.as_ref()) {
            let status_code = is_error.then(|| field::display("ERROR"));
            record_all!(self.span, otel.status_code = status_code, error.type = %error);
        }
        // If the status is a failure and `failure` is empty, it has been logged already: the event has its usual level.
        let is_news = outcome.is_news() || self.failure.is_some();
        self.tell(if is_news { Level::ERROR } else { self.level }, outcome.message());
    }

    /// Logs the event: how long the request took, and the status once more, for alerts that look at events alone. Each
    /// of the five levels has to be a constant, because filters decide on it once.
    fn tell(&self, level: Level, message: &'static str) {
        let (span, status) = (&self.span, self.status.map(|status| status.as_u16()));
        let latency_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        match level {
            Level::ERROR => self.fail(message, status, latency_us),
            Level::WARN => warn!(target: TARGET, parent: span, status, latency_us, "{message}"),
            Level::INFO => info!(target: TARGET, parent: span, status, latency_us, "{message}"),
            Level::DEBUG => debug!(target: TARGET, parent: span, status, latency_us, "{message}"),
            _ => trace!(target: TARGET, parent: span, status, latency_us, "{message}"),
        }
    }

    /// Logs the event of a request that failed, with the reason.
    #[cold]
    fn fail(&self, message: &'static str, status: Option<u16>, latency_us: u64) {
        let failure = self.failure.as_deref();
        let variant = failure.and_then(|failure| failure.variant);
        let detail = failure.and_then(|failure| failure.detail.as_deref());
        let cause = failure.and_then(|failure| failure.cause.as_ref());
        let (kind, query) = (cause.map(|cause| &*cause.kind), cause.and_then(|cause| cause.query.as_deref()));
        let constraint = cause.and_then(|cause| cause.constraint.as_deref());
        let error = failure.and_then(|failure| failure.error.as_ref()).map(field::display);
        error!(
            target: TARGET,
            parent: &self.span,
            status,
            latency_us,
            problem.variant = variant,
            detail,
            kind,
            constraint,
            db.query.summary = query,
            error,
            "{message}"
        );
    }
}
