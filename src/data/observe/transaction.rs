use std::future::Future;
use std::time::Duration;

use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::data::{Kind, Options, Outcome};

/// The span of a transaction: all its attempts, and how it ended.
#[derive(Debug)]
pub(crate) struct TransactionSpan(Span);

impl TransactionSpan {
    pub(crate) fn new(options: &Options) -> Self {
        Self(tracing::info_span!(
            "transaction",
            otel.name = options.name,
            otel.kind = "internal",
            attempts = Empty,
            outcome = Empty,
        ))
    }

    /// Runs a part of the transaction inside its span.
    pub(crate) fn enter<F: Future>(&self, part: F) -> impl Future<Output = F::Output> + use<F> {
        part.instrument(self.0.clone())
    }

    pub(crate) fn retried(&self, attempt: u32, kind: Kind, pause: Duration) {
        let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(parent: &self.0, attempt, ?kind, pause_ms, "the transaction is tried again");
    }

    pub(crate) fn ended<R, E>(&self, attempts: u32, outcome: &Outcome<R, E>) {
        let outcome = match outcome {
            Outcome::Committed(_) => "committed",
            Outcome::RolledBack(_) => "rolled back",
            Outcome::Unknown(_) => {
                tracing::error!(parent: &self.0, "it is not known whether the transaction was committed");
                "unknown"
            }
        };
        self.0.record("attempts", attempts).record("outcome", outcome);
    }
}
