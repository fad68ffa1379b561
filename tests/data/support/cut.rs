//! Futures that are dropped after a number of polls.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// The moment after its last poll at which a future is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// At once: the operation that it waits for is still in progress.
    Waiting,
    /// When it would be polled again: the operation is done, but its result is not read.
    Woken,
}

/// Polls at most `polls` times; `None` if the future was not ready by then. The future is dropped before this returns.
pub(crate) async fn cut<F: Future>(future: F, polls: usize, moment: Moment) -> Option<F::Output> {
    Cut { future: pin!(future), left: polls, moment }.await
}

struct Cut<'a, F> {
    future: Pin<&'a mut F>,
    left: usize,
    moment: Moment,
}

impl<F: Future> Future for Cut<'_, F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        match self.future.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if self.left == 0 && self.moment == Moment::Waiting => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}
