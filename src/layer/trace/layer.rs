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

/// Finds the ids that lead, of a new span and of the place of the caller.
type ContextOf = fn(&Span, Option<&TraceContext>) -> Option<TraceContext>;

/// One span and one event for each request. See the [module docs](super).
#[derive(Debug, Clone, Copy)]
pub struct Trace {
    level: Level,
    route_from: Option<RouteFrom>,
    scheme: &'static str,
    incoming: bool,
    respond: bool,
    context_of: Option<ContextOf>,
}

impl Trace {
    /// Goes on with the caller's trace, and tells the log at `INFO`.
    #[must_use]
    pub const fn new() -> Self {
        Self { level: Level::INFO, route_from: None, scheme: "http", incoming: true, respond: false, context_of: None }
    }

    /// The level of the event of a request that went well. One that failed is always an `ERROR`.
    #[must_use]
    pub const fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Also looks elsewhere than at [`RouteTemplate`] for the route, in the extensions of the request and then of
    /// the response.
    ///
    /// What it returns must be a template: the log shows it.
    #[must_use]
    pub const fn with_route_from(mut self, find: fn(&Extensions) -> Option<&str>) -> Self {
        self.route_from = Some(find);
        self
    }

    /// The `url.scheme` of requests that do not say theirs, which is all of HTTP/1; `http` unless it is set.
    #[must_use]
    pub const fn with_scheme(mut self, scheme: &'static str) -> Self {
        self.scheme = scheme;
        self
    }

    /// Begins a new trace for every request, whatever `traceparent` says: for the edge of a network.
    #[must_use]
    pub const fn without_incoming(mut self) -> Self {
        self.incoming = false;
        self
    }

    /// Tells the caller which span answered it, in `traceresponse` (W3C Trace Context Level 2).
    #[must_use]
    pub const fn with_trace_response(mut self) -> Self {
        self.respond = true;
        self
    }

    /// Lets another tracer's ids lead, such as those of `tracing-opentelemetry`: the ids that it exports are then the
    /// ones of the log, of the [`TraceContext`] in the request's extensions, and of `traceresponse`.
    ///
    /// `find` gets the span before anything has entered it, and the place of the caller, so that it can make that the
    /// parent of what is exported. Where it returns nothing, because the span is not exported, this layer makes the ids
    /// as it does by default. See the [module docs](super#with-opentelemetry).
    #[must_use]
    pub const fn with_context(mut self, find: fn(&Span, Option<&TraceContext>) -> Option<TraceContext>) -> Self {
        self.context_of = Some(find);
        self
    }

    /// Begins a request: its place in the trace is put into its extensions, and returned if the caller is told.
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
        // Whoever leads may have begun a trace of its own.
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

/// The template that matched, if whatever routed the request has said so yet.
pub(super) fn route(find: Option<RouteFrom>, extensions: &Extensions) -> Option<RouteTemplate> {
    let known = extensions.get::<RouteTemplate>().cloned();
    known.or_else(|| find?(extensions).map(RouteTemplate::new))
}

impl Default for Trace {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for Trace {
    type Service = TraceService<S>;

    fn layer(&self, inner: S) -> TraceService<S> {
        TraceService { inner, settings: *self }
    }
}
