//! The relay that may deliver an event: one at a time for each key, and none whose lease has expired.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use buttress::body::BoxError;
use buttress::outbox::{Delivery, Outbox, Publisher};
use buttress::sql::{Database, sql};
use buttress::store::{Error, Isolation, TransactionOptions};
use sqlx::Connection;
use sqlx::pool::PoolOptions;
use sqlx::types::Uuid;
use tokio::sync::Semaphore;

use super::scene::{Inbox, Scene, event, hurried, in_time, text};
use crate::support::TestDatabase;

/// A publisher that holds its events until it is released, one permit for each event.
fn gated(inbox: &Inbox, gate: &Arc<Semaphore>) -> impl Publisher + use<> {
    let (inbox, gate) = (inbox.clone(), Arc::clone(gate));
    move |delivery: Delivery| {
        inbox.take(&delivery);
        let gate = Arc::clone(&gate);
        async move {
            gate.acquire().await?.forget();
            Ok::<_, BoxError>(())
        }
    }
}

async fn while_a_key_is_claimed_others_go_on_and_it_does_not<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(3).await;
    scene.commit([event("a", "a1"), event("a", "a2")]).await;
    let (slow, gate) = (Inbox::default(), Arc::new(Semaphore::new(0)));
    let first = scene.relay(gated(&slow, &gate)).spawn();
    slow.holds(&["a1"]).await;

    let quick = Inbox::default();
    let second = hurried(Outbox::new().relay(&scene.another().await, quick.publisher())).spawn();
    for (n, key) in ["b", "c", "d"].into_iter().enumerate() {
        scene.commit([event(key, key)]).await;
        in_time("another key came", async || slow.all().len() + quick.all().len() == n + 2).await;
    }
    let a = |inbox: &Inbox| inbox.texts().into_iter().filter(|text| text.starts_with('a')).collect::<Vec<_>>();
    assert_eq!((a(&slow), a(&quick)), (vec!["a1".to_owned()], vec![]));

    gate.add_permits(100);
    scene.is_empty().await;
    assert_eq!([a(&slow), a(&quick)].concat(), ["a1", "a2"], "each once");
    first.stop(Duration::from_secs(5)).await;
    second.stop(Duration::from_secs(5)).await;
}

async fn a_publisher_that_takes_longer_than_its_lease_is_stopped<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    scene.commit([event("a", "a1"), event("a", "a2")]).await;
    let inbox = Inbox::default();
    let dropped = Arc::new(AtomicU32::new(0));
    let publisher = {
        let (inbox, dropped) = (inbox.clone(), Arc::clone(&dropped));
        move |delivery: Delivery| {
            inbox.take(&delivery);
            let dropped = CountsDrop(Arc::clone(&dropped));
            async move {
                if delivery.sequence() == 1 && delivery.attempt() == 1 {
                    std::future::pending::<()>().await;
                }
                std::mem::forget(dropped);
                Ok::<_, BoxError>(())
            }
        }
    };
    let running = scene.relay(publisher).lease(Duration::from_millis(200)).spawn();
    inbox.holds(&["a1", "a1", "a2"]).await;
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    let all = inbox.all();
    assert_eq!(all.iter().map(Delivery::attempt).collect::<Vec<_>>(), [1, 2, 1]);
    assert!(all.is_sorted_by(|a, b| a.fencing_token() < b.fencing_token()));
    scene.is_empty().await;
    let counts = running.stop(Duration::from_secs(5)).await;
    assert_eq!((counts.delivered, counts.failed), (2, 1));
}

struct CountsDrop(Arc<AtomicU32>);

impl Drop for CountsDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A process that was stopped in the middle of a delivery and continues after its lease, as after a long pause of a
/// virtual machine. It has a thread of its own, which its publisher blocks, so that the relay cannot even see the time.
/// The test expires the lease by hand: a short one could end too early on a slow machine.
async fn a_relay_that_wakes_up_after_its_lease_marks_nothing<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    scene.commit([event("a", "a1"), event("a", "a2")]).await;
    let stale = Inbox::default();
    let (wake, asleep) = std::sync::mpsc::channel::<()>();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let paused = std::thread::spawn({
        let options: <DB::Connection as Connection>::Options = (*scene.fresh.sql.pool().connect_options()).clone();
        let stale = stale.clone();
        let asleep = std::sync::Mutex::new(asleep);
        move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let pool = PoolOptions::<DB>::new().max_connections(1).connect_with(options).await.unwrap();
                let publisher = move |delivery: Delivery| {
                    stale.take(&delivery);
                    if text(&delivery) == "a1" {
                        let _ = asleep.lock().unwrap().recv();
                    }
                    async { Ok::<_, BoxError>(()) }
                };
                let relay = hurried(Outbox::new().relay(&Database::from_pool(pool).into(), publisher));
                let running = relay.spawn();
                let _ = stopped.await;
                running.stop(Duration::from_secs(5)).await
            })
        }
    });
    stale.holds(&["a1"]).await;
    scene.fresh.run("UPDATE buttress_outbox SET due_at = created_at WHERE sequence = 1").await;

    let (inbox, gate) = (Inbox::default(), Arc::new(Semaphore::new(0)));
    let second = scene.relay(gated(&inbox, &gate)).spawn();
    inbox.holds(&["a1"]).await;
    assert!(stale.all()[0].fencing_token() < inbox.all()[0].fencing_token());
    wake.send(()).unwrap();
    // The paused relay works again: it takes events that are written from now on, while `a1` stays with the second one.
    scene.commit([event("b", "b1")]).await;
    in_time("b came to one of them", async || stale.all().len() + inbox.all().len() == 3).await;
    let claims = "SELECT count(*) FROM buttress_outbox WHERE claims = 2 AND sequence = 1 AND claimed_by IS NOT NULL";
    assert_eq!(scene.fresh.number(claims).await, 1, "the claim of the second relay stands");
    gate.add_permits(100);
    drop(wake);
    scene.is_empty().await;
    second.stop(Duration::from_secs(5)).await;
    stop.send(()).unwrap();
    let counts = tokio::task::spawn_blocking(|| paused.join().unwrap()).await.unwrap();
    assert_eq!(counts.late, 1);
    let mut all = [stale.texts(), inbox.texts()].concat();
    all.sort();
    assert_eq!(all, ["a1", "a1", "a2", "b1"]);
}

/// Relays that look at the same moment do not take the same events.
async fn relays_share_the_work<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let inbox = Inbox::default();
    let mut relays = Vec::new();
    for _ in 0..3 {
        let relay = hurried(Outbox::new().relay(&scene.another().await, inbox.publisher()));
        relays.push(relay.batch(4).spawn());
    }
    for round in 0..4 {
        let events = Vec::from_iter((0..20).map(|n| event(None, &format!("{round}.{n}"))));
        let written = scene.fresh.store.transaction(async |tx| scene.outbox.write_all(tx, events.clone()).await);
        written.await.unwrap();
    }
    scene.is_empty().await;
    let mut ids: Vec<_> = inbox.all().iter().map(Delivery::id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), inbox.all().len()), (80, 80), "each once");
    let mut delivered = 0;
    for running in relays {
        delivered += running.stop(Duration::from_secs(5)).await.delivered;
    }
    assert_eq!(delivered, 80);
}

/// A relay that froze while it claimed, and a writer that never commits: their locked rows are skipped.
async fn a_transaction_that_stands_still_holds_up_nobody_else<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(4).await;
    scene.commit([event("a", "a1"), event("b", "b1"), event("b", "b2")]).await;
    let (done, locked) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let still = |writes: bool| {
        let (store, outbox) = (scene.fresh.store.clone(), scene.outbox.clone());
        let (done, locked) = (Arc::clone(&done), Arc::clone(&locked));
        tokio::spawn(async move {
            store
                .transaction_once(async move |tx| {
                    if writes {
                        outbox.write_all(tx, [event("b", "b3"), event("c", "c1")]).await?;
                    } else {
                        let id = sql("SELECT id FROM buttress_outbox WHERE lane = 'a'").fetch_one(tx).await?;
                        let id: Uuid = id.get("id")?;
                        sql("UPDATE buttress_outbox SET claims = 7 WHERE id = ?").bind(id).execute(tx).await?;
                    }
                    locked.add_permits(1);
                    let _ = done.acquire().await;
                    Ok::<_, Error>(())
                })
                .await
        })
    };
    let (claims, writes) = (still(false), still(true));
    locked.acquire_many(2).await.unwrap().forget();

    let events = Vec::from_iter((0..8).map(|n| event(None, &n.to_string())));
    scene.fresh.store.transaction(async |tx| scene.outbox.write_all(tx, events.clone()).await).await.unwrap();
    let inbox = Inbox::default();
    let running = scene.relay(inbox.publisher()).retention(Duration::ZERO).spawn();
    in_time("all but what is locked is delivered", async || scene.waiting().await == 1).await;
    assert_eq!(inbox.all().len(), 10);
    done.add_permits(2);
    claims.await.unwrap().unwrap();
    writes.await.unwrap().unwrap();
    scene.is_empty().await;
    assert_eq!(running.stop(Duration::from_secs(5)).await.late, 0);
}

/// Other relays lock a row for a moment, to see whether it may be claimed. The result of its delivery must still be
/// recorded.
async fn a_row_that_is_locked_is_written_later<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(3).await;
    scene.commit([event("a", "a1")]).await;
    let (inbox, gate) = (Inbox::default(), Arc::new(Semaphore::new(0)));
    let running = scene.relay(gated(&inbox, &gate)).spawn();
    inbox.holds(&["a1"]).await;
    let (done, locked) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let looks = tokio::spawn({
        // This level does not lock the gaps between rows, as MySQL's default would.
        let store = scene.fresh.store.with_options(TransactionOptions::new().isolation(Isolation::ReadCommitted));
        let (done, locked) = (Arc::clone(&done), Arc::clone(&locked));
        async move {
            store
                .transaction_once(async move |tx| {
                    sql("SELECT id FROM buttress_outbox FOR UPDATE").fetch_one(tx).await?;
                    locked.add_permits(1);
                    let _ = done.acquire().await;
                    Ok::<_, Error>(())
                })
                .await
        }
    });
    locked.acquire().await.unwrap().forget();
    gate.add_permits(1);
    // When `b1` comes, the relay has finished `a1` and has tried to record it.
    scene.commit([event("b", "b1")]).await;
    inbox.holds(&["a1", "b1"]).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    done.add_permits(1);
    looks.await.unwrap().unwrap();
    gate.add_permits(1);
    scene.is_empty().await;
    let counts = running.stop(Duration::from_secs(5)).await;
    assert_eq!((inbox.all().len(), counts.delivered, counts.late), (2, 2, 0));
}

/// SQLite has no rows to lock.
mod on_servers {
    use sqlx::{MySql, Postgres};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_transaction_that_stands_still_holds_up_nobody_else() {
        super::a_transaction_that_stands_still_holds_up_nobody_else::<Postgres>().await;
        super::a_transaction_that_stands_still_holds_up_nobody_else::<MySql>().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_row_that_is_locked_is_written_later() {
        super::a_row_that_is_locked_is_written_later::<Postgres>().await;
        super::a_row_that_is_locked_is_written_later::<MySql>().await;
    }
}

on_every_database! {
    while_a_key_is_claimed_others_go_on_and_it_does_not;
    a_publisher_that_takes_longer_than_its_lease_is_stopped;
    a_relay_that_wakes_up_after_its_lease_marks_nothing;
    relays_share_the_work;
}
