use std::time::Duration;

use tower_layer::Layer;

use super::TimeoutService;

/// Limits how long a request may take. See the [module docs](super).
#[derive(Debug, Clone, Copy)]
pub struct TimeoutLayer {
    pub(crate) limit: Duration,
    pub(crate) read_limit: Option<Duration>,
}

impl TimeoutLayer {
    /// Gives a handler `limit` to produce the head of its response.
    #[must_use]
    pub const fn new(limit: Duration) -> Self {
        Self { limit, read_limit: None }
    }

    /// Also gives the client `limit` for each piece of its body.
    ///
    /// If it takes longer, the body fails with a 408 problem, which `BodyError` finds again.
    #[must_use]
    pub const fn read_limit(mut self, limit: Duration) -> Self {
        self.read_limit = Some(limit);
        self
    }
}

impl<S> Layer<S> for TimeoutLayer {
    type Service = TimeoutService<S>;

    fn layer(&self, inner: S) -> TimeoutService<S> {
        TimeoutService { inner, limits: *self }
    }
}
