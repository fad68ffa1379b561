//! Who tells the log of a failure: one event for each, whichever layers there are.
//!
//! Where the trace layer is around the problems layer, its event says all that there is to say, and where it is not,
//! the problems layer has an event of its own.

use tracing::Span;

/// The name and the target of the span of a request.
pub(crate) const SPAN: &str = "request";
pub(crate) const TARGET: &str = "buttress::trace";

/// Among the extensions of a response: the log knows why it failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reported;

/// Whether this runs directly in the span of a request, whose end the trace layer tells of.
pub(crate) fn is_traced() -> bool {
    Span::current().metadata().is_some_and(|span| span.target() == TARGET && span.name() == SPAN)
}
