//! Tells whether the work still holds an error.

use std::sync::Arc;

/// Counts the retryable errors of a transaction that still exist.
#[derive(Debug, Default)]
pub(in crate::sql) struct LiveErrors(Option<Arc<()>>);

/// The part that such an error holds.
#[derive(Debug)]
pub(in crate::sql) struct LiveError(#[expect(dead_code, reason = "it is counted")] Arc<()>);

impl LiveErrors {
    pub(in crate::sql) fn hold(&mut self) -> LiveError {
        LiveError(Arc::clone(self.0.get_or_insert_default()))
    }

    /// Whether one of the errors still exists: the work may be returning it, or something that holds it.
    pub(in crate::sql) fn is_any(&self) -> bool {
        self.0.as_ref().is_some_and(|count| Arc::strong_count(count) > 1)
    }
}
