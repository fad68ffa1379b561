use tower_layer::Layer;

use super::QueryCountService;

/// Counts the statements of each request. See the [module docs](super).
///
/// The count is put into the response's extensions, as [`QueryStats`](crate::telemetry::QueryStats). It is also
/// recorded in the current span, if that has the fields `db.queries` and `db.time_ms`, as the span of
/// [`TraceLayer`](crate::layer::TraceLayer) has.
#[derive(Debug, Clone, Copy)]
pub struct QueryCountLayer {
    warn_at: Option<u64>,
}

impl QueryCountLayer {
    /// Warns if one statement is sent ten times or more in a request.
    #[must_use]
    pub const fn new() -> Self {
        Self { warn_at: Some(10) }
    }

    /// Warns if one statement is sent `times` times or more in a request. Defaults to 10.
    #[must_use]
    pub const fn warn_at(mut self, times: u64) -> Self {
        self.warn_at = Some(times);
        self
    }

    /// Counts, but never warns.
    #[must_use]
    pub const fn without_warning(mut self) -> Self {
        self.warn_at = None;
        self
    }

    pub(super) const fn limit(self) -> Option<u64> {
        self.warn_at
    }
}

impl Default for QueryCountLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for QueryCountLayer {
    type Service = QueryCountService<S>;

    fn layer(&self, inner: S) -> QueryCountService<S> {
        QueryCountService { inner, settings: *self }
    }
}
