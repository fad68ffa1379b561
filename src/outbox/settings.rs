use std::time::Duration;

use crate::store::{Backoff, Isolation, TransactionOptions};

/// The limits and timings of a relay.
#[derive(Debug, Clone, Copy)]
pub(super) struct RelaySettings {
    pub(super) poll: Duration,
    pub(super) batch: usize,
    pub(super) lease: Duration,
    pub(super) attempts: u32,
    pub(super) backoff: Backoff,
    pub(super) keep: Option<Duration>,
}

/// How long the database may take for a transaction or a look: no relay waits for ever.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);

/// In read committed, each statement sees everything that was committed before it, and none locks the gaps between
/// rows, as MySQL otherwise would. The transactions are idempotent: what became of an event may be recorded twice.
pub(super) const OPTIONS: TransactionOptions =
    TransactionOptions::new().name("outbox").isolation(Isolation::ReadCommitted).deadline(DEADLINE).idempotent();

impl Default for RelaySettings {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(1),
            batch: 512,
            lease: Duration::from_secs(30),
            attempts: 10,
            backoff: Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(300) },
            keep: None,
        }
    }
}

/// Limits a duration to a hundred years, which is as good as for ever: the clock may be unable to represent a later
/// moment.
pub(super) fn at_most_a_century(of: Duration) -> Duration {
    of.min(Duration::from_secs(100 * 366 * 24 * 60 * 60))
}
