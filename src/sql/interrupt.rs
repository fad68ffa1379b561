//! Stopping a statement whose caller has gone, for a database that runs inside this process.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// While it is set, the connection that checks it gives up its current statement.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    pub(crate) fn set(&self, stop: bool) {
        self.0.store(stop, Ordering::Release);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The only connection of a pool.
#[derive(Debug, Default)]
pub(crate) struct Single {
    held: AtomicU32,
    /// The interrupt of the current connection. It is gone when the connection is, because only the connection keeps it
    /// alive.
    interrupt: Mutex<Weak<AtomicBool>>,
}

impl Single {
    pub(crate) fn taken(&self) {
        self.held.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn given_back(&self) {
        self.held.fetch_sub(1, Ordering::AcqRel);
    }

    /// Whether a session has the connection, and will give it back.
    pub(crate) fn is_held(&self) -> bool {
        self.held.load(Ordering::Acquire) > 0
    }

    /// The interrupt of the connection, if it already checks one. An interrupt that is set belongs to an earlier
    /// connection, which was given up.
    pub(crate) fn interrupt(&self) -> Option<Interrupt> {
        let interrupt = self.interrupt.lock().unwrap_or_else(PoisonError::into_inner).upgrade().map(Interrupt);
        interrupt.filter(|interrupt| !interrupt.is_set())
    }

    pub(crate) fn looks_at(&self, interrupt: &Interrupt) {
        *self.interrupt.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&interrupt.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interrupt_of_a_connection_ends_with_it() {
        let (single, interrupt) = (Single::default(), Interrupt::default());
        assert!(single.interrupt().is_none());
        single.looks_at(&interrupt);
        assert!(single.interrupt().is_some());
        interrupt.set(true);
        assert!(single.interrupt().is_none(), "it is of a connection that was given up");
        interrupt.set(false);
        drop(interrupt);
        assert!(single.interrupt().is_none());
    }
}
