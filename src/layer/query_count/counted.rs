use std::sync::Arc;

use http::Response;
use tracing::Span;

use super::QueryCountLayer;
use crate::telemetry::{QueryLog, QueryStats, fields, targets};

/// The statements of a request. They are reported when this is dropped, because a request that its client abandons
/// often has too many.
#[derive(Debug)]
pub(super) struct CountedRequest {
    log: Arc<QueryLog>,
    span: Span,
    settings: QueryCountLayer,
}

impl CountedRequest {
    pub(super) fn new(settings: QueryCountLayer) -> Self {
        Self { log: QueryLog::new(), span: Span::current(), settings }
    }

    pub(super) const fn log(&self) -> &Arc<QueryLog> {
        &self.log
    }

    /// Runs a part of the request's work; its statements are counted.
    pub(super) fn count<R>(&self, work: impl FnOnce() -> R) -> R {
        Arc::clone(&self.log).within(work)
    }

    /// Puts the count into the response, and reports it.
    pub(super) fn answer<B, E>(self, answer: &mut Result<Response<B>, E>) {
        if let Ok(response) = answer {
            response.extensions_mut().insert(self.log.queries());
        }
    }
}

impl Drop for CountedRequest {
    fn drop(&mut self) {
        let QueryStats { count, time, most_repeated } = self.log.queries();
        let time_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.span.record(fields::DB_QUERIES, count).record(fields::DB_TIME_MS, time_ms);
        if let (Some(most), Some(limit)) = (most_repeated, self.settings.limit())
            && most.times >= limit
        {
            tracing::warn!(
                target: targets::QUERY,
                parent: &self.span,
                query = most.summary,
                times = most.times,
                queries = count,
                "one statement was sent many times in a request: it may be sent for each row of another one"
            );
        }
    }
}
