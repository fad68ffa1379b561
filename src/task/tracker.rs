use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use super::Unfinished;

/// Counts work that goes on after its caller has left, so that a shutdown can wait for it. A clone counts the same
/// work.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tracker(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    counts: Mutex<Counts>,
    /// Notified when nothing runs.
    idle: Notify,
    /// Set when a shutdown begins: the time that remains for work that does not end by itself, such as a relay.
    stopping: watch::Sender<Option<Duration>>,
}

#[derive(Debug, Default)]
struct Counts {
    /// By the name of the work. There are only a few names.
    kinds: BTreeMap<&'static str, Kind>,
    /// Whether nothing runs, nothing is expected, and nothing begins any more.
    closed: bool,
}

#[derive(Debug, Default)]
struct Kind {
    running: usize,
    /// Work that begins later, or never.
    expected: usize,
}

impl Counts {
    fn kind(&mut self, name: &'static str) -> &mut Kind {
        self.kinds.entry(name).or_default()
    }

    fn is_idle(&self) -> bool {
        self.kinds.values().all(|kind| kind.running == 0)
    }

    fn expects_nothing(&self) -> bool {
        self.kinds.values().all(|kind| kind.expected == 0)
    }
}

impl Tracker {
    /// Counts a piece of work that begins now; `None` after the [end](Self::closed).
    pub(crate) fn begin(&self, name: &'static str) -> Option<Running> {
        let mut counts = self.counts();
        (!counts.closed).then(|| {
            counts.kind(name).running += 1;
            self.running(name)
        })
    }

    /// Counts a piece of work that begins now, even after the [end](Self::closed): a transaction must be ended, and a
    /// connection given back.
    pub(crate) fn begin_in_any_case(&self, name: &'static str) -> Running {
        self.counts().kind(name).running += 1;
        self.running(name)
    }

    /// Counts a piece of work that begins later or never; `None` after the [end](Self::closed).
    pub(crate) fn expect(&self, name: &'static str) -> Option<Expected> {
        let mut counts = self.counts();
        (!counts.closed).then(|| {
            counts.kind(name).expected += 1;
            Expected { tracker: Some(self.clone()), name }
        })
    }

    /// The work that runs or is expected.
    pub(crate) fn unfinished(&self) -> Unfinished {
        let counts = self.counts();
        Unfinished::new(counts.kinds.iter().map(|(name, kind)| (*name, kind.running + kind.expected)))
    }

    /// Tells work that does not end by itself to stop within this time.
    pub(crate) fn stop_within(&self, limit: Duration) {
        self.0.stopping.send_replace(Some(limit));
    }

    /// Ready when a shutdown begins; gives the time that is left.
    pub(crate) async fn stopping(&self) -> Duration {
        let mut stopping = self.0.stopping.subscribe();
        let limit = stopping.wait_for(Option::is_some).await.ok().and_then(|limit| *limit);
        limit.unwrap_or_default()
    }

    /// Ready when nothing runs.
    pub(crate) async fn idle(&self) {
        self.until(|counts| counts.is_idle()).await;
    }

    /// Ready when nothing runs and nothing is expected: from then on, nothing begins.
    pub(crate) async fn closed(&self) {
        self.until(|counts| {
            counts.closed |= counts.is_idle() && counts.expects_nothing();
            counts.closed
        })
        .await;
    }

    async fn until(&self, holds: impl Fn(&mut Counts) -> bool) {
        loop {
            // Made before the check, so that no notification in between is missed.
            let idle = self.0.idle.notified();
            if holds(&mut self.counts()) {
                return;
            }
            idle.await;
        }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self, name: &'static str) -> Running {
        Running { tracker: self.clone(), name }
    }

    fn ended(&self, end: impl FnOnce(&mut Counts)) {
        let mut counts = self.counts();
        end(&mut counts);
        if counts.is_idle() {
            drop(counts);
            self.0.idle.notify_waiters();
        }
    }
}

/// One piece of work. It is counted as long as it lives, whether it ends, panics or is dropped with the runtime.
#[derive(Debug)]
pub(crate) struct Running {
    tracker: Tracker,
    name: &'static str,
}

impl Running {
    /// Runs the work in a task of its own, inside the caller's span: its log events still belong to the request.
    pub(crate) fn spawn<F>(self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        tokio::spawn(Counted { work, _running: self }.in_current_span())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tracker.ended(|counts| counts.kind(self.name).running -= 1);
    }
}

/// A piece of work that begins later or never.
#[derive(Debug)]
pub(crate) struct Expected {
    tracker: Option<Tracker>,
    name: &'static str,
}

impl Expected {
    /// The work begins.
    pub(crate) fn begin(mut self) -> Option<Running> {
        let tracker = self.tracker.take()?;
        let mut counts = tracker.counts();
        let kind = counts.kind(self.name);
        (kind.expected, kind.running) = (kind.expected - 1, kind.running + 1);
        drop(counts);
        Some(Running { tracker, name: self.name })
    }
}

/// The work does not begin.
impl Drop for Expected {
    fn drop(&mut self) {
        if let Some(tracker) = self.tracker.take() {
            tracker.ended(|counts| counts.kind(self.name).expected -= 1);
        }
    }
}

pin_project! {
    /// Implemented by hand: an `async` block would hold the work twice.
    struct Counted<F> {
        #[pin]
        work: F,
        _running: Running,
    }
}

impl<F: Future> Future for Counted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().work.poll(cx)
    }
}
