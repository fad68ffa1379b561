//! The outbox under all failures at once: three relays that crash, a publisher that is slow and fails, writers that
//! fail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use buttress::body::BoxError;
use buttress::outbox::{Delivery, Event, Outbox};
use buttress::sql::sql;
use buttress::store::{Outcome, Retry, Store, TransactionOptions};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::scene::{Dice, Inbox, Scene, in_time, text};
use crate::support::{Failure, TestDatabase, soak};

/// How long the publisher may hold an event.
const LEASE: Duration = Duration::from_millis(300);

/// The writer of the row `n` of `t`, and of the event `n` in the same transaction.
struct Writer {
    store: Store,
    outbox: Outbox,
    number: u64,
    dice: Dice,
}

impl Writer {
    async fn run(mut self, times: usize) {
        for turn in 0..times {
            // The rows of one transaction, in the order in which they are written.
            let rows: Vec<(i64, Option<u64>)> = (0..=self.dice.roll(2))
                .map(|n| {
                    let key = self.dice.roll(8);
                    let id = (self.number * 1_000_000 + turn as u64) * 10 + n;
                    (i64::try_from(id).unwrap(), (key < 6).then_some(key))
                })
                .collect();
            let (fails, pause) = (self.dice.roll(5) == 0, Duration::from_millis(self.dice.roll(4)));
            let outcome = self
                .store
                .try_transaction(async |tx| {
                    for (id, _) in &rows {
                        sql("INSERT INTO t VALUES (?, 0)").bind(id).execute(tx).await?;
                    }
                    let events = rows.iter().map(|(id, key)| {
                        let event = Event::new("row").payload(id.to_string());
                        key.map_or(event.clone(), |key| event.key(key))
                    });
                    self.outbox.write_all(tx, events).await?;
                    sleep(pause).await;
                    if fails { Err(Failure::Own) } else { Ok(()) }
                })
                .await;
            assert!(matches!(outcome, Outcome::Committed(()) | Outcome::RolledBack(Failure::Own)), "{outcome:?}");
        }
    }
}

/// Delivers, or does not, or delivers late, and reports success or failure.
fn moody(inbox: &Inbox, seed: u64) -> impl buttress::outbox::Publisher + use<> {
    let (inbox, calls) = (inbox.clone(), AtomicU64::new(seed * 1_000_000));
    move |delivery: Delivery| {
        let mut dice = Dice::new(calls.fetch_add(1, Ordering::SeqCst));
        let (inbox, mood) = (inbox.clone(), dice.roll(40));
        async move {
            sleep(Duration::from_millis(dice.roll(5))).await;
            match mood {
                0 => return Err(BoxError::from("not handed over")),
                1 => {
                    inbox.take(&delivery);
                    return Err(BoxError::from("handed over, and the answer is lost"));
                }
                // An event on its way arrives, whatever happens to its sender.
                2 => {
                    tokio::spawn(async move {
                        sleep(LEASE * 2).await;
                        inbox.take(&delivery);
                    });
                    return std::future::pending().await;
                }
                _ => inbox.take(&delivery),
            }
            Ok(())
        }
    }
}

/// A process that relays until it is killed, followed by another one.
fn crashing<DB: TestDatabase>(
    scene: &Arc<Scene<DB>>,
    inbox: &Inbox,
    seed: u64,
    over: &Arc<AtomicBool>,
) -> JoinHandle<u32> {
    let (scene, inbox, over) = (Arc::clone(scene), inbox.clone(), Arc::clone(over));
    tokio::spawn(async move {
        let (mut dice, mut crashes) = (Dice::new(seed), 0);
        while !over.load(Ordering::SeqCst) {
            let store = scene.another().await;
            let ms = Duration::from_millis;
            let relay = Outbox::new().relay(&store, moody(&inbox, seed + 10 * u64::from(crashes)));
            let relay = relay.poll_interval(ms(20)).backoff(ms(1), ms(20)).lease(LEASE).attempts(u32::MAX).batch(4);
            let work = relay.run(std::future::pending());
            let _ = timeout(ms(100 + dice.roll(600)), work).await;
            crashes += 1;
        }
        crashes
    })
}

/// Compares the delivered events with the rows.
pub(super) fn verify(written: &BTreeSet<String>, came: &[Delivery]) {
    let arrived: BTreeSet<String> = came.iter().map(text).collect();
    assert_eq!(arrived.difference(written).collect::<Vec<_>>(), Vec::<&String>::new(), "nothing is invented");
    assert_eq!(written.difference(&arrived).collect::<Vec<_>>(), Vec::<&String>::new(), "nothing is lost");

    let (mut next, mut fences) = (BTreeMap::<&str, i64>::new(), BTreeMap::<&str, (u64, i64)>::new());
    let mut ids = BTreeMap::new();
    for delivery in came {
        let same = ids.entry(delivery.id()).or_insert_with(|| text(delivery));
        assert_eq!(*same, text(delivery), "an id is of one event");
        let Some(key) = delivery.key() else { continue };
        let next = next.entry(key).or_insert(1);
        assert!(delivery.sequence() <= *next, "{key}: {} came before {next}", delivery.sequence());
        *next = (*next).max(delivery.sequence() + 1);
        // A consumer that refuses numbers below the highest that it has seen gets each event in its place.
        let fence = fences.entry(key).or_default();
        if delivery.fencing_token() >= fence.0 {
            assert!((fence.1..=fence.1 + 1).contains(&delivery.sequence()), "{key}");
            *fence = (delivery.fencing_token(), delivery.sequence());
        }
    }
}

async fn nothing_is_lost_and_first_copies_are_in_order<DB: TestDatabase>() {
    let scene = Arc::new(Scene::<DB>::new(4).await);
    let (inbox, over) = (Inbox::default(), Arc::new(AtomicBool::new(false)));
    let relays: Vec<_> = (1..=3).map(|seed| crashing(&scene, &inbox, seed, &over)).collect();
    let writers = (1..=3).map(|number| {
        let store = scene.fresh.store.with_options(TransactionOptions::new().retry(Retry::new().attempts(100)));
        let writer = Writer { store, outbox: scene.outbox.clone(), number, dice: Dice::new(number + 100) };
        tokio::spawn(writer.run(soak(25, 2_000)))
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    in_time("all is delivered", async || scene.waiting().await == 0).await;
    over.store(true, Ordering::SeqCst);
    let mut crashes = 0;
    for relay in relays {
        crashes += relay.await.unwrap();
    }
    // Late events arrive.
    sleep(LEASE * 3).await;
    let rows = sql("SELECT id FROM t").fetch_all(&mut scene.fresh.store.session()).await.unwrap();
    let rows = BTreeSet::from_iter(rows.iter().map(|row| row.get::<i64>("id").unwrap().to_string()));
    assert!(rows.len() > 50 && crashes > 3, "{} rows, {crashes} crashes", rows.len());
    verify(&rows, &inbox.all());
    assert_eq!(scene.fresh.number("SELECT count(*) FROM buttress_outbox").await, 0);
    scene.fresh.pool_is_clean().await;
}

on_every_database! {
    nothing_is_lost_and_first_copies_are_in_order;
}
