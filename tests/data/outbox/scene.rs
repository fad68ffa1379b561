use std::sync::{Arc, Mutex};
use std::time::Duration;

use buttress::body::BoxError;
use buttress::outbox::{Delivery, Event, Outbox, Publisher, Relay};
use buttress::sql::Database;
use buttress::store::{Error, Store};
use sqlx::Connection;
use sqlx::pool::PoolOptions;

use crate::support::{Fresh, TestDatabase, soak};

/// A database with an outbox in it, and the table `t`.
pub(super) struct Scene<DB: TestDatabase> {
    pub(super) fresh: Fresh<DB>,
    pub(super) outbox: Outbox,
}

impl<DB: TestDatabase> Scene<DB> {
    pub(super) async fn new(connections: u32) -> Self {
        let fresh = DB::fresh(connections).await;
        fresh.run(DB::TABLE).await;
        let outbox = Outbox::new();
        outbox.migrate(&fresh.store).await.unwrap();
        Self { fresh, outbox }
    }

    /// Writes events, each in a transaction of its own.
    pub(super) async fn commit(&self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            let written = self.fresh.store.transaction(async |tx| self.outbox.write(tx, event.clone()).await);
            written.await.unwrap();
        }
    }

    /// The same database through a separate pool, as in another process.
    pub(super) async fn another(&self) -> Store {
        another(&self.fresh).await
    }

    /// A relay with short intervals.
    pub(super) fn relay(&self, publisher: impl Publisher) -> Relay {
        hurried(self.outbox.relay(&self.fresh.store, publisher))
    }

    /// How many events are in the table and not delivered.
    pub(super) async fn waiting(&self) -> i64 {
        self.fresh.number("SELECT count(*) FROM buttress_outbox WHERE lane IS NOT NULL").await
    }

    pub(super) async fn is_empty(&self) {
        in_time("the outbox is empty", async || self.waiting().await == 0).await;
    }
}

/// Like `eventually`, for work of many steps on a busy machine.
pub(super) async fn in_time(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..soak(6_000, 180_000) {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not so in time: {what}");
}

pub(super) async fn another<DB: TestDatabase>(fresh: &Fresh<DB>) -> Store {
    let pool = fresh.sql.pool();
    let options: <DB::Connection as Connection>::Options = (*pool.connect_options()).clone();
    let max = pool.options().get_max_connections();
    let pool = PoolOptions::<DB>::new().max_connections(max).connect_with(options).await.unwrap();
    Database::from_pool(pool).into()
}

pub(super) fn hurried(relay: Relay) -> Relay {
    let ms = Duration::from_millis;
    relay.poll_interval(ms(20)).backoff(ms(1), ms(20)).attempts(u32::MAX)
}

/// An event whose payload is a text.
pub(super) fn event(key: impl Into<Option<&'static str>>, text: &str) -> Event {
    let event = Event::new("told").payload(text);
    match key.into() {
        Some(key) => event.key(key),
        None => event,
    }
}

pub(super) fn text(delivery: &Delivery) -> String {
    String::from_utf8(delivery.payload().to_vec()).unwrap()
}

/// Collects the published events.
#[derive(Clone, Default)]
pub(super) struct Inbox(Arc<Mutex<Vec<Delivery>>>);

impl Inbox {
    pub(super) fn take(&self, delivery: &Delivery) {
        self.0.lock().unwrap().push(delivery.clone());
    }

    pub(super) fn all(&self) -> Vec<Delivery> {
        self.0.lock().unwrap().clone()
    }

    pub(super) fn texts(&self) -> Vec<String> {
        self.all().iter().map(text).collect()
    }

    pub(super) async fn holds(&self, texts: &[&str]) {
        in_time(&format!("{texts:?} came"), async || self.texts() == texts).await;
    }

    /// A publisher that accepts every event at once.
    pub(super) fn publisher(&self) -> impl Publisher + use<> {
        let inbox = self.clone();
        move |delivery: Delivery| {
            inbox.take(&delivery);
            async { Ok::<_, BoxError>(()) }
        }
    }
}

/// Numbers that look random and are the same for the same seed.
#[derive(Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % sides
    }
}

pub(super) type Written = Result<(), Error>;
