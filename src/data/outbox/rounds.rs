use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use uuid::Uuid;

use super::claim::{Claimed, claim};
use super::counts::add;
use super::find::Finder;
use super::flights::Flights;
use super::settings::DEADLINE;
use super::settle::{Ended, settle};
use super::{Relay, queries};
use crate::data::{Error, Kind, Store};

/// A relay at work. Dropped at any moment, it leaves claims behind that end by themselves.
pub(super) struct Rounds<'a> {
    relay: &'a Relay,
    finder: Finder,
    flights: Flights,
    /// What came back from the publisher and is not written down yet.
    ended: Vec<Ended>,
    next_look: Instant,
    next_purge: Instant,
}

/// When it is tried again to write down what others have locked: mostly they only look.
const BUSY: Duration = Duration::from_millis(20);
/// How often it is looked for what was kept long enough.
const PURGE_EVERY: Duration = Duration::from_secs(60);

impl<'a> Rounds<'a> {
    pub(super) fn new(relay: &'a Relay) -> Self {
        let now = Instant::now();
        let (finder, flights) = (Finder::default(), Flights::default());
        Self { relay, finder, flights, ended: Vec::new(), next_look: now, next_purge: now }
    }

    /// Waits until there is something to do; gives what `stop` gives.
    pub(super) async fn pause(&mut self, mut stop: Pin<&mut impl Future<Output = Duration>>) -> Option<Duration> {
        let (relay, room) = (self.relay, self.room());
        let mut woken = pin!(relay.wake.notified());
        let mut look = pin!(sleep_until(self.next_look));
        poll_fn(|cx| {
            if let Poll::Ready(limit) = stop.as_mut().poll(cx) {
                return Poll::Ready(Some(limit));
            }
            let ready = self.poll_ended(cx).is_ready()
                || look.as_mut().poll(cx).is_ready()
                || room > 0 && woken.as_mut().poll(cx).is_ready();
            if ready { Poll::Ready(None) } else { Poll::Pending }
        })
        .await
    }

    /// Writes down what ended, and claims what is next.
    pub(super) async fn round(&mut self) {
        self.next_look = Instant::now() + self.relay.settings.poll.mul_f64(0.9 + fastrand::f64() / 5.0);
        if let Err(error) = self.work().await {
            // What ended is kept; what was claimed and is not known to be ends by itself.
            tracing::warn!(error = &error as &dyn StdError, "the relay of an outbox cannot work");
        }
    }

    async fn work(&mut self) -> Result<(), Error> {
        self.settle().await?;
        self.purge().await?;
        let room = self.room();
        if room == 0 {
            return Ok(());
        }
        let mut heads = self.find(room).await?;
        let full = heads.len() == room;
        // Its lease is over, and here it is still with the publisher: that is about to be stopped.
        heads.retain(|head| !self.flights.has(*head));
        if heads.is_empty() {
            return Ok(());
        }
        let start = Instant::now();
        let claimed = claim(&self.relay.store, &heads, &self.relay.settings).await?;
        if full && claimed.deliveries.len() < heads.len() {
            // Others were faster, or have it locked, and there may be more behind.
            self.next_look = Instant::now() + BUSY;
        }
        // The lease began before the database said so: ours ends first.
        self.publish(claimed, start + self.relay.settings.lease);
        Ok(())
    }

    fn room(&self) -> usize {
        self.relay.settings.batch.saturating_sub(self.flights.len() + self.ended.len())
    }

    async fn settle(&mut self) -> Result<(), Error> {
        if !self.ended.is_empty() {
            settle(&self.relay.store, &mut self.ended, &self.relay.settings, &self.relay.counting).await?;
        }
        if !self.ended.is_empty() {
            self.next_look = self.next_look.min(Instant::now() + BUSY);
        }
        Ok(())
    }

    async fn purge(&mut self) -> Result<(), Error> {
        let (Some(keep), true) = (self.relay.settings.keep, self.next_purge <= Instant::now()) else { return Ok(()) };
        self.next_purge = Instant::now() + PURGE_EVERY;
        if purge(&self.relay.store, keep).await? {
            // There may be much: what is under way must not wait for all of it.
            self.next_purge = Instant::now();
            self.next_look = self.next_purge;
        }
        Ok(())
    }

    async fn find(&mut self, room: usize) -> Result<Vec<Uuid>, Error> {
        let mut session = self.relay.looks.session();
        let looking = timeout(DEADLINE, self.finder.find(&mut session, room));
        looking.await.unwrap_or_else(|_| Err(Error::new(Kind::DeadlineExceeded)))
    }

    fn publish(&mut self, claimed: Claimed, until: Instant) {
        for (id, why) in &claimed.parked {
            tracing::error!(event.id = %id, error = why as &dyn StdError, "an event is parked");
        }
        add(&self.relay.counting.parked, claimed.parked.len());
        for delivery in claimed.deliveries {
            self.flights.start(&self.relay.publisher, claimed.token, delivery, until);
        }
    }

    /// Ready when at least one event came back from the publisher.
    fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let before = self.ended.len();
        while let Poll::Ready(ended) = self.flights.poll_ended(cx) {
            self.ended.push(ended);
        }
        if self.ended.len() > before { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Ends it: what the publisher is done with in time is written down, and the rest is given back.
    pub(super) async fn drain(mut self, limit: Duration) {
        let end = Instant::now() + limit;
        let last_call = end - (limit / 4).min(Duration::from_secs(1));
        while self.flights.len() > 0 && timeout_at(last_call, poll_fn(|cx| self.poll_ended(cx))).await.is_ok() {
            // A failure is not the last word: it is tried again below.
            let _ = timeout_at(end, self.settle()).await;
        }
        self.flights.stop();
        let _ = timeout_at(end, self.give_back()).await;
    }

    async fn give_back(&mut self) {
        while self.flights.len() > 0 {
            poll_fn(|cx| self.poll_ended(cx)).await;
        }
        while self.settle().await.is_err() || !self.ended.is_empty() {
            sleep(BUSY).await;
        }
    }
}

/// Deletes some of what was kept long enough; gives whether there was any.
async fn purge(store: &Store, keep: Duration) -> Result<bool, Error> {
    store
        .transaction(async |tx| {
            let rows = queries::outdated(keep).fetch_all(tx).await?;
            for row in &rows {
                queries::delete(row.get("id")?).execute(tx).await?;
            }
            Ok(!rows.is_empty())
        })
        .await
}
