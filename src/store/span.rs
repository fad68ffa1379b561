use std::fmt::Write as _;
use std::future::Future;
use std::time::Duration;

use tracing::field::{self, Empty};
use tracing::{Instrument, Level, Span};

use crate::store::unit::Seen;
use crate::store::{ErrorKind, Isolation, Outcome, TransactionOptions};
use crate::telemetry::targets::TRANSACTION as TARGET;
use crate::telemetry::{AttemptBaseline, OTHER, fields};

/// The span of a transaction: all its attempts, and how it ended.
#[derive(Debug)]
pub(crate) struct TransactionSpan {
    span: Span,
    /// Why it was tried again, in order.
    retried: String,
    attempts: u32,
    name: &'static str,
    before: AttemptBaseline,
    ended: bool,
}

impl TransactionSpan {
    pub(crate) fn new(system: Option<&'static str>, options: &TransactionOptions) -> Self {
        let listened = tracing::enabled!(target: TARGET, Level::INFO);
        let span = if listened { Self::open(system, options) } else { Span::none() };
        Self {
            span,
            retried: String::new(),
            attempts: 1,
            name: options.name,
            before: AttemptBaseline::now(),
            ended: false,
        }
    }

    fn open(system: Option<&'static str>, options: &TransactionOptions) -> Span {
        tracing::info_span!(
            target: TARGET,
            "transaction",
            { fields::OTEL_NAME } = field::display(options.name),
            { fields::OTEL_KIND } = field::display("internal"),
            { fields::OTEL_STATUS_CODE } = Empty,
            db.system.name = system.map(field::display),
            isolation = options.isolation.map(|isolation| field::display(name(isolation))),
            read_only = options.read_only,
            attempts = Empty,
            retried = Empty,
            outcome = Empty,
            { fields::ERROR_TYPE } = Empty,
        )
    }

    /// Runs a part of the transaction inside its span.
    pub(crate) fn enter<F: Future>(&self, part: F) -> impl Future<Output = F::Output> + use<F> {
        part.instrument(self.span.clone())
    }

    pub(crate) fn retried(&mut self, attempt: u32, kind: ErrorKind, pause: Duration) {
        let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(target: TARGET, parent: &self.span, attempt, ?kind, pause_ms, "the transaction is tried again");
        // Writing to a `String` cannot fail.
        let _ = write!(self.retried, "{}{kind:?}", if self.retried.is_empty() { "" } else { ", " });
        self.attempts = attempt + 1;
        self.before.restore();
    }

    pub(crate) fn ended<R, E>(&mut self, attempts: u32, outcome: &Outcome<R, E>, seen: Seen) {
        self.ended = true;
        self.tell_retries(match outcome {
            Outcome::Committed(_) => "committed",
            Outcome::RolledBack(_) => "rolled back",
            Outcome::Unknown(_) => "unknown",
        });
        if self.span.is_disabled() && !matches!(outcome, Outcome::Unknown(_)) {
            return;
        }
        self.span.record("attempts", attempts);
        if !self.retried.is_empty() {
            self.span.record("retried", field::display(&self.retried));
        }
        match outcome {
            Outcome::Committed(_) => {
                self.span.record("outcome", field::display("committed"));
            }
            Outcome::RolledBack(_) => self.failed("rolled back", seen.doomed.or(seen.last)),
            Outcome::Unknown(_) => {
                tracing::error!(
                    target: TARGET,
                    parent: &self.span,
                    "it is not known whether the transaction was committed"
                );
                self.failed("unknown", Some(ErrorKind::UnknownCommit));
            }
        }
    }

    /// Logs one event if the transaction was tried again, however it ended.
    fn tell_retries(&self, outcome: &'static str) {
        if self.retried.is_empty() {
            return;
        }
        let _inside = self.span.enter();
        let (name, attempts, retried) = (self.name, self.attempts, field::display(&self.retried));
        if outcome == "committed" {
            tracing::info!(target: TARGET, name, attempts, retried, outcome, "the transaction was tried again");
        } else {
            tracing::warn!(target: TARGET, name, attempts, retried, outcome, "the transaction was tried again");
        }
    }

    /// The work sent nothing, so there was no transaction.
    pub(crate) fn never_begun(mut self) {
        self.ended = true;
    }

    fn failed(&self, outcome: &'static str, kind: Option<ErrorKind>) {
        self.span.record("outcome", field::display(outcome)).record(fields::OTEL_STATUS_CODE, field::display("ERROR"));
        match kind {
            Some(kind) => self.span.record(fields::ERROR_TYPE, field::debug(kind)),
            // The work's own error.
            None => self.span.record(fields::ERROR_TYPE, field::display(OTHER)),
        };
    }
}

/// The caller dropped the transaction before it ended.
impl Drop for TransactionSpan {
    fn drop(&mut self) {
        if !self.ended {
            self.span.record("outcome", field::display("dropped"));
            self.tell_retries("dropped");
        }
    }
}

const fn name(isolation: Isolation) -> &'static str {
    match isolation {
        Isolation::ReadCommitted => "read committed",
        Isolation::RepeatableRead => "repeatable read",
        Isolation::Serializable => "serializable",
    }
}
