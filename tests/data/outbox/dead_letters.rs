//! Undeliverable events become dead letters, and do not hold up more than they must.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use buttress::body::BoxError;
use buttress::outbox::{Backlog, DeadLetter, Delivery, Outbox, Publisher};
use buttress::store::Session;
use sqlx::MySql;

use super::scene::{Inbox, Scene, event, hurried, in_time, text};
use crate::support::TestDatabase;

impl<DB: TestDatabase> Scene<DB> {
    async fn backlog(&self) -> Backlog {
        self.outbox.backlog(&mut self.fresh.store.session()).await.unwrap()
    }

    async fn dead_letters(&self) -> Vec<DeadLetter> {
        self.outbox.dead_letters(&mut self.fresh.store.session(), 10).await.unwrap()
    }

    async fn a_dead_letter(&self) -> DeadLetter {
        in_time("an event is a dead letter", async || !self.dead_letters().await.is_empty()).await;
        self.dead_letters().await.remove(0)
    }
}

/// A publisher that fails for events that begin with `bad`, while the switch is on.
fn choosy(inbox: &Inbox, on: &Arc<AtomicBool>) -> impl Publisher + use<> {
    let (inbox, on) = (inbox.clone(), Arc::clone(on));
    move |delivery: Delivery| {
        let fails = on.load(Ordering::SeqCst) && text(&delivery).starts_with("bad");
        if !fails {
            inbox.take(&delivery);
        }
        async move { if fails { Err(BoxError::from("no")) } else { Ok(()) } }
    }
}

async fn an_event_that_fails_too_often_is_a_dead_letter_and_stops_its_key_alone<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let (inbox, on) = (Inbox::default(), Arc::new(AtomicBool::new(true)));
    scene.commit([event("a", "good 1"), event("a", "bad 2"), event("a", "good 3"), event(None, "bad alone")]).await;
    let running = scene.relay(choosy(&inbox, &on)).attempts(3).spawn();
    in_time("both bad ones are dead letters", async || scene.backlog().await.dead_letters == 2).await;
    scene.commit([event("b", "good b"), event("a", "good 4")]).await;
    inbox.holds(&["good 1", "good b"]).await;

    in_time("the rest is delivered", async || scene.backlog().await.pending == 4).await;
    let backlog = scene.backlog().await;
    assert_eq!(backlog.dead_letters, 2);
    assert!(backlog.oldest.unwrap() < Duration::from_secs(60));
    let dead = scene.dead_letters().await;
    let keyed = dead.iter().find(|letter| letter.key.is_some()).unwrap();
    let facts = (keyed.key.as_deref(), keyed.kind.as_str(), keyed.sequence, keyed.attempts, keyed.behind);
    assert_eq!(facts, (Some("a"), "told", 2, 3, 2));
    assert!(keyed.created_at <= keyed.last_attempt_at);
    // A recorded result is counted a moment later.
    in_time("all is counted", async || (running.stats().failed, running.stats().dead_letters) == (6, 2)).await;

    // A retried event is tried the same number of times before it is a dead letter again.
    let retry = async || scene.outbox.retry(&mut scene.fresh.store.session(), keyed.id).await.unwrap();
    assert!(retry().await);
    in_time("it is a dead letter again", async || running.stats().failed == 9).await;
    in_time("it is a dead letter again", async || scene.backlog().await.dead_letters == 2).await;
    on.store(false, Ordering::SeqCst);
    assert!(retry().await);
    inbox.holds(&["good 1", "good b", "bad 2", "good 3", "good 4"]).await;
    assert!(!retry().await, "it is not a dead letter any more");
    running.stop(Duration::from_secs(5)).await;
}

async fn a_dead_letter_can_be_discarded<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let (inbox, on) = (Inbox::default(), Arc::new(AtomicBool::new(true)));
    scene.commit([event("a", "bad 1"), event("a", "good 2")]).await;
    let running = scene.relay(choosy(&inbox, &on)).attempts(1).poll_interval(Duration::from_secs(3600)).spawn();
    let dead = scene.a_dead_letter().await;
    let discard = async || scene.outbox.discard(&mut scene.fresh.store.session(), dead.id).await.unwrap();
    assert!(discard().await);
    inbox.holds(&["good 2"]).await;
    assert!(!discard().await);
    scene.is_empty().await;
    assert_eq!(scene.backlog().await.oldest, None);
    running.stop(Duration::from_secs(5)).await;
}

async fn a_panic_is_a_failure_and_takes_nobody_along<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let inbox = Inbox::default();
    scene.commit([event("a", "bad"), event("b", "good")]).await;
    let publisher = {
        let inbox = inbox.clone();
        move |delivery: Delivery| {
            let inbox = inbox.clone();
            async move {
                assert!(text(&delivery) != "bad", "a panic of the test");
                inbox.take(&delivery);
                Ok::<_, BoxError>(())
            }
        }
    };
    let running = scene.relay(publisher).attempts(2).spawn();
    assert_eq!(scene.a_dead_letter().await.attempts, 2);
    inbox.holds(&["good"]).await;
    running.stop(Duration::from_secs(5)).await;
}

/// An event that kills its relays would be tried for ever.
async fn attempts_without_a_result_count<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    scene.commit([event("a", "deadly")]).await;
    let inbox = Inbox::default();
    for attempt in 1..=3 {
        let (store, inbox) = (scene.another().await, inbox.clone());
        let relay = hurried(Outbox::new().relay(&store, {
            let inbox = inbox.clone();
            move |delivery: Delivery| {
                inbox.take(&delivery);
                std::future::pending::<Result<(), BoxError>>()
            }
        }));
        // The lease outlives the relay; the test expires it by hand.
        let dying = tokio::spawn(relay.attempts(3).run(std::future::pending()));
        in_time("it is tried", async || inbox.all().len() == attempt).await;
        dying.abort();
        assert!(dying.await.unwrap_err().is_cancelled());
        let due = "UPDATE buttress_outbox SET due_at = created_at";
        scene.fresh.run(due).await;
    }
    let running = scene.relay(inbox.publisher()).attempts(3).spawn();
    assert_eq!(scene.a_dead_letter().await.attempts, 3);
    assert_eq!(inbox.all().len(), 3);
    assert_eq!(running.stop(Duration::from_secs(5)).await.dead_letters, 1);
}

async fn what_cannot_be_read_does_not_hold_up_the_rest<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let inbox = Inbox::default();
    scene.commit([event("a", "spoilt"), event("b", "good")]).await;
    scene.fresh.run("UPDATE buttress_outbox SET headers = 'x' WHERE lane = 'a'").await;
    let running = scene.relay(inbox.publisher()).spawn();
    inbox.holds(&["good"]).await;
    assert_eq!(scene.a_dead_letter().await.key.as_deref(), Some("a"));
    running.stop(Duration::from_secs(5)).await;
}

/// A list of dead letters does not read the delivered events that are kept.
#[tokio::test]
async fn mariadb_dead_letters_are_found_among_delivered_events() {
    let scene = Scene::<MySql>::new(1).await;
    let rows = |from: i64, to: i64, lane: &str, delivered: &str, dead: &str| {
        format!(
            "INSERT INTO buttress_outbox
             (id, lane, sequence, kind, headers, payload, created_at, due_at, delivered_at, parked_at)
             SELECT UNHEX(MD5(seq)), {lane}, 0, 'order.placed', '{{}}', '', NOW(6), NOW(6), {delivered}, {dead}
             FROM seq_{from}_to_{to}"
        )
    };
    scene.fresh.run(&rows(1, 5_000, "NULL", "NOW(6)", "NULL")).await;
    scene.fresh.run(&rows(5_001, 5_003, "HEX(MD5(seq))", "NULL", "NOW(6)")).await;
    scene.fresh.run("ANALYZE TABLE buttress_outbox").await;
    let mut session = scene.fresh.store.session();
    let read = async |on: &mut Session| {
        let status = "SHOW SESSION STATUS LIKE 'Handler_read_rnd_next'";
        let status: (String, String) =
            sqlx::query_as(status).fetch_one(on.sql::<MySql>().await.unwrap()).await.unwrap();
        status.1.parse::<i64>().unwrap()
    };
    let before = read(&mut session).await;
    // The query for the number reads some rows, too.
    let asking = read(&mut session).await - before;
    assert_eq!(scene.outbox.dead_letters(&mut session, 10).await.unwrap().len(), 3);
    let rows = read(&mut session).await - before - 2 * asking;
    assert!(rows < 100, "{rows} rows were read");
}

on_every_database! {
    an_event_that_fails_too_often_is_a_dead_letter_and_stops_its_key_alone;
    a_dead_letter_can_be_discarded;
    a_panic_is_a_failure_and_takes_nobody_along;
    attempts_without_a_result_count;
    what_cannot_be_read_does_not_hold_up_the_rest;
}
