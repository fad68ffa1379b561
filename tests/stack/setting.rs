//! One set of settings, for the fused stack and the layers by hand.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use buttress::TraceContext;
use buttress::body::BoxError;
use buttress::layer::{
    BodyLimitLayer, CatchPanicLayer, ProblemsLayer, QueryCountLayer, RequestIdLayer, SecurityHeadersLayer,
    TimeoutLayer, TraceLayer,
};
use buttress::problem::envelope::JsonApi;
use buttress::problem::{ErrorStatus, catalogue};
use buttress::stack::Stack;
use buttress::store::{Memory, Store};
use buttress::transaction::RequestTransactions;
use bytes::Bytes;
use http::{Request, Response, header};
use tokio::sync::Semaphore;
use tower::limit::ConcurrencyLimit;
use tower::load_shed::LoadShed;
use tower::util::BoxCloneService;
use tower::{Layer, Service, ServiceExt};
use tracing::Level;

use crate::script::{Pieces, Script};

#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) incoming: bool,
    pub(crate) trace_response: bool,
    pub(crate) other_tracer: bool,
    pub(crate) debug_level: bool,
    pub(crate) other_headers: bool,
    pub(crate) other_problems: bool,
    pub(crate) panic_messages: bool,
    pub(crate) concurrency: Option<usize>,
    /// In seconds.
    pub(crate) timeout: Option<u64>,
    pub(crate) read_limit: Option<u64>,
    pub(crate) body_limit: Option<usize>,
    pub(crate) when_read: bool,
    pub(crate) counts_queries: bool,
    /// Where the request's transaction writes, if it has one.
    pub(crate) transactions: Option<Memory<Vec<u16>>>,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            incoming: true,
            trace_response: false,
            other_tracer: false,
            debug_level: false,
            other_headers: false,
            other_problems: false,
            panic_messages: false,
            concurrency: None,
            timeout: Some(10),
            read_limit: None,
            body_limit: Some(10),
            when_read: false,
            counts_queries: true,
            transactions: None,
        }
    }
}

/// Provides ids if there is a caller, and leaves the rest to the layer.
fn other_tracer(_: &tracing::Span, caller: Option<&TraceContext>) -> Option<TraceContext> {
    caller.map(|caller| caller.child(7.try_into().unwrap()).with_tracestate("other=1"))
}

/// Goes on with the service inside the layer, if there is one. A macro, because each layer makes another type.
macro_rules! around {
    ($layer:expr, $service:expr, $inner:ident => $then:expr) => {
        match $layer {
            None => {
                let $inner = $service;
                $then
            }
            Some(layer) => {
                let $inner = layer.layer($service);
                $then
            }
        }
    };
}

/// The service in either form.
pub(crate) type Boxed = BoxCloneService<Request<Pieces>, Response<BoxedBody>, Infallible>;
pub(crate) type BoxedBody = Pin<Box<dyn http_body::Body<Data = Bytes, Error = BoxError> + Send>>;

impl Setting {
    fn request_ids(&self) -> RequestIdLayer {
        if self.incoming { RequestIdLayer::new() } else { RequestIdLayer::new().without_incoming() }
    }

    fn trace(&self) -> TraceLayer {
        let trace = if self.incoming { TraceLayer::new() } else { TraceLayer::new().without_incoming() };
        let trace = if self.trace_response { trace.trace_response() } else { trace };
        let trace = if self.other_tracer { trace.context_from(other_tracer) } else { trace };
        if self.debug_level { trace.level(Level::DEBUG) } else { trace }
    }

    fn headers(&self) -> SecurityHeadersLayer {
        let headers = SecurityHeadersLayer::new();
        if !self.other_headers {
            return headers;
        }
        headers.hsts(Duration::from_secs(60)).without(&header::CONTENT_SECURITY_POLICY).cacheable_errors()
    }

    fn problems(&self) -> ProblemsLayer {
        if !self.other_problems {
            return ProblemsLayer::new();
        }
        let passes = |status: http::StatusCode, _: &http::HeaderMap| status == 418;
        ProblemsLayer::new()
            .envelope(JsonApi)
            .type_base("https://e.example/")
            .retry_after(Duration::from_secs(7))
            .pass_foreign(passes)
            .map(|problem| match problem.code() {
                "content-too-large" | "internal" => problem.with_status(ErrorStatus::UNPROCESSABLE_ENTITY),
                "not-found" => problem.with_kind(catalogue::UNAUTHORIZED),
                _ => problem,
            })
    }

    fn catch_panic(&self) -> CatchPanicLayer {
        if self.panic_messages { CatchPanicLayer::new().log_messages() } else { CatchPanicLayer::new() }
    }

    fn timeout(&self) -> Option<TimeoutLayer> {
        let timeout = TimeoutLayer::new(Duration::from_secs(self.timeout?));
        Some(self.read_limit.map_or(timeout, |limit| timeout.read_limit(Duration::from_secs(limit))))
    }

    fn body_limit(&self) -> Option<BodyLimitLayer> {
        let limit = BodyLimitLayer::new(self.body_limit?);
        Some(if self.when_read { limit.when_read() } else { limit })
    }

    fn query_count(&self) -> Option<QueryCountLayer> {
        self.counts_queries.then(QueryCountLayer::new)
    }

    fn transactions(&self) -> Option<RequestTransactions> {
        self.transactions.clone().map(|memory| RequestTransactions::new(Store::from(memory)))
    }

    pub(crate) fn fused(&self, script: Script) -> Boxed {
        let stack = Stack::new()
            .request_ids(self.request_ids())
            .trace(self.trace())
            .headers(self.headers())
            .problems(self.problems())
            .catch_panic(self.catch_panic());
        let stack = self.concurrency.map_or(stack.clone(), |requests| stack.concurrency(requests));
        let stack =
            self.timeout().map_or_else(|| stack.clone().without_timeout(), |timeout| stack.clone().timeout(timeout));
        let stack = match self.body_limit() {
            None => stack.without_body_limit(),
            Some(limit) => stack.body_limit(limit),
        };
        match (self.query_count(), self.transactions()) {
            (None, None) => boxed(stack.layer(script)),
            (Some(count), None) => boxed(stack.query_count(count).layer(script)),
            (None, Some(transactions)) => boxed(stack.inner(transactions).layer(script)),
            (Some(count), Some(transactions)) => boxed(stack.query_count(count).inner(transactions).layer(script)),
        }
    }

    /// In the order of the documentation.
    pub(crate) fn by_hand(&self, script: Script) -> Boxed {
        around!(self.transactions(), script, handler => {
            around!(self.query_count(), handler, counted => {
                around!(self.body_limit(), counted, limited => around!(self.timeout(), limited, inner => self.outer(inner)))
            })
        })
    }

    fn outer<S, B>(&self, inner: S) -> Boxed
    where
        S: Service<Request<Pieces>, Response = Response<B>, Error = BoxError, Future: Send + 'static>
            + Clone
            + Send
            + 'static,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        match self.concurrency {
            None => self.outermost(inner),
            Some(requests) => {
                let semaphore = Arc::new(Semaphore::new(requests));
                self.outermost(LoadShed::new(ConcurrencyLimit::with_semaphore(inner, semaphore)))
            }
        }
    }

    fn outermost<S, B>(&self, inner: S) -> Boxed
    where
        S: Service<Request<Pieces>, Response = Response<B>, Error = BoxError, Future: Send + 'static>
            + Clone
            + Send
            + 'static,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let inner = self.problems().layer(self.catch_panic().layer(inner));
        boxed(self.request_ids().layer(self.trace().layer(self.headers().layer(inner))))
    }
}

fn boxed<S, B>(service: S) -> Boxed
where
    S: Service<Request<Pieces>, Response = Response<B>, Error = Infallible, Future: Send + 'static>
        + Clone
        + Send
        + 'static,
    B: http_body::Body<Data = Bytes, Error = BoxError> + Send + 'static,
{
    Alike(service).boxed_clone()
}

/// Gives all responses one type. Unlike tower's combinators it keeps the future after it is ready, as servers may.
#[derive(Clone)]
struct Alike<S>(S);

struct AlikeFuture<F>(Pin<Box<F>>);

impl<S, B> Service<Request<Pieces>> for Alike<S>
where
    S: Service<Request<Pieces>, Response = Response<B>, Error = Infallible>,
    B: http_body::Body<Data = Bytes, Error = BoxError> + Send + 'static,
{
    type Response = Response<BoxedBody>;
    type Error = Infallible;
    type Future = AlikeFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Pieces>) -> Self::Future {
        AlikeFuture(Box::pin(self.0.call(request)))
    }
}

impl<F, B> Future for AlikeFuture<F>
where
    F: Future<Output = Result<Response<B>, Infallible>>,
    B: http_body::Body<Data = Bytes, Error = BoxError> + Send + 'static,
{
    type Output = Result<Response<BoxedBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map_ok(|response| response.map(|body| Box::pin(body) as BoxedBody))
    }
}
