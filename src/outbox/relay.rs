use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, FutureExt as _, select};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout};

use super::relay_loop::RelayLoop;
use super::settings::{OPTIONS, RelaySettings, at_most_a_century};
use super::stats::Counters;
use super::{Publisher, RelayHandle};
use crate::store::{Backoff, Store};

/// Takes events from the outbox to a [`Publisher`]. See the [chapter](super).
///
/// Any number of relays may work on one outbox. A relay is made by [`Outbox::relay`](super::Outbox::relay).
#[must_use = "a relay does nothing until it is run or spawned"]
pub struct Relay {
    /// For finding events: a reader of SQLite.
    pub(super) looks: Store,
    /// For claiming events and recording what became of them.
    pub(super) store: Store,
    pub(super) publisher: Arc<dyn Publisher>,
    pub(super) wake: Arc<Notify>,
    pub(super) settings: RelaySettings,
    pub(super) counters: Arc<Counters>,
}

/// The name of relays among the background work of a store.
const RELAYS: &str = "outbox relays";

impl Relay {
    pub(super) fn new(store: &Store, publisher: impl Publisher, wake: Arc<Notify>) -> Self {
        Self {
            looks: store.in_background().read_only(),
            store: store.in_background().with_options(OPTIONS),
            publisher: Arc::new(publisher),
            wake,
            settings: RelaySettings::default(),
            counters: Arc::default(),
        }
    }

    /// How often the relay looks for events without being woken. So it finds the events of other processes, those that
    /// failed, and those of relays that are gone. Defaults to one second.
    pub fn poll_interval(mut self, pause: Duration) -> Self {
        self.settings.poll = at_most_a_century(pause);
        self
    }

    /// The most events that are with the publisher at once, each of a different key: 1 to 1000. Defaults to 512.
    ///
    /// The number starts at 32 and doubles as long as more events wait. The events that are claimed beyond 32 have up
    /// to 16 MiB of payload in total. If a publisher can do only so many things at once, set that number here.
    pub fn batch(mut self, events: usize) -> Self {
        // The most ids that a statement has room for.
        self.settings.batch = events.clamp(1, 1_000);
        self
    }

    /// How long the publisher may take for one event. After that it is stopped, and any relay may retry the event. This
    /// is also how long the events of a relay that died wait. Defaults to 30 seconds.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.settings.lease = at_most_a_century(lease);
        self
    }

    /// How often an event is tried before it is a dead letter; 0 counts as 1. Defaults to 10. An attempt whose result
    /// was never reported counts, too: the event itself may have crashed its relays.
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.settings.attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// The longest pause after a first failure, and the longest of all. The pauses in between double, and each is drawn
    /// at random between half of that and all of it. Defaults to one second and five minutes.
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.settings.backoff = Backoff { base: at_most_a_century(base), cap: at_most_a_century(cap) };
        self
    }

    /// Keeps delivered events in the table for this long, for inspection. Defaults to deleting them at once.
    pub fn retention(mut self, keep: Duration) -> Self {
        self.settings.keep = Some(at_most_a_century(keep));
        self
    }

    /// Relays until `until` is ready, or the store [closes](Store::close). Then it finishes the events that are with
    /// the publisher, for at most the lease, or the time that the store waits.
    ///
    /// If this is dropped, nothing is lost: events that it had claimed are retried when the lease is over.
    pub async fn run(self, until: impl Future<Output = ()>) {
        let lease = self.settings.lease;
        self.drive(async move {
            until.await;
            lease
        })
        .await;
    }

    /// Runs the relay in a task of its own, on the Tokio runtime that this is called in. If the returned handle is
    /// dropped, the task goes on until the store [closes](Store::close).
    pub fn spawn(self) -> RelayHandle {
        let counters = Arc::clone(&self.counters);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(self.drive(async move {
            match stopped.await {
                Ok(limit) => limit,
                Err(_) => std::future::pending().await,
            }
        }));
        RelayHandle { stop, task, counters }
    }

    /// Runs until `stop` is ready; it gives the time that the work in progress may take.
    async fn drive(self, stop: impl Future<Output = Duration>) {
        // Counted, so that a store that closes waits for it.
        let Some(_running) = self.store.tasks().begin(RELAYS) else { return };
        let (stop, closing) = (pin!(stop), pin!(self.store.tasks().stopping()));
        let mut stop = pin!(select(stop, closing).map(|told| told.factor_first().0));
        let mut rounds = RelayLoop::new(&self);
        let limit = loop {
            if let Some(limit) = rounds.pause(stop.as_mut()).await {
                break limit;
            }
            let round = pin!(rounds.round());
            if let Either::Left((limit, round)) = select(stop.as_mut(), round).await {
                // Lets a claim in progress finish, so that its events are given back now and not only when their lease
                // ends.
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
