use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use super::{Error, Kind};

/// Work that goes on when its caller leaves, counted so that a shutdown can wait for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Detached(Arc<Running>);

#[derive(Debug, Default)]
struct Running {
    count: AtomicUsize,
    none: Notify,
}

impl Detached {
    /// Starts the work; the future is for its result, and may be dropped.
    pub(crate) fn spawn<F>(&self, work: F) -> impl Future<Output = Result<F::Output, Error>> + Send + use<F>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let task = self.start(work);
        async move { task.await.map_err(|_| Error::new(Kind::Other).because("detached work panicked")) }
    }

    /// The same, as a task whose type has a name.
    pub(crate) fn start<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        // What it logs still belongs to the request.
        tokio::spawn(Counted { work, _one: One::new(&self.0) }.in_current_span())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.count.load(Ordering::Acquire)
    }

    /// Ready when nothing runs.
    pub(crate) async fn drained(&self) {
        loop {
            let none = self.0.none.notified();
            if self.count() == 0 {
                return;
            }
            none.await;
        }
    }
}

pin_project! {
    /// By hand: an `async` block would hold the work twice.
    struct Counted<F> {
        #[pin]
        work: F,
        _one: One,
    }
}

impl<F: Future> Future for Counted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().work.poll(cx)
    }
}

/// One piece of work: counted as long as it lives, whether it ends, panics or is dropped with the runtime.
struct One(Arc<Running>);

impl One {
    fn new(running: &Arc<Running>) -> Self {
        running.count.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(running))
    }
}

impl Drop for One {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.none.notify_waiters();
        }
    }
}
