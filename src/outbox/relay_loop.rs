use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use super::claim::{Claimed, claim};
use super::failure_log::{FailureLog, with_advice};
use super::find::{Found, LockedOffset, find, put_off};
use super::in_flight::InFlight;
use super::record::{EndedAttempt, record};
use super::settings::DEADLINE;
use super::window::Window;
use super::{Relay, queries};
use crate::store::{Error, ErrorKind, Store};
use crate::telemetry::targets::OUTBOX;

/// A relay at work. It can be dropped at any moment: its claims expire by themselves.
pub(super) struct RelayLoop<'a> {
    relay: &'a Relay,
    window: Window,
    in_flight: InFlight,
    /// Events that came back from the publisher and are not recorded yet.
    ended: Vec<EndedAttempt>,
    /// Whether there are events to find: the relay was woken, or the last look left some.
    look: bool,
    next_look: Instant,
    skipped: LockedOffset,
    next_purge: Instant,
    failures: FailureLog,
}

/// How soon to retry recording an event that another transaction has locked: most such transactions only look.
const RETRY_LOCKED: Duration = Duration::from_millis(20);
/// How often to look for delivered events that were kept long enough.
const PURGE_EVERY: Duration = Duration::from_secs(60);

impl<'a> RelayLoop<'a> {
    pub(super) fn new(relay: &'a Relay) -> Self {
        let now = Instant::now();
        Self {
            relay,
            window: Window::new(relay.settings.batch),
            in_flight: InFlight::default(),
            ended: Vec::new(),
            look: false,
            next_look: now,
            skipped: LockedOffset::default(),
            next_purge: now,
            failures: FailureLog::default(),
        }
    }

    /// Waits until there is something to do; returns the value of `stop` once that is ready.
    pub(super) async fn pause(&mut self, mut stop: Pin<&mut impl Future<Output = Duration>>) -> Option<Duration> {
        let (relay, room) = (self.relay, self.room());
        let mut woken = pin!(relay.wake.notified());
        let mut timer = pin!(sleep_until(self.next_look));
        poll_fn(|cx| {
            if let Poll::Ready(limit) = stop.as_mut().poll(cx) {
                return Poll::Ready(Some(limit));
            }
            let due = self.poll_ended(cx).is_ready() | timer.as_mut().poll(cx).is_ready();
            self.look |= room > 0 && woken.as_mut().poll(cx).is_ready();
            if due || self.look && room > 0 { Poll::Ready(None) } else { Poll::Pending }
        })
        .await
    }

    /// Records the events that ended, and claims the next ones.
    pub(super) async fn round(&mut self) {
        if let Err(error) = self.work().await {
            self.look = false;
            self.next_look = self.next_poll();
            self.failures.failed(&with_advice(error));
        }
    }

    /// Collects the events that have ended. Events that were handed over together mostly end together: recorded in one
    /// transaction, they make room for as many new ones.
    async fn gather(&mut self) {
        let mut before = 0;
        while self.in_flight.len() > 0 && self.ended.len() > before {
            before = self.ended.len();
            yield_now().await;
            let _ = poll_fn(|cx| Poll::Ready(self.poll_ended(cx))).await;
        }
    }

    async fn work(&mut self) -> Result<(), Error> {
        self.gather().await;
        if self.next_look <= Instant::now() {
            (self.look, self.next_look) = (true, self.next_poll());
        }
        self.record().await?;
        self.purge().await?;
        let room = self.room();
        if self.look && room > 0 {
            self.look = false;
            let found = self.find(room).await?;
            self.take(found).await?;
        }
        Ok(())
    }

    /// Claims the events that were found.
    async fn take(&mut self, found: Found) -> Result<(), Error> {
        let Found { mut heads, behind, rows, more } = found;
        let all = heads.len();
        let mut locked = if behind.is_empty() { 0 } else { put_off(&self.relay.store, &behind).await? };
        // This head's lease is over, but the event is still with this publisher, whose task is about to be stopped.
        heads.retain(|head| !self.in_flight.has(*head));
        if !heads.is_empty() {
            let start = Instant::now();
            let claimed = claim(&self.relay.store, &heads, &self.relay.settings).await?;
            let taken = claimed.deliveries.len() + claimed.dead_letters.len();
            // If none could be claimed, the rows next to them cannot be, either.
            locked = if taken == 0 { rows } else { locked + all.saturating_sub(taken) };
            self.window.claimed(&claimed.deliveries);
            // The database set the lease's end after `start`, so this deadline comes first.
            self.publish(claimed, start + self.relay.settings.lease);
        } else if all > 0 {
            locked = rows;
        }
        self.window.looked(more);
        self.look = self.skipped.looked(more, locked);
        Ok(())
    }

    fn next_poll(&self) -> Instant {
        // Randomized, so that relays that began together do not look together for ever.
        Instant::now() + self.relay.settings.poll.mul_f64(0.9 + fastrand::f64() / 5.0)
    }

    fn room(&self) -> usize {
        self.window.now().saturating_sub(self.in_flight.len() + self.ended.len())
    }

    async fn record(&mut self) -> Result<(), Error> {
        if !self.ended.is_empty() {
            let Relay { store, settings, counters, .. } = self.relay;
            self.look |= record(store, &mut self.ended, settings, counters).await?;
        }
        if !self.ended.is_empty() {
            self.next_look = self.next_look.min(Instant::now() + RETRY_LOCKED);
        }
        Ok(())
    }

    async fn purge(&mut self) -> Result<(), Error> {
        let (Some(keep), true) = (self.relay.settings.keep, self.next_purge <= Instant::now()) else { return Ok(()) };
        self.next_purge = Instant::now() + PURGE_EVERY;
        if purge(&self.relay.store, keep).await? {
            // There may be many: the work in progress must not wait for all of them.
            self.next_purge = Instant::now();
            self.next_look = self.next_purge;
        }
        Ok(())
    }

    async fn find(&self, room: usize) -> Result<Found, Error> {
        let mut session = self.relay.looks.session();
        let looking = timeout(DEADLINE, find(&mut session, room, &self.skipped));
        looking.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::DeadlineExceeded)))
    }

    fn publish(&mut self, claimed: Claimed, until: Instant) {
        for (id, why) in &claimed.dead_letters {
            tracing::error!(target: OUTBOX, { event.id = %id, error = why as &dyn StdError }, "an event is a dead letter");
        }
        self.relay.counters.dead_letters.add(claimed.dead_letters.len() as u64);
        for delivery in claimed.deliveries {
            self.in_flight.start(&self.relay.publisher, claimed.token, delivery, until);
        }
    }

    /// Ready when at least one event has come back from the publisher.
    fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let before = self.ended.len();
        while let Poll::Ready(ended) = self.in_flight.poll_ended(cx) {
            self.ended.push(ended);
        }
        if self.ended.len() > before { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Ends the relay: events that the publisher finishes in time are recorded, and the rest are given back.
    pub(super) async fn drain(mut self, limit: Duration) {
        let end = Instant::now() + limit;
        let last_call = end - (limit / 4).min(Duration::from_secs(1));
        while self.in_flight.len() > 0 && timeout_at(last_call, poll_fn(|cx| self.poll_ended(cx))).await.is_ok() {
            // A failure here is not final: recording is retried below.
            let _ = timeout_at(end, self.record()).await;
        }
        self.in_flight.stop();
        let _ = timeout_at(end, self.release()).await;
    }

    async fn release(&mut self) {
        while self.in_flight.len() > 0 {
            poll_fn(|cx| self.poll_ended(cx)).await;
        }
        while self.record().await.is_err() || !self.ended.is_empty() {
            sleep(RETRY_LOCKED).await;
        }
    }
}

/// Deletes some of the events that were kept long enough; returns whether there were any.
async fn purge(store: &Store, keep: Duration) -> Result<bool, Error> {
    store
        .transaction(async |tx| {
            let rows = queries::outdated(keep).fetch_all(tx).await?;
            let ids = rows.iter().map(|row| row.get("id")).collect::<Result<Vec<_>, _>>()?;
            if !ids.is_empty() {
                queries::delete(ids).execute(tx).await?;
            }
            Ok(!rows.is_empty())
        })
        .await
}
