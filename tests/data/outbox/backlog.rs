//! Many waiting events: the rows that a look reads, the events that block others, and the lag of a relay.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use buttress::Timestamp;
use buttress::body::BoxError;
use buttress::outbox::{Delivery, Event, Lag, Outbox};
use buttress::sql::{Database, sql};
use buttress::store::{Error, Isolation, Session, Store, TransactionOptions};
use sqlx::pool::PoolOptions;
use sqlx::sqlite::SqliteConnection;
use sqlx::types::Uuid;
use sqlx::{MySql, Pool, Postgres, Sqlite};
use tokio::sync::Semaphore;

use super::scene::{Inbox, Scene, event, hurried, in_time, text};
use crate::support::{TestDatabase, eventually};

/// Writes `count` events, `each` of them per key, as a writer would leave them; `first` is applied to the first of each
/// key.
async fn fill<DB: TestDatabase>(scene: &Scene<DB>, name: &str, count: u32, each: u32, first: &str) {
    let row = "INSERT INTO buttress_outbox
        (id, event_key, lane, sequence, kind, headers, payload, created_at, due_at) VALUES";
    let (now, nothing, all) = (Timestamp::now(), Vec::<u8>::new(), Vec::from_iter(0..count));
    let mut session = scene.fresh.store.session();
    for some in all.chunks(500) {
        let rows = sql(row).push_rows(some, |row, n| {
            let (id, lane) = (Uuid::new_v4_like(name, *n), format!("{name} {}", n / each));
            let row = row.bind(id).bind(lane.clone()).bind(lane).bind(i64::from(n % each + 1));
            row.bind("told").bind("{}").bind(&nothing).bind(now).bind(now)
        });
        rows.execute(&mut session).await.unwrap();
    }
    if !first.is_empty() {
        scene
            .fresh
            .run(&format!("UPDATE buttress_outbox SET {first} WHERE sequence = 1 AND lane LIKE '{name} %'"))
            .await;
    }
}

/// A distinct id for each event of a test.
trait Like {
    fn new_v4_like(name: &str, n: u32) -> Self;
}

impl Like for Uuid {
    fn new_v4_like(name: &str, n: u32) -> Self {
        let name = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        Self::from_u128(u128::from(n.wrapping_mul(2_654_435_761)) << 96 | u128::from(name) << 32 | u128::from(n))
    }
}

/// The expression that delays an event for longer than any test.
fn later<DB: TestDatabase>() -> &'static str {
    match DB::NAME {
        "PostgreSQL" => "due_at = due_at + interval '1 day'",
        "MySQL" => "due_at = due_at + INTERVAL 1 DAY",
        _ => "due_at = due_at + 86400000000",
    }
}

/// A database that reports how much of the outbox was read.
trait Reads: TestDatabase {
    /// A watched pool, and the amount that was read through it so far; to be called when the pool is closed.
    async fn watched(scene: &Scene<Self>) -> (Store, impl AsyncFn() -> i64);
}

impl Reads for Postgres {
    async fn watched(scene: &Scene<Self>) -> (Store, impl AsyncFn() -> i64) {
        let table = "pg_stat_user_tables WHERE relname = 'buttress_outbox'";
        let read = format!("SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM {table}");
        let reads = async move || {
            // The server counts a session's reads when the session has ended.
            let sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()";
            let own = async || scene.fresh.number(sessions).await == i64::from(scene.fresh.witness.size());
            eventually("the sessions of the stores are over", own).await;
            scene.fresh.run("SELECT pg_stat_clear_snapshot()").await;
            scene.fresh.number(&read).await
        };
        let options = (*scene.fresh.sql.pool().connect_options()).clone();
        (PoolOptions::<Self>::new().max_connections(2).connect_lazy_with(options).into(), reads)
    }
}

impl Reads for MySql {
    async fn watched(scene: &Scene<Self>) -> (Store, impl AsyncFn() -> i64) {
        scene.fresh.run("SET GLOBAL userstat = 1").await;
        let read = "SELECT coalesce(sum(rows_read), 0) FROM information_schema.table_statistics
                    WHERE table_schema = database() AND table_name = 'buttress_outbox'";
        (scene.another().await, async move || scene.fresh.number(read).await)
    }
}

/// SQLite counts in steps of its virtual machine, about ten of which are a row.
impl Reads for Sqlite {
    async fn watched(scene: &Scene<Self>) -> (Store, impl AsyncFn() -> i64) {
        let steps = Arc::<AtomicU64>::default();
        let counting = Arc::clone(&steps);
        let pool = PoolOptions::new().max_connections(2).after_connect(move |connection: &mut SqliteConnection, _| {
            let steps = Arc::clone(&counting);
            Box::pin(async move {
                let mut handle = connection.lock_handle().await?;
                handle.set_progress_handler(100, move || {
                    steps.fetch_add(100, Ordering::SeqCst);
                    true
                });
                Ok(())
            })
        });
        let options = (*scene.fresh.sql.pool().connect_options()).clone();
        let pool: Pool<Self> = pool.connect_with(options).await.unwrap();
        let reads = async move || i64::try_from(steps.load(Ordering::SeqCst) / 10).unwrap();
        (Database::from_pool(pool).into(), reads)
    }
}

/// Keys that wait for later, dead letters, and events behind them are not read again and again.
async fn a_look_reads_what_is_due_and_nothing_else<DB: Reads>() {
    let scene = Scene::<DB>::new(2).await;
    fill(&scene, "later", 6_000, 1, later::<DB>()).await;
    fill(&scene, "parked", 2_000, 1, "parked_at = due_at").await;
    fill(&scene, "behind", 1_000, 1_000, "parked_at = due_at").await;
    let keys = "INSERT INTO buttress_outbox_keys (name, last) WITH RECURSIVE n (n) AS
                (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 900) SELECT CONCAT('used ', n), n FROM n";
    let words = if DB::NAME == "SQLite" { keys.replace("CONCAT('used ', n)", "'used ' || n") } else { keys.to_owned() };
    scene.fresh.run(&words).await;
    // The first looks delay the events behind the dead letter.
    let inbox = Inbox::default();
    let relay = scene.relay(inbox.publisher()).spawn();
    scene.commit([event("due", "1")]).await;
    inbox.holds(&["1"]).await;
    in_time("nothing is in the way", async || scene.lag().await.due < 100).await;
    relay.stop(Duration::from_secs(5)).await;
    scene.fresh.store.close(Duration::from_secs(30)).await.unwrap();

    let (store, reads) = DB::watched(&scene).await;
    let before = reads().await;
    let outbox = Outbox::new();
    let relay = hurried(outbox.relay(&store, inbox.publisher())).poll_interval(Duration::from_millis(5)).spawn();
    let looks = async |more: u64| {
        let seen = store.pool_stats().acquired;
        in_time("it looks", async || store.pool_stats().acquired >= seen + more).await;
    };
    looks(20).await;
    store.transaction(async |tx| outbox.write(tx, event("due", "2")).await).await.unwrap();
    inbox.holds(&["1", "2"]).await;
    looks(20).await;
    relay.stop(Duration::from_secs(5)).await;
    store.close(Duration::from_secs(30)).await.unwrap();
    let (read, looks) = (reads().await - before, i64::try_from(store.pool_stats().acquired).unwrap());
    assert!(read < looks * 1_000, "{read} rows of 9,000 in {looks} looks");
}

/// A key whose first event is a dead letter has many more: they let others through, and come in their order once it is gone.
async fn events_behind_a_dead_letter_do_not_hold_up_others<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    fill(&scene, "stuck", 200, 200, "parked_at = due_at").await;
    let inbox = Inbox::default();
    let relay = scene.relay(inbox.publisher()).batch(4).spawn();
    scene.commit([event("free", "free")]).await;
    inbox.holds(&["free"]).await;
    in_time("the others are put off", async || scene.lag().await.due < 100).await;

    let on = &mut scene.fresh.store.session();
    let dead = scene.outbox.dead_letters(on, 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].behind), (1, 199));
    assert!(scene.outbox.discard(on, dead[0].id).await.unwrap());
    scene.is_empty().await;
    let sequences: Vec<_> = inbox.all().iter().skip(1).map(Delivery::sequence).collect();
    assert_eq!(sequences, Vec::from_iter(2..=200));
    relay.stop(Duration::from_secs(5)).await;
}

/// Another relay froze while it claimed the events that have been due for longest.
async fn what_others_have_locked_is_in_nobodys_way<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(3).await;
    fill(&scene, "locked", 300, 1, "").await;
    fill(&scene, "deep", 300, 150, "").await;
    let (done, locked) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let frozen = tokio::spawn({
        let store = scene.fresh.store.with_options(TransactionOptions::new().isolation(Isolation::ReadCommitted));
        let (done, locked) = (Arc::clone(&done), Arc::clone(&locked));
        async move {
            store
                .transaction_once(async move |tx| {
                    sql("SELECT id FROM buttress_outbox FOR UPDATE").fetch_all(tx).await?;
                    locked.add_permits(1);
                    let _ = done.acquire().await;
                    Ok::<_, Error>(())
                })
                .await
        }
    });
    locked.acquire().await.unwrap().forget();
    scene.commit([event("free", "free")]).await;
    let inbox = Inbox::default();
    let relay = scene.relay(inbox.publisher()).batch(4).spawn();
    inbox.holds(&["free"]).await;
    done.add_permits(1);
    frozen.await.unwrap().unwrap();
    scene.is_empty().await;
    assert_eq!(inbox.all().len(), 601, "each once");
    relay.stop(Duration::from_secs(5)).await;
}

/// A publisher that holds its events until `wanted` of them are there at once; returns the highest number reached.
async fn most_at_once<DB: TestDatabase>(scene: &Scene<DB>, batch: Option<usize>, wanted: usize) -> usize {
    let (now, most, gate) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default(), Arc::new(Semaphore::new(0)));
    let publisher = {
        let (now, most, gate) = (Arc::clone(&now), Arc::clone(&most), Arc::clone(&gate));
        move |_: Delivery| {
            let (now, most, gate) = (Arc::clone(&now), Arc::clone(&most), Arc::clone(&gate));
            async move {
                let there = now.fetch_add(1, Ordering::SeqCst) + 1;
                if most.fetch_max(there, Ordering::SeqCst).max(there) >= wanted {
                    gate.add_permits(10_000);
                }
                let _ = gate.acquire().await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, BoxError>(())
            }
        }
    };
    let relay = scene.relay(publisher);
    let relay = batch.into_iter().fold(relay, buttress::outbox::Relay::batch).spawn();
    scene.is_empty().await;
    relay.stop(Duration::from_secs(5)).await;
    most.load(Ordering::SeqCst)
}

async fn more_is_with_the_publisher_while_more_waits<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    fill(&scene, "many", 1_200, 1, "").await;
    let most = most_at_once(&scene, None, 512).await;
    assert_eq!(most, 512);
    fill(&scene, "many", 100, 1, "").await;
    assert_eq!(most_at_once(&scene, Some(10), 10).await, 10);
}

/// Every connection of the pool is in use, and many clients wait for the next one.
async fn a_relay_does_not_queue_behind_the_clients<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    scene.commit([event("a", "a1"), event("a", "a2")]).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut session = scene.fresh.store.session();
        sql("SELECT 1").fetch_one(&mut session).await.unwrap();
        held.push(session);
    }
    let inbox = Inbox::default();
    let relay = scene.relay(inbox.publisher()).spawn();
    inbox.holds(&["a1", "a2"]).await;
    relay.stop(Duration::from_secs(5)).await;
    drop(held);
    scene.fresh.store.close(Duration::from_secs(30)).await.unwrap();
    assert_eq!(scene.fresh.store.pool_stats().size, 0, "its own connection is closed with the others");
}

async fn the_lag_is_told_and_costs_the_same_however_much_waits<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    assert_eq!((scene.lag().await.due, scene.lag().await.oldest), (0, None));
    fill(&scene, "later", 3, 1, later::<DB>()).await;
    fill(&scene, "parked", 2, 2, "parked_at = due_at").await;
    let lag = scene.lag().await;
    assert_eq!((lag.due, lag.oldest), (1, None), "one waits behind the dead letter");
    scene.commit([event("a", "a1")]).await;
    let young = scene.lag().await;
    let day = later::<DB>().replace('+', "-");
    scene.fresh.run(&format!("UPDATE buttress_outbox SET {day} WHERE lane = 'a'")).await;
    let old = scene.lag().await;
    assert_eq!((young.due, old.due), (2, 2));
    let (young, old) = (young.oldest.unwrap(), old.oldest.unwrap());
    assert!(old >= Duration::from_secs(24 * 60 * 60) && young < old, "{young:?} {old:?}");
    fill(&scene, "many", 11_000, 1, "").await;
    assert_eq!(scene.lag().await.due, Lag::MOST);
}

impl<DB: TestDatabase> Scene<DB> {
    async fn lag(&self) -> Lag {
        let mut session: Session = self.fresh.store.session();
        self.outbox.lag(&mut session).await.unwrap()
    }
}

/// The server keeps the plan of a prepared statement: a plan for a table with eight rows would read all of it for each
/// eight.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_for_an_empty_outbox_is_not_kept_for_a_full_one() {
    let scene = Scene::<Postgres>::new(2).await;
    let (store, reads) = Postgres::watched(&scene).await;
    let before = reads().await;
    let (outbox, inbox) = (Outbox::new(), Inbox::default());
    let relay = hurried(outbox.relay(&store, inbox.publisher())).batch(8).spawn();
    let mut seen = 0;
    for _ in 0..20 {
        let eight = async |tx: &mut Session| outbox.write_all(tx, (0..8).map(|_| Event::new("told"))).await;
        store.transaction(eight).await.unwrap();
        outbox.lag(&mut store.session()).await.unwrap();
        seen += 8;
        in_time("they came", async || inbox.all().len() == seen).await;
    }
    let many = "INSERT INTO buttress_outbox (id, lane, sequence, kind, headers, payload, created_at, due_at)
                SELECT gen_random_uuid(), 'lane ' || n, 1, 'told', '{}', decode(repeat('ab', 1500), 'hex'), now(), now()
                FROM generate_series(1, 4000) n";
    scene.fresh.run(many).await;
    outbox.lag(&mut store.session()).await.unwrap();
    // Not by querying the table, which would be counted.
    in_time("all came", async || inbox.all().len() == seen + 4_000).await;
    relay.stop(Duration::from_secs(5)).await;
    store.close(Duration::from_secs(30)).await.unwrap();
    let read = reads().await - before;
    assert!(read < 200_000, "{read} rows were read for 4,160 events");
}

/// Two relays that alternate, and keys with many events each: each event comes once, and each key in its order.
async fn deep_keys_come_in_order_from_two_relays<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    fill(&scene, "deep", 300, 100, "").await;
    fill(&scene, "wide", 100, 2, "").await;
    let inbox = Inbox::default();
    let first = scene.relay(inbox.publisher()).batch(8).spawn();
    let second = hurried(Outbox::new().relay(&scene.another().await, inbox.publisher())).batch(8).spawn();
    scene.is_empty().await;
    first.stop(Duration::from_secs(5)).await;
    second.stop(Duration::from_secs(5)).await;
    let all = inbox.all();
    assert_eq!(all.len(), 400);
    for key in all.iter().filter(|d| d.sequence() == 1).filter_map(Delivery::key) {
        let of_key: Vec<_> = all.iter().filter(|d| d.key() == Some(key)).map(Delivery::sequence).collect();
        assert!(of_key.is_sorted(), "{key}: {of_key:?}");
    }
    assert!(all.iter().all(|delivery| text(delivery).is_empty()));
}

/// SQLite has one writing connection, and no rows to lock.
mod on_servers {
    use sqlx::{MySql, Postgres};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_others_have_locked_is_in_nobodys_way() {
        super::what_others_have_locked_is_in_nobodys_way::<Postgres>().await;
        super::what_others_have_locked_is_in_nobodys_way::<MySql>().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_relay_does_not_queue_behind_the_clients() {
        super::a_relay_does_not_queue_behind_the_clients::<Postgres>().await;
        super::a_relay_does_not_queue_behind_the_clients::<MySql>().await;
    }
}

on_every_database! {
    a_look_reads_what_is_due_and_nothing_else;
    events_behind_a_dead_letter_do_not_hold_up_others;
    more_is_with_the_publisher_while_more_waits;
    the_lag_is_told_and_costs_the_same_however_much_waits;
    deep_keys_come_in_order_from_two_relays;
}
