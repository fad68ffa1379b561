//! The orderly end of a relay.

use std::sync::Arc;
use std::time::Duration;

use buttress::body::BoxError;
use buttress::outbox::{Delivery, Outbox};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::Instant;

use super::scene::{Inbox, Scene, event, hurried, in_time, text};
use crate::support::TestDatabase;

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3600);

async fn what_is_done_in_time_is_kept_and_the_rest_is_given_back<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    scene.commit([event("a", "quick"), event("a", "next"), event("b", "stuck")]).await;
    let (inbox, gate) = (Inbox::default(), Arc::new(Semaphore::new(0)));
    let publisher = {
        let (inbox, gate) = (inbox.clone(), Arc::clone(&gate));
        move |delivery: Delivery| {
            let gate = Arc::clone(&gate);
            inbox.take(&delivery);
            async move {
                if text(&delivery) == "stuck" {
                    std::future::pending::<()>().await;
                }
                gate.acquire().await?.forget();
                Ok::<_, BoxError>(())
            }
        }
    };
    let running = scene.relay(publisher).lease(LONG).spawn();
    in_time("both keys came", async || inbox.all().len() == 2).await;
    let start = Instant::now();
    let stopping = tokio::spawn(running.stop(Duration::from_secs(2)));
    // By the end of this sleep it has been told to stop, and begins nothing new.
    tokio::time::sleep(Duration::from_millis(50)).await;
    gate.add_permits(100);
    stopping.await.unwrap();
    assert!(start.elapsed() < LONG / 60, "{:?}", start.elapsed());
    assert_eq!(inbox.all().len(), 2);
    assert_eq!(scene.waiting().await, 2);
    let held = "SELECT count(*) FROM buttress_outbox WHERE claimed_by IS NOT NULL OR attempts > 0";
    assert_eq!(scene.fresh.number(held).await, 0, "nothing is claimed, and nothing counts as tried");

    // No relay has to wait for the end of a lease.
    let inbox = Inbox::default();
    let running = hurried(Outbox::new().relay(&scene.another().await, inbox.publisher())).spawn();
    in_time("both came", async || inbox.all().len() == 2).await;
    running.stop(Duration::from_secs(5)).await;
    scene.fresh.pool_is_clean().await;
}

async fn a_relay_with_nothing_to_do_stops_at_once<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let relay = scene.relay(Inbox::default().publisher()).poll_interval(LONG);
    let run = tokio::spawn(relay.run(async {
        let _ = stopped.await;
    }));
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), run).await.unwrap().unwrap();
}

/// A caller without the handle cannot stop the relay, which continues.
async fn a_relay_goes_on_when_its_handle_is_dropped<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let inbox = Inbox::default();
    drop(scene.relay(inbox.publisher()).spawn());
    scene.commit([event("a", "a1")]).await;
    inbox.holds(&["a1"]).await;
}

/// The limit applies even if the database does not answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_waits_for_its_database_stops_in_time() {
    let scene = Scene::<sqlx::Postgres>::new(2).await;
    let inbox = Inbox::default();
    let running = scene.relay(inbox.publisher()).lease(Duration::MAX).spawn();
    scene.commit([event("a", "a1")]).await;
    scene.is_empty().await;
    let mut lock = scene.fresh.witness.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE buttress_outbox IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    let blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    in_time("it waits", async || sqlx::query_scalar::<_, i64>(blocked).fetch_one(&mut *lock).await.unwrap() > 0).await;
    let start = Instant::now();
    running.stop(Duration::from_secs(1)).await;
    assert!(start.elapsed() < Duration::from_secs(8), "less than what a look may take: {:?}", start.elapsed());
    lock.rollback().await.unwrap();
    scene.fresh.pool_is_clean().await;
}

async fn no_length_of_time_is_too_long<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let (inbox, ever) = (Inbox::default(), Duration::MAX);
    let relay = scene.outbox.relay(&scene.fresh.store, inbox.publisher());
    let running = relay.poll_interval(ever).lease(ever).backoff(ever, ever).retention(ever).spawn();
    scene.commit([event("a", "a1"), event("a", "a2")]).await;
    inbox.holds(&["a1", "a2"]).await;
    running.stop(ever).await;
    assert_eq!(scene.waiting().await, 0);
}

on_every_database! {
    no_length_of_time_is_too_long;
    what_is_done_in_time_is_kept_and_the_rest_is_given_back;
    a_relay_with_nothing_to_do_stops_at_once;
    a_relay_goes_on_when_its_handle_is_dropped;
}
