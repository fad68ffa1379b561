//! How a relay finds the waiting events.

use std::time::Duration;

use buttress::Timestamp;
use buttress::outbox::{Delivery, Outbox};
use buttress::sql::sql;
use buttress::store::Store;
use sqlx::types::Uuid;
use tokio::time::Instant;

use super::scene::{Inbox, Scene, another, event, hurried, in_time};
use crate::support::TestDatabase;

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3600);

async fn a_commit_of_the_same_process_is_heard_at_once<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let inbox = Inbox::default();
    let running = scene.relay(inbox.publisher()).poll_interval(LONG).spawn();
    for (n, text) in ["1", "2", "3"].into_iter().enumerate() {
        scene.commit([event("a", text)]).await;
        in_time("it came", async || inbox.all().len() == n + 1).await;
        scene.is_empty().await;
    }
    let sequences: Vec<_> = inbox.all().iter().map(Delivery::sequence).collect();
    assert_eq!(sequences, [1, 2, 3], "they go on when what was delivered is deleted");
    running.stop(Duration::from_secs(5)).await;
}

async fn a_commit_of_another_process_is_found<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let inbox = Inbox::default();
    let running = hurried(Outbox::new().relay(&scene.fresh.store, inbox.publisher())).spawn();
    scene.commit([event("a", "1"), event("a", "2")]).await;
    inbox.holds(&["1", "2"]).await;
    running.stop(Duration::from_secs(5)).await;
}

/// Each query takes a connection of its own.
async fn a_relay_with_nothing_to_do_asks_one_question_each_time<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    // One event of a key that is a dead letter, and one that waits behind it.
    scene.commit([event("a", "1"), event("a", "2")]).await;
    scene.fresh.run("UPDATE buttress_outbox SET parked_at = due_at WHERE sequence = 1").await;
    let store = scene.another().await;
    let poll = Duration::from_millis(20);
    let relay = hurried(Outbox::new().relay(&store, Inbox::default().publisher())).poll_interval(poll);
    let start = Instant::now();
    relay.run(in_time("it asks", async || store.pool_stats().acquired >= 10)).await;
    let most = start.elapsed().as_millis() / (poll.as_millis() * 9 / 10) + 1;
    let asked = store.pool_stats().acquired;
    assert!(u128::from(asked) <= most, "{asked} questions in {most} polls");
}

/// A lane with many events, the first of which is a dead letter.
async fn deep<DB: TestDatabase>(scene: &Scene<DB>, number: u128, lane: &str) {
    let row = "INSERT INTO buttress_outbox
        (id, event_key, lane, sequence, kind, headers, payload, created_at, due_at) VALUES";
    let (now, nothing) = (Timestamp::now(), Vec::<u8>::new());
    let mut session = scene.fresh.store.session();
    let written = sql(row)
        .push_rows(1..=300, |row, n| {
            let id = Uuid::from_u128(number * 1_000 + n);
            let row = row.bind(id).bind(lane).bind(lane).bind(i64::try_from(n).unwrap());
            row.bind("told").bind("{}").bind(&nothing).bind(now).bind(now)
        })
        .execute(&mut session);
    assert_eq!(written.await.unwrap(), 300);
    scene.fresh.run("UPDATE buttress_outbox SET parked_at = due_at WHERE sequence = 1 AND lane LIKE '%deep'").await;
}

/// Some lanes are deep and cannot be served, before, between and behind the lanes that can; there are more than fit on
/// a page, and there is room for only a few at a time.
async fn everything_is_found_however_it_lies<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    for (number, lane) in (1..).zip([" deep", "5 deep", "z deep"]) {
        deep(&scene, number, lane).await;
    }
    let events = (0..150_u128).map(|n| event(None, "").id(Uuid::from_u128((n * 2) << 120 | n)));
    let keyed = ["\u{1}", "~", "m", "n", "ü"].map(|key| [event(key, ""), event(key, "")]);
    let events = Vec::from_iter(events.chain(keyed.into_iter().flatten()));
    let written = scene.fresh.store.transaction(async |tx| scene.outbox.write_all(tx, events.clone()).await);
    written.await.unwrap();
    let inbox = Inbox::default();
    let running = scene.relay(inbox.publisher()).batch(60).spawn();
    in_time("all but the deep ones came", async || scene.waiting().await == 900).await;
    running.stop(Duration::from_secs(5)).await;
    assert_eq!(inbox.all().len(), 160);
    for key in ["\u{1}", "~", "m", "n", "ü"] {
        let sequences = inbox.all().iter().filter(|d| d.key() == Some(key)).map(Delivery::sequence).collect::<Vec<_>>();
        assert_eq!(sequences, [1, 2], "{key}");
    }
}

/// A key that always has more events does not keep the others waiting.
async fn keys_take_turns<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    for n in 0..20 {
        scene.commit([event("a", &format!("a{n}"))]).await;
    }
    scene.commit([event("b", "b"), event("c", "c")]).await;
    let inbox = Inbox::default();
    let running = scene.relay(inbox.publisher()).batch(1).spawn();
    in_time("all came", async || inbox.all().len() == 22).await;
    assert_eq!(inbox.texts()[..4], ["a0", "b", "c", "a1"]);
    running.stop(Duration::from_secs(5)).await;
}

async fn delivered_events_are_kept_as_long_as_asked<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let inbox = Inbox::default();
    let running = scene.relay(inbox.publisher()).retention(LONG).spawn();
    scene.commit([event("a", "1"), event("a", "2")]).await;
    scene.is_empty().await;
    running.stop(Duration::from_secs(5)).await;
    let kept = "SELECT count(*) FROM buttress_outbox WHERE event_key = 'a' AND delivered_at IS NOT NULL";
    assert_eq!(scene.fresh.number(kept).await, 2);

    let running = scene.relay(inbox.publisher()).retention(Duration::ZERO).spawn();
    in_time("they are gone", async || scene.fresh.number(kept).await == 0).await;
    running.stop(Duration::from_secs(5)).await;
    assert_eq!(inbox.texts(), ["1", "2"]);
}

/// A relay treats a missing database as one that is still to come.
async fn a_relay_waits_for_its_tables<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    let (outbox, inbox) = (Outbox::new(), Inbox::default());
    let store: Store = another(&fresh).await;
    let running = hurried(outbox.relay(&store, inbox.publisher())).spawn();
    tokio::time::sleep(Duration::from_millis(50)).await;
    outbox.migrate(&fresh.store).await.unwrap();
    let written = fresh.store.transaction(async |tx| outbox.write(tx, event("a", "1")).await);
    written.await.unwrap();
    inbox.holds(&["1"]).await;
    running.stop(Duration::from_secs(5)).await;
}

on_every_database! {
    a_commit_of_the_same_process_is_heard_at_once;
    a_commit_of_another_process_is_found;
    a_relay_with_nothing_to_do_asks_one_question_each_time;
    everything_is_found_however_it_lies;
    keys_take_turns;
    delivered_events_are_kept_as_long_as_asked;
    a_relay_waits_for_its_tables;
}
