use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Panicked;

/// How panics are caught: with their messages or without.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Guard {
    pub(super) messages: bool,
}

impl Guard {
    /// Runs `f`.
    ///
    /// Unwind safety is asserted: the future or the body that panicked is never touched again. The service is used
    /// again, as in every server that survives a panic; a service that shares state with other requests has to guard
    /// that state itself, as a poisoned `Mutex` does.
    pub(crate) fn run<T>(self, f: impl FnOnce() -> T) -> Result<T, Panicked> {
        catch_unwind(AssertUnwindSafe(f)).map_err(|payload| self.caught(payload))
    }

    #[cold]
    fn caught(self, payload: Box<dyn Any + Send>) -> Panicked {
        let panicked = if self.messages { Panicked::with_message_of(&*payload) } else { Panicked::silent() };
        drop_quietly(|| drop(payload));
        panicked
    }
}

/// Drops a value whose `Drop` may panic.
pub(crate) fn drop_quietly(drop: impl FnOnce()) {
    if let Err(another) = catch_unwind(AssertUnwindSafe(drop)) {
        // The payload of that panic may panic in its own `Drop`, and so on for ever, so a few bytes are leaked instead.
        std::mem::forget(another);
    }
}
