//! Decides which layer logs a failure: there is one event for each failure, whichever layers there are.
//!
//! If the trace layer is around the problems layer, its event has everything; otherwise the problems layer logs an
//! event of its own.

use tracing::Span;

pub(crate) use crate::telemetry::targets::REQUEST as TARGET;

/// The name of the span of a request.
pub(crate) const SPAN: &str = "request";

/// An extension of a response: its failure has been logged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reported;

/// Whether the current span is that of a request. The trace layer then logs the failure when the request ends.
pub(crate) fn is_traced() -> bool {
    Span::current().metadata().is_some_and(|span| span.target() == TARGET && span.name() == SPAN)
}
