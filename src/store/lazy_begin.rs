use std::sync::{Arc, OnceLock};

use tokio::time::Instant;

use super::deadline::{Elapsed, after, within};
use super::unit::Unit;
use super::{Error, ErrorKind, TransactionOptions};

/// A begin that is put off until the first statement of the transaction.
#[derive(Debug, Clone)]
pub(crate) struct LazyBegin {
    options: TransactionOptions,
    begun: Begun,
}

/// Set once the transaction has begun. The value is its deadline, if it has one.
pub(crate) type Begun = Arc<OnceLock<Option<Instant>>>;

impl LazyBegin {
    pub(crate) const fn new(options: TransactionOptions, begun: Begun) -> Self {
        Self { options, begun }
    }

    /// Begins now. The deadline counts from here.
    pub(crate) async fn begin(&self, unit: &mut dyn Unit) -> Result<(), Error> {
        let limit = self.options.deadline;
        let end = limit.and_then(after);
        let begun = within(end, unit.begin(&self.options, limit)).await;
        begun.unwrap_or_else(|Elapsed| Err(Error::new(ErrorKind::DeadlineExceeded)))?;
        let _ = self.begun.set(end);
        Ok(())
    }
}
