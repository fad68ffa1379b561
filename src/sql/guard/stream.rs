use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use sqlx::{Database, Execute};

use crate::sql::classification::Classification;
use crate::sql::dialect::{SqlDatabase, Step};
use crate::sql::error::sent::Sent;
use crate::sql::guard::state::{Parts, Progress, Watch};
use crate::sql::span::QuerySpan;
use crate::sql::text::Reading;

/// The rows and results of a statement. The guard sees how far the statement got, and so notices if it is dropped.
pub(in crate::sql) struct StatementStream<'e, DB: Database> {
    steps: BoxStream<'e, Result<Step<DB>, sqlx::Error>>,
    watch: Watch<'e>,
    span: QuerySpan,
    sent: Sent,
    /// Whether the statement may end here: a result is the last item of a statement.
    answered: bool,
}

impl<'e, DB: SqlDatabase> StatementStream<'e, DB> {
    /// Begins a statement. A blank text holds none, and returns nothing.
    pub(in crate::sql) fn start<'q: 'e>(
        parts: Parts<'e, DB>,
        span: QuerySpan,
        sent: Sent,
        query: impl Execute<'q, DB> + 'q,
        reading: &Reading,
    ) -> Self {
        let Parts { connection, watch, .. } = parts;
        watch.state.statement = Progress::Sent;
        let steps = span.span().in_scope(|| DB::fetch_many(connection, query, Some(reading)));
        Self { steps, watch, span, sent, answered: reading.is_blank() }
    }

    fn failed(&self, error: &sqlx::Error) {
        if !self.span.span().is_disabled() {
            let code = error.as_database_error().and_then(DB::code);
            self.span.failed(code.as_deref(), Classification::of_driver::<DB>(error).kind);
        }
    }
}

impl<DB: SqlDatabase> Stream for StatementStream<'_, DB> {
    type Item = Result<Step<DB>, sqlx::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let mut step = this.span.span().in_scope(|| this.steps.poll_next_unpin(cx));
        if !this.answered && matches!(step, Poll::Ready(None)) {
            // The stream ended without a result: the driver's end of the connection is gone.
            step = Poll::Ready(Some(Err(sqlx::Error::WorkerCrashed)));
        }
        let step = step.map_err(|error| {
            let hold = this.watch.hold::<DB>(&error);
            this.sent.told::<DB>(error, hold, this.watch.first.as_ref())
        });
        match &step {
            Poll::Ready(None) => this.watch.ended::<DB, ()>(&Ok(())),
            Poll::Ready(Some(outcome @ Err(error))) => {
                this.answered = true;
                this.watch.ended::<DB, _>(outcome);
                this.failed(error);
            }
            Poll::Ready(Some(Ok(step))) => {
                this.answered = step.is_left();
                this.watch.state.statement = Progress::Answering;
            }
            Poll::Pending => {}
        }
        step
    }
}
