//! Keeps a task from waiting for itself on a store with one writer.
//!
//! A second transaction on such a store, inside the first, would wait until the pool gives up. The guard follows the
//! task, not the tasks that it spawns: a spawned task may well wait for the first to end.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Error, ErrorKind};

/// Ids start at 1; 0 stands for no store.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// An id for a store with one writer.
pub(crate) fn new_id() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

tokio::task_local! {
    static CURRENT: Arc<dyn HoldsWriter>;
}

/// Knows which stores the task is writing to.
pub(crate) trait HoldsWriter: Send + Sync {
    /// Whether the task is writing to this store.
    fn holds(&self, store: u64) -> bool;
}

/// The task writes to a store, and to those of the outer guards.
pub(crate) struct WriterGuard {
    store: u64,
    outer: Option<Arc<dyn HoldsWriter>>,
}

impl WriterGuard {
    /// A guard inside the task's current one.
    pub(crate) fn new(store: u64) -> Arc<Self> {
        Arc::new(Self { store, outer: current() })
    }

    /// Runs `work` under this guard.
    pub(crate) fn scope<F: Future>(self: Arc<Self>, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }
}

impl HoldsWriter for WriterGuard {
    fn holds(&self, store: u64) -> bool {
        self.store == store || self.outer.as_ref().is_some_and(|outer| outer.holds(store))
    }
}

/// The task's current guard.
pub(crate) fn current() -> Option<Arc<dyn HoldsWriter>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// Runs one poll under a guard.
pub(crate) fn sync_scope<R>(guard: Arc<dyn HoldsWriter>, poll: impl FnOnce() -> R) -> R {
    CURRENT.sync_scope(guard, poll)
}

/// # Errors
///
/// [`ErrorKind::WouldDeadlock`], if this task is writing to the store already.
pub(crate) fn check(store: u64) -> Result<(), Error> {
    match CURRENT.try_with(|current| current.holds(store)) {
        Ok(true) => Err(Error::new(ErrorKind::WouldDeadlock)),
        _ => Ok(()),
    }
}
