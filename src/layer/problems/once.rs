use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// A flag for a message that is logged once for all clones together: a router may clone a layer for each of its
/// routes.
#[derive(Debug)]
pub(super) struct Once(OnceLock<Arc<AtomicBool>>);

impl Once {
    pub(super) const fn new() -> Self {
        Self(OnceLock::new())
    }

    pub(super) fn is_first(&self) -> bool {
        !self.said().swap(true, Ordering::Relaxed)
    }

    fn said(&self) -> &Arc<AtomicBool> {
        self.0.get_or_init(Arc::default)
    }
}

impl Clone for Once {
    fn clone(&self) -> Self {
        Self(OnceLock::from(Arc::clone(self.said())))
    }
}
