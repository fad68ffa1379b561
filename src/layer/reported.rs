//! Decides which layer logs a failure: there is one event for each, whichever layers there are.
//!
//! If the trace layer is around the problems layer, its event has everything; otherwise the problems layer logs an
//! event of its own.

use tracing::Span;

pub(crate) use crate::telemetry::targets::REQUEST as TARGET;

/// The name of the span of a request.
pub(crate) const SPAN: &str = "request";

/// Marks a response, among its extensions, whose failure has been logged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reported;

/// Whether this runs directly in the span of a request, whose end the trace layer logs.
pub(crate) fn is_traced() -> bool {
    Span::current().metadata().is_some_and(|span| span.target() == TARGET && span.name() == SPAN)
}
