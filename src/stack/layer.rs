use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tower_layer::{Identity, Layer};

use super::StackService;
use crate::handler::MaxBodySize;
use crate::layer::catch_panic::guard::Guard;
use crate::layer::problems::policy::Policy;
use crate::layer::{
    BodyLimitLayer, CatchPanicLayer, ProblemsLayer, QueryCountLayer, RequestIdLayer, SecurityHeadersLayer,
    TimeoutLayer, TraceLayer,
};

/// The standard layers, merged into one. See the [module docs](super).
///
/// `L` is the layer [inside](Self::inner) all of them, and `C` the one that [counts](Self::query_count) statements.
#[derive(Debug, Clone)]
pub struct Stack<L = Identity, C = Identity> {
    config: Config,
    inner: L,
    count: C,
}

/// The settings of the layers, each in the layer's own type.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub(super) request_ids: RequestIdLayer,
    pub(super) trace: TraceLayer,
    pub(super) headers: SecurityHeadersLayer,
    pub(super) problems: Policy,
    pub(super) guard: Guard,
    pub(super) concurrency: Option<Arc<Semaphore>>,
    pub(super) timeout: Option<TimeoutLayer>,
    pub(super) body_limit: Option<BodyLimitLayer>,
}

impl Stack {
    /// All layers with their defaults: 30 seconds for a handler, 1 MiB for a body, no limit of concurrency, and no count
    /// of statements.
    #[must_use]
    pub const fn new() -> Self {
        let config = Config {
            request_ids: RequestIdLayer::new(),
            trace: TraceLayer::new(),
            headers: SecurityHeadersLayer::new(),
            problems: Policy::new(),
            guard: CatchPanicLayer::new().guard,
            concurrency: None,
            timeout: Some(TimeoutLayer::new(Duration::from_secs(30))),
            body_limit: Some(BodyLimitLayer::new(MaxBodySize::DEFAULT.bytes())),
        };
        Self { config, inner: Identity::new(), count: Identity::new() }
    }
}

impl<L, C> Stack<L, C> {
    /// Sets how requests get their ids.
    #[must_use]
    pub fn request_ids(mut self, settings: RequestIdLayer) -> Self {
        self.config.request_ids = settings;
        self
    }

    /// Sets how requests are traced.
    #[must_use]
    pub fn trace(mut self, settings: TraceLayer) -> Self {
        self.config.trace = settings;
        self
    }

    /// Sets which security headers responses carry.
    #[must_use]
    pub fn headers(mut self, settings: SecurityHeadersLayer) -> Self {
        self.config.headers = settings;
        self
    }

    /// Sets how failures are answered.
    #[must_use]
    pub fn problems(mut self, settings: ProblemsLayer) -> Self {
        self.config.problems = settings.policy;
        self
    }

    /// Sets how panics are caught.
    #[must_use]
    pub fn catch_panic(mut self, settings: CatchPanicLayer) -> Self {
        self.config.guard = settings.guard;
        self
    }

    /// Runs at most `requests` requests at once, and answers any further one immediately with a 503 `overloaded`.
    ///
    /// The limit is shared by all services that this value, or a clone of it, wraps. Defaults to no limit.
    #[must_use]
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.config.concurrency = Some(Arc::new(Semaphore::new(requests.min(Semaphore::MAX_PERMITS))));
        self
    }

    /// Sets how long a request may take. Defaults to 30 seconds.
    #[must_use]
    pub fn timeout(mut self, settings: TimeoutLayer) -> Self {
        self.config.timeout = Some(settings);
        self
    }

    /// Lets a request take as long as it likes.
    #[must_use]
    pub fn without_timeout(mut self) -> Self {
        self.config.timeout = None;
        self
    }

    /// Sets how large a request body may be. Defaults to 1 MiB.
    #[must_use]
    pub fn body_limit(mut self, settings: BodyLimitLayer) -> Self {
        self.config.body_limit = Some(settings);
        self
    }

    /// Allows request bodies of any size.
    #[must_use]
    pub fn without_body_limit(mut self) -> Self {
        self.config.body_limit = None;
        self
    }

    /// Counts the database statements of each request. Defaults to no count.
    #[must_use]
    pub fn query_count(self, settings: QueryCountLayer) -> Stack<L, QueryCountLayer> {
        Stack { config: self.config, inner: self.inner, count: settings }
    }

    /// Sets the layer inside all others, right around the handlers: the transaction of a request, for instance, or
    /// authentication. A tuple is several layers, the outermost first. Defaults to none.
    #[must_use]
    pub fn inner<M>(self, layer: M) -> Stack<M, C> {
        Stack { config: self.config, inner: layer, count: self.count }
    }
}

impl Default for Stack {
    fn default() -> Self {
        Self::new()
    }
}

impl<S, L: Layer<S>, C: Layer<L::Service>> Layer<S> for Stack<L, C> {
    type Service = StackService<C::Service>;

    fn layer(&self, inner: S) -> StackService<C::Service> {
        StackService::new(self.count.layer(self.inner.layer(inner)), Arc::new(self.config.clone()))
    }
}
