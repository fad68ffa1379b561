use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

/// The deadline came first.
#[derive(Debug)]
pub(crate) struct Late;

/// Runs `work` until `end`, if there is one. By hand, because an `async fn` would hold the work twice, and the work of a
/// transaction is large.
pub(crate) fn within<F: Future>(end: Option<Instant>, work: F) -> Within<F> {
    Within { work, alarm: end.map(|end| Box::pin(sleep_until(end))) }
}

pin_project! {
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Within<F> {
        #[pin]
        work: F,
        alarm: Option<Pin<Box<Sleep>>>,
    }
}

impl<F: Future> Future for Within<F> {
    type Output = Result<F::Output, Late>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(done) = this.work.poll(cx) {
            return Poll::Ready(Ok(done));
        }
        match this.alarm {
            Some(alarm) => alarm.as_mut().poll(cx).map(|()| Err(Late)),
            None => Poll::Pending,
        }
    }
}
