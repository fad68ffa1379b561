use tower_layer::Layer;

use super::CatchPanicService;
use super::guard::Guard;

/// Turns panics into problems. See the [module docs](super).
#[derive(Debug, Clone, Copy, Default)]
pub struct CatchPanicLayer {
    pub(crate) guard: Guard,
}

impl CatchPanicLayer {
    /// Catches panics and discards their messages.
    #[must_use]
    pub const fn new() -> Self {
        Self { guard: Guard { messages: false } }
    }

    /// Logs the messages of panics that are strings.
    #[must_use]
    pub const fn log_messages(mut self) -> Self {
        self.guard.messages = true;
        self
    }
}

impl<S> Layer<S> for CatchPanicLayer {
    type Service = CatchPanicService<S>;

    fn layer(&self, inner: S) -> CatchPanicService<S> {
        CatchPanicService::new(inner, self.guard)
    }
}
