use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, FutureExt as _, select};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout};

use super::counts::Counting;
use super::rounds::Rounds;
use super::settings::{OPTIONS, Settings, at_most_a_century};
use super::{Publisher, Running};
use crate::sql::Backoff;
use crate::store::Store;

/// Takes events from the outbox to a [`Publisher`]. See the [chapter](super).
///
/// Any number of them may work on one outbox. It is made by [`Outbox::relay`](super::Outbox::relay).
#[must_use = "a relay does nothing until it is run or spawned"]
pub struct Relay {
    /// For looking: a reader of SQLite.
    pub(super) looks: Store,
    /// For claiming and for writing down what became of events.
    pub(super) store: Store,
    pub(super) publisher: Arc<dyn Publisher>,
    pub(super) wake: Arc<Notify>,
    pub(super) settings: Settings,
    pub(super) counting: Arc<Counting>,
}

impl Relay {
    pub(super) fn new(store: &Store, publisher: impl Publisher, wake: Arc<Notify>) -> Self {
        Self {
            looks: store.in_background().read_only(),
            store: store.in_background().with(OPTIONS),
            publisher: Arc::new(publisher),
            wake,
            settings: Settings::default(),
            counting: Arc::default(),
        }
    }

    /// How often it looks for events that nobody told it about: those of other processes, those that failed, and those of
    /// relays that are gone. Defaults to one second.
    pub fn poll_every(mut self, pause: Duration) -> Self {
        self.settings.poll = at_most_a_century(pause);
        self
    }

    /// The most events that are with the publisher at once, of as many different keys: 1 to 1000. Defaults to 512.
    ///
    /// It begins with 32 and doubles as long as more is waiting, and what was claimed beyond 32 has up to 16 MiB of
    /// payload in all. A publisher that can do only so many things at once says so here.
    pub fn batch(mut self, events: usize) -> Self {
        // A statement has room for so many.
        self.settings.batch = events.clamp(1, 1_000);
        self
    }

    /// How long the publisher may take for one event. After that it is stopped, and any relay may try again. This is also
    /// how long the events of a relay that died wait. Defaults to 30 seconds.
    pub fn lease_for(mut self, lease: Duration) -> Self {
        self.settings.lease = at_most_a_century(lease);
        self
    }

    /// How often an event is tried before it is parked; 0 counts as 1. Defaults to 10. An attempt of which nobody said how
    /// it ended counts, too: the event may be what its relays died of.
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.settings.attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// The longest pause after a first failure, and the longest of all; the pauses in between double, and are drawn at
    /// random from the half to the whole. Defaults to a second and five minutes.
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.settings.backoff = Backoff { base: at_most_a_century(base), cap: at_most_a_century(cap) };
        self
    }

    /// Keeps delivered events in the table for a while, to be looked at. By default, they are deleted.
    pub fn keep_for(mut self, keep: Duration) -> Self {
        self.settings.keep = Some(at_most_a_century(keep));
        self
    }

    /// Relays until `until` is ready, or the store [closes](Store::close); then finishes what is with the publisher, which
    /// takes at most as long as the lease, or as the store waits.
    ///
    /// If this is dropped, nothing is lost: what it had claimed is tried again when the lease is over.
    pub async fn run(self, until: impl Future<Output = ()>) {
        let lease = self.settings.lease;
        self.drive(async move {
            until.await;
            lease
        })
        .await;
    }

    /// Runs in a task of its own, of the Tokio runtime that this is called in. The task goes on until the store
    /// [closes](Store::close), if what this gives is dropped.
    pub fn spawn(self) -> Running {
        let counting = Arc::clone(&self.counting);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(self.drive(async move {
            match stopped.await {
                Ok(limit) => limit,
                Err(_) => std::future::pending().await,
            }
        }));
        Running { stop, task, counting }
    }

    /// `stop` gives how long what is under way may take.
    async fn drive(self, stop: impl Future<Output = Duration>) {
        // Counted, so that a store that closes waits for it.
        let Some(_one) = self.store.detaching().begin() else { return };
        let (stop, closing) = (pin!(stop), pin!(self.store.detaching().closing()));
        let mut stop = pin!(select(stop, closing).map(|told| told.factor_first().0));
        let mut rounds = Rounds::new(&self);
        let limit = loop {
            if let Some(limit) = rounds.pause(stop.as_mut()).await {
                break limit;
            }
            let round = pin!(rounds.round());
            if let Either::Left((limit, round)) = select(stop.as_mut(), round).await {
                // What it is about to claim is better given back than left to its lease.
                let start = Instant::now();
                let _ = timeout(limit / 2, round).await;
                break limit.saturating_sub(start.elapsed());
            }
        };
        rounds.drain(limit).await;
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("store", &self.store).field("settings", &self.settings).finish_non_exhaustive()
    }
}
