//! The one-writer stores that the current task is already writing to.
//!
//! A second transaction on such a store, inside the first, would wait for itself until the pool gives up. The mark
//! follows the task, not the tasks that it spawns: a spawned task may well wait for the first to end.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Error, ErrorKind};

/// Marks start at 1; 0 stands for no store.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A new mark for a store.
pub(crate) fn new() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

tokio::task_local! {
    static HELD: Arc<dyn Holds>;
}

/// Knows which stores are being written to.
pub(crate) trait Holds: Send + Sync {
    /// Whether this store is being written to.
    fn holds(&self, store: u64) -> bool;
}

/// A store that is being written to, and the ones around it.
pub(crate) struct Held {
    store: u64,
    around: Option<Arc<dyn Holds>>,
}

impl Held {
    /// A mark nested inside the task's current one.
    pub(crate) fn new(store: u64) -> Arc<Self> {
        Arc::new(Self { store, around: present() })
    }

    /// Runs `work` under this mark.
    pub(crate) fn scope<F: Future>(self: Arc<Self>, work: F) -> impl Future<Output = F::Output> {
        HELD.scope(self, work)
    }
}

impl Holds for Held {
    fn holds(&self, store: u64) -> bool {
        self.store == store || self.around.as_ref().is_some_and(|outer| outer.holds(store))
    }
}

/// The task's current mark.
pub(crate) fn present() -> Option<Arc<dyn Holds>> {
    HELD.try_with(Arc::clone).ok()
}

/// Runs one poll under a mark.
pub(crate) fn under<R>(held: Arc<dyn Holds>, poll: impl FnOnce() -> R) -> R {
    HELD.sync_scope(held, poll)
}

/// # Errors
///
/// [`ErrorKind::WouldDeadlock`], if this task is writing to the store already.
pub(crate) fn check(store: u64) -> Result<(), Error> {
    match HELD.try_with(|held| held.holds(store)) {
        Ok(true) => Err(Error::new(ErrorKind::WouldDeadlock)),
        _ => Ok(()),
    }
}
