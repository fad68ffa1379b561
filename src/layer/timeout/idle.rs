use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// The time that a single read may take. Its timer is made when a read has to wait for the first time.
#[derive(Debug)]
pub(super) struct Idle {
    limit: Option<Duration>,
    timer: Option<Pin<Box<Sleep>>>,
    armed: bool,
}

impl Idle {
    pub(super) const fn new(limit: Option<Duration>) -> Self {
        Self { limit, timer: None, armed: false }
    }

    /// Disarms the timer: a read has brought data.
    pub(super) const fn rest(&mut self) {
        self.armed = false;
    }

    /// A read has to wait. Ready if it has waited too long already.
    pub(super) fn wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(limit) = self.limit else { return Poll::Pending };
        // A deadline that overflows is never reached.
        let Some(deadline) = Instant::now().checked_add(limit) else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if !std::mem::replace(&mut self.armed, true) {
            timer.as_mut().reset(deadline);
        }
        timer.as_mut().poll(cx)
    }
}
