use crate::telemetry::Counter;

/// The events that a relay has handled since it was made, for metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayStats {
    /// Events that were delivered.
    pub delivered: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Events that became dead letters.
    pub dead_letters: u64,
    /// Attempts that ended after their lease, when another relay had the event. The event was, or will be, delivered
    /// twice.
    pub late: u64,
}

/// The counters behind [`RelayStats`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) delivered: Counter,
    pub(super) failed: Counter,
    pub(super) dead_letters: Counter,
    pub(super) late: Counter,
}

impl Counters {
    pub(super) fn stats(&self) -> RelayStats {
        RelayStats {
            delivered: self.delivered.get(),
            failed: self.failed.get(),
            dead_letters: self.dead_letters.get(),
            late: self.late.get(),
        }
    }
}
