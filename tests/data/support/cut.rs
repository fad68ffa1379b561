//! Futures that are dropped after so many polls.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// At which moment after its last poll a future is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// At once: what it waits for is still under way.
    Waiting,
    /// When it would be polled again: what it waited for is there, and is not looked at.
    Woken,
}

/// Polls at most so often; `None` if the future was not ready by then. It is dropped before this comes back.
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
