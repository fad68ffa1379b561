use std::sync::atomic::{AtomicU64, Ordering};

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

/// The running counters.
#[derive(Debug, Default)]
pub(super) struct Counting {
    pub(super) delivered: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) dead_letters: AtomicU64,
    pub(super) late: AtomicU64,
}

impl Counting {
    pub(super) fn now(&self) -> RelayStats {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        RelayStats {
            delivered: get(&self.delivered),
            failed: get(&self.failed),
            dead_letters: get(&self.dead_letters),
            late: get(&self.late),
        }
    }
}

pub(super) fn add(to: &AtomicU64, more: usize) {
    to.fetch_add(more as u64, Ordering::Relaxed);
}
