use std::sync::{Arc, OnceLock};

use tokio::time::Instant;

use super::deadline::{Late, within};
use super::unit::Unit;
use super::{Error, Kind, Options};

/// A begin that is put off until something is to be done in the transaction.
#[derive(Debug, Clone)]
pub(crate) struct Deferred {
    options: Options,
    since: Since,
}

/// Since when a transaction runs, once it does.
pub(crate) type Since = Arc<OnceLock<Instant>>;

impl Deferred {
    pub(crate) const fn new(options: Options, since: Since) -> Self {
        Self { options, since }
    }

    /// Begins now. The deadline counts from here.
    pub(crate) async fn begin(&self, unit: &mut dyn Unit) -> Result<(), Error> {
        let (now, limit) = (Instant::now(), self.options.deadline);
        let begun = within(limit.map(|limit| now + limit), unit.begin(&self.options, limit)).await;
        begun.unwrap_or_else(|Late| Err(Error::new(Kind::DeadlineExceeded)))?;
        let _ = self.since.set(now);
        Ok(())
    }
}
