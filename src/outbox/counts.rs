use std::sync::atomic::{AtomicU64, Ordering};

/// The events that a relay has handled since it was made, for metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Events that were delivered.
    pub delivered: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Events that were parked.
    pub parked: u64,
    /// Attempts that ended after their lease, when another relay had the event. The event was, or will be, delivered
    /// twice.
    pub late: u64,
}

/// The running counters.
#[derive(Debug, Default)]
pub(super) struct Counting {
    pub(super) delivered: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) parked: AtomicU64,
    pub(super) late: AtomicU64,
}

impl Counting {
    pub(super) fn now(&self) -> Counts {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            delivered: get(&self.delivered),
            failed: get(&self.failed),
            parked: get(&self.parked),
            late: get(&self.late),
        }
    }
}

pub(super) fn add(to: &AtomicU64, more: usize) {
    to.fetch_add(more as u64, Ordering::Relaxed);
}
