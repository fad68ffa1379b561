use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

/// The deadline came before the work was done.
#[derive(Debug)]
pub(crate) struct Elapsed;

/// When a time limit that starts now ends; `None` if the clock cannot represent it.
pub(crate) fn after(limit: Duration) -> Option<Instant> {
    Instant::now().checked_add(limit)
}

/// Runs `work` until `end`, if there is one. Implemented by hand, because an `async fn` would hold the work twice, and
/// the work of a transaction is large.
pub(crate) fn within<F: Future>(end: Option<Instant>, work: F) -> Within<F> {
    Within { work, limit: end.map(Limit::At), alarm: None }
}

/// Runs `work` for at most `limit`, if there is one. The clock is not read for work that is ready at once.
pub(crate) fn limited<F: Future>(limit: Option<Duration>, work: F) -> Within<F> {
    Within { work, limit: limit.map(Limit::For), alarm: None }
}

#[derive(Debug, Clone, Copy)]
enum Limit {
    At(Instant),
    For(Duration),
}

impl Limit {
    fn alarm(self) -> Pin<Box<Sleep>> {
        Box::pin(match self {
            Self::At(end) => sleep_until(end),
            Self::For(limit) => sleep(limit),
        })
    }
}

pin_project! {
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Within<F> {
        #[pin]
        work: F,
        limit: Option<Limit>,
        // Stays `None` for work that is ready at once.
        alarm: Option<Pin<Box<Sleep>>>,
    }
}

impl<F: Future> Future for Within<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(done) = this.work.poll(cx) {
            return Poll::Ready(Ok(done));
        }
        match *this.limit {
            Some(limit) => this.alarm.get_or_insert_with(|| limit.alarm()).as_mut().poll(cx).map(|()| Err(Elapsed)),
            None => Poll::Pending,
        }
    }
}
