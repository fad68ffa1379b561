//! Whether somebody still has an error.

use std::sync::Arc;

/// Counts the errors of a transaction for which it may be run again, while anybody has one of them.
#[derive(Debug, Default)]
pub(in crate::sql) struct LiveErrors(Option<Arc<()>>);

/// The part that such an error holds.
#[derive(Debug)]
pub(in crate::sql) struct LiveError(#[expect(dead_code, reason = "it is counted")] Arc<()>);

impl LiveErrors {
    pub(in crate::sql) fn hold(&mut self) -> LiveError {
        LiveError(Arc::clone(self.0.get_or_insert_default()))
    }

    /// Whether one of the errors is still there: returned, or inside of what is returned.
    pub(in crate::sql) fn is_any(&self) -> bool {
        self.0.as_ref().is_some_and(|count| Arc::strong_count(count) > 1)
    }
}
