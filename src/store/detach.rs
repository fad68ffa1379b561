use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use super::{Error, ErrorKind};

/// The work of a store that goes on when its caller leaves, counted so that a shutdown can wait for it: detached work,
/// the ends of requests' transactions, after-commit hooks, relays.
#[derive(Debug, Clone, Default)]
pub(crate) struct Detached(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    counts: Mutex<Counts>,
    /// Notified when nothing runs, and when nothing is expected either.
    none: Notify,
    /// Set when the store begins to close, to the time that is left for work that runs until it is told to stop.
    closing: watch::Sender<Option<Duration>>,
}

#[derive(Debug, Default)]
struct Counts {
    running: usize,
    /// Transactions that will leave work behind if they are committed.
    expected: usize,
    /// Whether nothing runs, nothing is expected, and nothing begins any more.
    closed: bool,
}

impl Detached {
    /// Starts the work. The returned future gives its result and may be dropped. After the [end](Self::closed), nothing
    /// starts.
    pub(crate) fn spawn<F>(&self, work: F) -> impl Future<Output = Result<F::Output, Error>> + Send + use<F>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let task = self.begin().map(|one| one.run(work));
        async move {
            let task = task.ok_or_else(|| Error::new(ErrorKind::PoolClosed))?;
            task.await.map_err(|_| Error::new(ErrorKind::Other).because("detached work panicked"))
        }
    }

    /// Starts the end of a transaction. It starts even if the store is closed, since every transaction must end.
    pub(crate) fn start<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.counts().running += 1;
        Running(self.clone()).run(work)
    }

    /// Counts a piece of work that begins now, unless the store is closed.
    pub(crate) fn begin(&self) -> Option<Running> {
        let mut counts = self.counts();
        (!counts.closed).then(|| {
            counts.running += 1;
            Running(self.clone())
        })
    }

    /// Counts a piece of work that may begin later, unless the store is closed.
    pub(crate) fn expect(&self) -> Option<Expected> {
        let mut counts = self.counts();
        (!counts.closed).then(|| {
            counts.expected += 1;
            Expected(Some(self.clone()))
        })
    }

    /// The pieces of work that run or will run. The end of a transaction runs and may leave work behind: it counts
    /// once.
    pub(crate) fn count(&self) -> usize {
        let counts = self.counts();
        counts.running.max(counts.expected)
    }

    /// Tells the work that runs until it is told to stop that it should stop within this time.
    pub(crate) fn close_within(&self, limit: Duration) {
        self.0.closing.send_replace(Some(limit));
    }

    /// Ready when the store begins to close; gives the time that is left.
    pub(crate) async fn closing(&self) -> Duration {
        let mut closing = self.0.closing.subscribe();
        let limit = closing.wait_for(Option::is_some).await.ok().and_then(|limit| *limit);
        limit.unwrap_or_default()
    }

    /// Ready when nothing runs.
    pub(crate) async fn drained(&self) {
        self.until(|counts| counts.running == 0).await;
    }

    /// Ready when nothing runs and nothing is expected: from then on, nothing begins.
    pub(crate) async fn closed(&self) {
        self.until(|counts| {
            counts.closed |= counts.running == 0 && counts.expected == 0;
            counts.closed
        })
        .await;
    }

    async fn until(&self, holds: impl Fn(&mut Counts) -> bool) {
        loop {
            let none = self.0.none.notified();
            if holds(&mut self.counts()) {
                return;
            }
            none.await;
        }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self, end: impl FnOnce(&mut Counts)) {
        let mut counts = self.counts();
        end(&mut counts);
        if counts.running == 0 {
            drop(counts);
            self.0.none.notify_waiters();
        }
    }
}

/// One piece of work. It is counted as long as it lives, whether it ends, panics or is dropped with the runtime.
#[derive(Debug)]
pub(crate) struct Running(Detached);

impl Running {
    /// Runs it in a task of its own. Its log events still belong to the request.
    pub(crate) fn run<F>(self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        tokio::spawn(Counted { work, _one: self }.in_current_span())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.ended(|counts| counts.running -= 1);
    }
}

/// A piece of work that may begin later.
#[derive(Debug)]
pub(crate) struct Expected(Option<Detached>);

impl Expected {
    /// The work begins.
    pub(crate) fn begin(mut self) -> Option<Running> {
        self.0.take().map(|detached| {
            let mut counts = detached.counts();
            (counts.expected, counts.running) = (counts.expected - 1, counts.running + 1);
            drop(counts);
            Running(detached)
        })
    }
}

/// The work will not begin.
impl Drop for Expected {
    fn drop(&mut self) {
        if let Some(detached) = self.0.take() {
            detached.ended(|counts| counts.expected -= 1);
        }
    }
}

pin_project! {
    /// Implemented by hand: an `async` block would hold the work twice.
    struct Counted<F> {
        #[pin]
        work: F,
        _one: Running,
    }
}

impl<F: Future> Future for Counted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().work.poll(cx)
    }
}
