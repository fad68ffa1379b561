//! Instances that start together, wait for one another, and are cut off.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use buttress::sql::Connect;
use buttress::store::{Error, ErrorKind, Store};
use sqlx::migrate::Migrate;
use sqlx::{Postgres, Sqlite};
use tokio::sync::Barrier;
use tokio::task::{JoinHandle, block_in_place};

use super::{all, instance, migrate, set, slow};
use crate::pool::address;
use crate::support::{TestDatabase, eventually, soak};

const SHORT: Duration = Duration::from_millis(100);

/// Steps that show a second run: a table that already exists, and an extra row.
const STEPS: [&str; 3] = [
    "CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)",
    "CREATE TABLE log (n BIGINT NOT NULL)",
    "INSERT INTO log VALUES (1)",
];

async fn of_many_starters_one_migrates<DB: TestDatabase>() {
    const STARTERS: usize = 8;
    for _ in 0..soak(1, 50) {
        let fresh = DB::fresh(1).await;
        let (migrations, start) = (all(set(&STEPS)), Arc::new(Barrier::new(STARTERS)));
        let mut starters = Vec::new();
        for _ in 0..STARTERS {
            let (store, start) = (instance(&fresh).await, Arc::clone(&start));
            starters.push(tokio::spawn(async move {
                start.wait().await;
                migrations.run(&store).await
            }));
        }
        for starter in starters {
            starter.await.unwrap().unwrap();
        }
        assert_eq!(fresh.number("SELECT sum(n) FROM log").await, 1);
        assert_eq!(fresh.number("SELECT count(*) FROM _sqlx_migrations").await, 3);
    }
}

async fn one_store_may_be_asked_by_many<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    let (migrations, store) = (all(set(&STEPS)), fresh.store.clone());
    let starters: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { migrations.run(&store).await })
        })
        .collect();
    for starter in starters {
        starter.await.unwrap().unwrap();
    }
    assert_eq!(fresh.number("SELECT sum(n) FROM log").await, 1);
    fresh.pool_is_clean().await;
}

/// The scripts after these take a while.
fn slow_steps<DB: TestDatabase>(seconds: f64) -> Vec<String> {
    let slow = [slow::<DB>(seconds), "INSERT INTO log VALUES (1)".to_owned()];
    STEPS.map(ToOwned::to_owned).into_iter().chain(slow).collect()
}

async fn migrate_slowly<DB: TestDatabase>(store: &Store, seconds: f64) -> Result<(), Error> {
    let steps = slow_steps::<DB>(seconds);
    migrate(store, &steps.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// A migration that has begun, and takes a while.
async fn begun<DB: TestDatabase>(store: Store, other: &Store, seconds: f64) -> JoinHandle<Result<(), Error>> {
    migrate(&store, &STEPS).await.unwrap();
    let migrating = tokio::spawn(async move { migrate_slowly::<DB>(&store, seconds).await });
    eventually("it migrates", async || is_kept_out(other).await).await;
    migrating
}

/// Whether another instance is migrating.
async fn is_kept_out(store: &Store) -> bool {
    let waited = all(set(&STEPS)).wait(SHORT).run(store).await;
    waited.is_err_and(|error| error.kind() == ErrorKind::LockTimeout)
}

async fn nobody_waits_for_ever<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    let other = instance(&fresh).await;
    let migrating = begun::<DB>(instance(&fresh).await, &other, 2.0).await;
    migrating.await.unwrap().unwrap();
    assert_eq!(fresh.number("SELECT sum(n) FROM log").await, 2);
}

/// An instance that is dropped while it waits leaves no trace; a migration that has begun on a server continues when
/// its caller leaves.
async fn a_starter_may_leave<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    let (first, other) = (instance(&fresh).await, instance(&fresh).await);
    let migrating = begun::<DB>(first.clone(), &other, 2.0).await;
    assert!(tokio::time::timeout(SHORT, migrate(&other, &STEPS)).await.is_err(), "it waits");
    migrating.abort();
    assert!(migrating.await.unwrap_err().is_cancelled());
    if DB::NAME != "SQLite" {
        let done = "SELECT count(*) FROM _sqlx_migrations";
        eventually("it goes on to its end", async || fresh.number(done).await == 5).await;
    }

    let begun = Instant::now();
    migrate_slowly::<DB>(&other, 2.0).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(30), "the lock is gone");
    assert_eq!(fresh.number("SELECT sum(n) FROM log").await, 2);
    first.close(Duration::from_secs(5)).await.unwrap();
}

on_every_database! {
    of_many_starters_one_migrates;
    one_store_may_be_asked_by_many;
    nobody_waits_for_ever;
    a_starter_may_leave;
}

/// A process that migrates with sqlx alone is kept out, too.
#[tokio::test]
async fn sqlx_itself_is_waited_for() {
    let fresh = Postgres::fresh(2).await;
    let mut held = fresh.witness.acquire().await.unwrap();
    held.lock().await.unwrap();
    let waiting = all(set(&STEPS)).wait(SHORT).run(&fresh.store).await;
    assert_eq!(waiting.unwrap_err().kind(), ErrorKind::LockTimeout);
    held.unlock().await.unwrap();
    migrate(&fresh.store, &STEPS).await.unwrap();
    eventually("no lock is left", async || {
        fresh
            .number(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database =
                      (SELECT oid FROM pg_database WHERE datname = current_database())",
            )
            .await
            == 0
    })
    .await;
}

/// An index that is built concurrently waits for all running statements, including those that wait for a lock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_can_be_built_concurrently_while_others_wait() {
    let fresh = Postgres::fresh(2).await;
    let steps: &[&str] = &[STEPS[0], "-- no-transaction\nCREATE INDEX CONCURRENTLY t_n ON t (n)"];
    let mut starters = Vec::new();
    for _ in 0..8 {
        let (store, migrations) = (instance(&fresh).await, all(set(steps)));
        starters.push(tokio::spawn(async move { migrations.run(&store).await }));
    }
    for starter in starters {
        starter.await.unwrap().unwrap();
    }
}

/// A process that ends half-way releases its lock, and its work is undone.
#[test]
fn a_process_may_end_half_way() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (lasting, ending) = (runtime(), runtime());
    let fresh = lasting.block_on(Postgres::fresh(2));
    let other = ending.block_on(instance(&fresh));
    let migrating = ending.block_on(begun::<Postgres>(Store::from(fresh.sql.clone()), &other, 60.0));
    ending.shutdown_background();
    lasting.block_on(async {
        assert!(migrating.await.unwrap_err().is_cancelled());
        // The server checks its client, and notices within seconds.
        let other = instance(&fresh).await;
        let mut steps = slow_steps::<Postgres>(60.0);
        steps[3] = "INSERT INTO log VALUES (1)".to_owned();
        migrate(&other, &steps.iter().map(String::as_str).collect::<Vec<_>>()).await.unwrap();
        assert_eq!(fresh.number("SELECT sum(n) FROM log").await, 3);
    });
}

const ADDRESS: &str = "BUTTRESS_TEST_MIGRATE";
const SET: &str = "BUTTRESS_TEST_MIGRATE_SET";
const SETS: [&[&str]; 2] =
    [&STEPS, &[STEPS[0], STEPS[1], STEPS[2], "-- no-transaction\nCREATE TABLE other (n BIGINT)"]];

/// Separate processes, like real instances.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_share_a_file() {
    let fresh = Sqlite::fresh(1).await;
    for set in ["0", "1"] {
        let child = |_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "migrate::starters::one_of_several_processes", "--ignored"])
                .envs([(ADDRESS, &*address(&fresh)), (SET, set)])
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        };
        let children: Vec<_> = (0..4).map(child).collect();
        for mut child in children {
            assert!(block_in_place(|| child.wait()).unwrap().success());
        }
    }
    assert_eq!(fresh.number("SELECT sum(n) FROM log").await, 1);
    assert_eq!(fresh.number("SELECT count(*) FROM other").await, 0);
}

#[tokio::test]
#[ignore = "another test starts it, with an address"]
async fn one_of_several_processes() {
    let store = Connect::to(&std::env::var(ADDRESS).unwrap()).unwrap().open().await.unwrap();
    let set: usize = std::env::var(SET).unwrap().parse().unwrap();
    migrate(&store, SETS[set]).await.unwrap();
}
