use http::{Extensions, HeaderMap, HeaderValue, Request};
use tower_layer::Layer;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Span};

use super::TraceService;
use super::in_flight::{InFlight, Named};
use super::span::{self, Head};
use crate::handler::RouteTemplate;
use crate::layer::random;
use crate::trace_context::TraceContext;

/// Finds the template of the route that matched.
pub(super) type RouteFrom = fn(&Extensions) -> Option<&str>;

/// Returns the ids to use, given a new span and the caller's trace context.
type ContextOf = fn(&Span, Option<&TraceContext>) -> Option<TraceContext>;

/// One span and one event for each request. See the [module docs](super).
#[derive(Debug, Clone, Copy)]
pub struct TraceLayer {
    level: Level,
    route_from: Option<RouteFrom>,
    scheme: &'static str,
    incoming: bool,
    respond: bool,
    context_of: Option<ContextOf>,
}

impl TraceLayer {
    /// Continues the caller's trace, and logs at `INFO`.
    #[must_use]
    pub const fn new() -> Self {
        Self { level: Level::INFO, route_from: None, scheme: "http", incoming: true, respond: false, context_of: None }
    }

    /// The level of the event of a successful request. Defaults to `INFO`. A failed request is always an `ERROR`.
    #[must_use]
    pub const fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Also reads the route with `find`, besides [`RouteTemplate`], from the extensions of the request and then of
    /// the response.
    ///
    /// `find` must return a template, not a path: it is logged.
    #[must_use]
    pub const fn route_from(mut self, find: fn(&Extensions) -> Option<&str>) -> Self {
        self.route_from = Some(find);
        self
    }

    /// The `url.scheme` of requests that do not state theirs, which is all of HTTP/1. Defaults to `http`.
    #[must_use]
    pub const fn scheme(mut self, scheme: &'static str) -> Self {
        self.scheme = scheme;
        self
    }

    /// Starts a new trace for every request, whatever `traceparent` says: for the edge of a network.
    #[must_use]
    pub const fn without_incoming(mut self) -> Self {
        self.incoming = false;
        self
    }

    /// Tells the caller which span answered it, in `traceresponse` (W3C Trace Context Level 2).
    #[must_use]
    pub const fn trace_response(mut self) -> Self {
        self.respond = true;
        self
    }

    /// Uses the ids of another tracer, such as `tracing-opentelemetry`: the ids that it exports are then the ids in
    /// the log, in the [`TraceContext`] among the request's extensions, and in `traceresponse`.
    ///
    /// `find` gets the span before any code has entered it, and the caller's trace context, so that it can make that
    /// the parent of the exported span. If it returns `None`, because the span is not exported, this layer makes the
    /// ids as it does by default. See the [module docs](super#with-opentelemetry).
    #[must_use]
    pub const fn context_from(mut self, find: fn(&Span, Option<&TraceContext>) -> Option<TraceContext>) -> Self {
        self.context_of = Some(find);
        self
    }

    /// Begins a request: puts its trace context into its extensions, and returns the header for the caller, if that
    /// is sent.
    pub(crate) fn begin<B>(&self, request: &mut Request<B>) -> (InFlight, Option<HeaderValue>) {
        let parent = self.caller(request.headers());
        if LevelFilter::current() == LevelFilter::OFF {
            let context = next(parent.as_ref());
            let answer = self.respond.then(|| context.traceparent());
            request.extensions_mut().insert(context);
            return (InFlight::unseen(), answer);
        }
        let route = route(self.route_from, request.extensions());
        let head = Head {
            method: request.method(),
            scheme: span::scheme(request.uri()).unwrap_or(self.scheme),
            version: request.version(),
            extensions: request.extensions(),
            route: route.as_ref(),
            named: match (&route, self.context_of) {
                (Some(_), _) => Named::Whole,
                (None, Some(_)) => Named::Method,
                (None, None) => Named::Later,
            },
        };
        let named = head.named;
        let (span, context) = self.open(&head, parent.as_ref());
        let answer = self.respond.then(|| context.traceparent());
        request.extensions_mut().insert(context);
        let in_flight = InFlight::new(span, self.level, request.method(), named, self.route_from);
        (in_flight.with_delivery(request.extensions()), answer)
    }

    fn open(&self, head: &Head<'_>, parent: Option<&TraceContext>) -> (Span, TraceContext) {
        let Some(find) = self.context_of else {
            let context = next(parent);
            return (span::open(head, Some(&context), parent), context);
        };
        let span = span::open(head, None, None);
        let context = find(&span, parent).unwrap_or_else(|| next(parent));
        // The other tracer may have started a trace of its own.
        let parent = parent.filter(|parent| parent.trace_id() == context.trace_id());
        span::identify(&span, &context, parent);
        (span, context)
    }

    fn caller(&self, headers: &HeaderMap) -> Option<TraceContext> {
        self.incoming.then(|| TraceContext::from_headers(headers)).flatten()
    }

    /// Writes the span that answered into the head of the response.
    pub(crate) fn answer(span: HeaderValue, headers: &mut HeaderMap) {
        headers.insert(TraceContext::RESPONSE_HEADER, span);
    }
}

/// The next span of the caller's trace, or the first of a new one.
fn next(parent: Option<&TraceContext>) -> TraceContext {
    let span_id = random::span_id();
    match parent {
        Some(parent) => parent.child(span_id),
        None => TraceContext::new(random::trace_id(), span_id, true),
    }
}

/// The template that matched, if the router has recorded it yet.
pub(super) fn route(find: Option<RouteFrom>, extensions: &Extensions) -> Option<RouteTemplate> {
    let known = extensions.get::<RouteTemplate>().cloned();
    known.or_else(|| find?(extensions).map(RouteTemplate::new))
}

impl Default for TraceLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for TraceLayer {
    type Service = TraceService<S>;

    fn layer(&self, inner: S) -> TraceService<S> {
        TraceService { inner, settings: *self }
    }
}
