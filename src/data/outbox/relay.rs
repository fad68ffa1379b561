use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout};

use super::counts::Counting;
use super::rounds::Rounds;
use super::settings::{OPTIONS, Settings, at_most_a_century};
use super::{Publisher, Running};
use crate::data::Store;
use crate::data::sql::Backoff;

/// Takes events from the outbox to a [`Publisher`]. See the [chapter](super).
///
/// Any number of them may work on one outbox. It is made by [`Outbox::relay`](super::Outbox::relay).
#[must_use = "a relay does nothing until it is run or spawned"]
pub struct Relay {
    /// For looking: a reader where there is one.
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
            looks: store.read_only(),
            store: store.with(OPTIONS),
            publisher: Arc::new(publisher),
            wake,
            settings: Settings::default(),
            counting: Arc::default(),
        }
    }

    /// How often it looks for events that nobody told it about: those of other processes, those that failed, and those of
    /// relays that are gone. One second, if nothing is said.
    pub fn poll_every(mut self, pause: Duration) -> Self {
        self.settings.poll = at_most_a_century(pause);
        self
    }

    /// How many events are with the publisher at once, of as many different keys: 1 to 1000. 32, if nothing is said.
    pub fn batch(mut self, events: usize) -> Self {
        // A statement has room for so many.
        self.settings.batch = events.clamp(1, 1_000);
        self
    }

    /// How long the publisher may take for one event. After that it is stopped, and any relay may try again. This is also
    /// how long the events of a relay that died wait. 30 seconds, if nothing is said.
    pub fn lease_for(mut self, lease: Duration) -> Self {
        self.settings.lease = at_most_a_century(lease);
        self
    }

    /// How often an event is tried before it is parked; 0 counts as 1. 10, if nothing is said. An attempt of which nobody
    /// said how it ended counts, too: the event may be what its relays died of.
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.settings.attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// The longest pause after a first failure, and the longest of all; the pauses in between double, and are drawn at
    /// random from the half to the whole. A second and five minutes, if nothing is said.
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.settings.backoff = Backoff { base: at_most_a_century(base), cap: at_most_a_century(cap) };
        self
    }

    /// Keeps delivered events in the table for a while, to be looked at. If nothing is said, they are deleted.
    pub fn keep_for(mut self, keep: Duration) -> Self {
        self.settings.keep = Some(at_most_a_century(keep));
        self
    }

    /// Relays until `until` is ready; then finishes what is with the publisher, which takes at most as long as the lease.
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

    /// Runs in a task of its own, of the Tokio runtime that this is called in. The task goes on, if what this gives is
    /// dropped.
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
        let mut stop = pin!(stop);
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
