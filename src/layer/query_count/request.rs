use std::sync::Arc;

use tracing::Span;

use super::QueryCountLayer;
use crate::telemetry::{QUERY, Queries, QueryLog};

/// The statements of a request. They are reported when this is dropped, because a request that is abandoned half-way
/// is often the one with too many.
#[derive(Debug)]
pub(super) struct InRequest {
    log: Arc<QueryLog>,
    span: Span,
    settings: QueryCountLayer,
}

impl InRequest {
    pub(super) fn new(settings: QueryCountLayer) -> Self {
        Self { log: QueryLog::new(), span: Span::current(), settings }
    }

    pub(super) const fn log(&self) -> &Arc<QueryLog> {
        &self.log
    }

    pub(super) fn queries(&self) -> Queries {
        self.log.queries()
    }
}

impl Drop for InRequest {
    fn drop(&mut self) {
        let Queries { count, time, most_repeated } = self.log.queries();
        let time_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.span.record("db.queries", count).record("db.time_ms", time_ms);
        if let (Some(most), Some(limit)) = (most_repeated, self.settings.limit())
            && most.times >= limit
        {
            tracing::warn!(
                target: QUERY,
                parent: &self.span,
                query = most.summary,
                times = most.times,
                queries = count,
                "one statement was sent many times in a request: it may be sent for each row of another one"
            );
        }
    }
}
