use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The state that a request body shares with the timer. A request without a body shares nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Upload(Option<Arc<State>>);

#[derive(Debug, Default)]
struct State {
    awaited: AtomicBool,
    stalled: AtomicBool,
}

impl Upload {
    pub(crate) fn of<B: http_body::Body>(body: &B) -> Self {
        Self((!body.is_end_stream()).then(Arc::default))
    }

    /// Whether the handler waits for the client to send more.
    pub(crate) fn is_awaited(&self) -> bool {
        self.0.as_ref().is_some_and(|state| state.awaited.load(Ordering::Relaxed))
    }

    /// Whether a single read took too long.
    pub(crate) fn has_stalled(&self) -> bool {
        self.0.as_ref().is_some_and(|state| state.stalled.load(Ordering::Relaxed))
    }

    pub(super) fn set_awaited(&self, awaited: bool) {
        if let Some(state) = &self.0 {
            state.awaited.store(awaited, Ordering::Relaxed);
        }
    }

    pub(super) fn set_stalled(&self) {
        if let Some(state) = &self.0 {
            state.stalled.store(true, Ordering::Relaxed);
        }
    }
}

/// The reading end: once the body is gone, the handler no longer waits for it.
#[derive(Debug)]
pub(super) struct Reader(pub(super) Upload);

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.set_awaited(false);
    }
}
