//! The points at which a deadline may hit a transaction, and the state that it leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use buttress::store::{Error, ErrorKind, Memory, Outcome, Retry, Store, TransactionOptions};
use sqlx::{Postgres, Sqlite};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::support::statements::{insert, run, script};
use crate::support::{TestDatabase, eventually};

const DEADLINE: Duration = Duration::from_millis(150);
/// Long enough for a slow machine, and shorter than the waits without a deadline.
const IN_TIME: Duration = Duration::from_secs(4);

fn hurried(store: &Store) -> Store {
    store.with_options(TransactionOptions::new().deadline(DEADLINE))
}

async fn while_it_waits_for_a_connection<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let mut holder = fresh.store.session();
    script::<DB>(&mut holder, "SELECT 1").await.unwrap();
    let late: Result<(), Error> =
        timeout(IN_TIME, hurried(&fresh.store).transaction(async |tx| insert::<DB>(tx, 1).await))
            .await
            .expect("in time");
    assert_eq!(late.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(fresh.store.pool_stats().waiting, 0);
    drop(holder);
    fresh.pool_is_clean().await;
}

/// Only SQLite waits at the begin, for the current writer.
#[tokio::test]
async fn while_it_begins() {
    let fresh = Sqlite::fresh(1).await;
    fresh.run(Sqlite::TABLE).await;
    let mut writer = fresh.witness.acquire().await.unwrap();
    Sqlite::run_on(&mut writer, "BEGIN IMMEDIATE").await.unwrap();
    let late: Result<(), Error> =
        timeout(IN_TIME, hurried(&fresh.store).transaction(async |tx| insert::<Sqlite>(tx, 1).await))
            .await
            .expect("in time");
    assert_eq!(late.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
    Sqlite::run_on(&mut writer, "ROLLBACK").await.unwrap();
    drop(writer);
    fresh.pool_is_clean().await;
}

/// A query that takes longer than the deadline.
fn long<DB: TestDatabase>() -> &'static str {
    match DB::NAME {
        "SQLite" => {
            "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3000000) SELECT count(*) FROM c"
        }
        _ => crate::hazards::slow::<DB>(),
    }
}

async fn in_a_statement<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let late: Result<(), Error> = timeout(
        IN_TIME,
        hurried(&fresh.store).transaction(async |tx| {
            insert::<DB>(tx, 1).await?;
            run::<DB>(tx, long::<DB>()).await
        }),
    )
    .await
    .expect("in time");
    // PostgreSQL gets the deadline as a timeout, and answers a little earlier.
    let kind = late.unwrap_err().kind();
    assert!(matches!(kind, ErrorKind::DeadlineExceeded | ErrorKind::StatementTimeout), "{kind:?}");
    fresh.pool_is_clean().await;
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
}

async fn between_statements<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let late: Result<(), Error> = timeout(
        IN_TIME,
        hurried(&fresh.store).transaction(async |tx| {
            insert::<DB>(tx, 1).await?;
            tx.transaction(async |tx| {
                insert::<DB>(tx, 2).await?;
                std::future::pending().await
            })
            .await
        }),
    )
    .await
    .expect("in time");
    assert_eq!(late.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
    fresh.pool_is_clean().await;
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
}

/// The transaction is committed: its caller stops waiting, and the hooks continue.
async fn in_a_hook<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let (go_on, done) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let committed: Outcome<(), Error> = timeout(
        IN_TIME,
        hurried(&fresh.store).try_transaction(async |tx| {
            let (go_on, done) = (Arc::clone(&go_on), Arc::clone(&done));
            tx.after_commit(async move || {
                go_on.notified().await;
                Ok::<_, Error>(())
            })?;
            tx.after_commit(async move || {
                done.store(true, Ordering::SeqCst);
                Ok::<_, Error>(())
            })?;
            insert::<DB>(tx, 1).await
        }),
    )
    .await
    .expect("in time");
    assert!(matches!(committed, Outcome::Committed(())));
    assert!(!done.load(Ordering::SeqCst));
    go_on.notify_one();
    eventually("the hooks are run to their end", async || done.load(Ordering::SeqCst)).await;
    fresh.pool_is_clean().await;
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1);
}

/// Work that can be tried again is tried until the time is up.
#[tokio::test]
async fn between_attempts() {
    let fresh = Postgres::fresh(1).await;
    let retry = Retry::new().attempts(u32::MAX).backoff(Duration::from_millis(30), Duration::from_millis(30));
    let store = fresh.store.with_options(TransactionOptions::new().deadline(DEADLINE).retry(retry));
    let attempts = std::sync::atomic::AtomicU32::new(0);
    let late: Result<(), Error> = timeout(
        IN_TIME,
        store.transaction(async |tx| {
            attempts.fetch_add(1, Ordering::Relaxed);
            script::<Postgres>(tx, "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$").await
        }),
    )
    .await
    .expect("in time");
    // The error of the last attempt, or the error that it was cut.
    let kind = late.unwrap_err().kind();
    assert!(matches!(kind, ErrorKind::Serialization | ErrorKind::DeadlineExceeded), "{kind:?}");
    assert!(attempts.load(Ordering::Relaxed) > 1);
    fresh.pool_is_clean().await;
}

/// Sums of times can overflow the clock.
async fn one_that_never_comes_is_none<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let days = |days: u64| Duration::from_secs(days * 24 * 3600);
    for (id, deadline) in (1..).zip([days(30), days(100_000), Duration::MAX]) {
        let retry = Retry::new().backoff(Duration::MAX, Duration::MAX);
        let store = fresh.store.with_options(TransactionOptions::new().deadline(deadline).retry(retry));
        let kept: Result<(), Error> = store.transaction(async |tx| insert::<DB>(tx, id).await).await;
        kept.unwrap();
    }
    fresh.pool_is_clean().await;
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 3);
    fresh.store.close(Duration::MAX).await.unwrap();
}

#[tokio::test]
async fn in_memory_it_holds_too() {
    let memory = Memory::new(0);
    let store = hurried(&Store::from(memory.clone()));
    let late: Result<(), Error> = store
        .transaction(async |tx| {
            tx.memory::<i32>()?.write(|n| *n += 1).await?;
            std::future::pending().await
        })
        .await;
    assert_eq!(late.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(*memory.committed(), 0);
    let held = store.session();
    drop(held);
    let kept: Result<(), Error> = store.transaction(async |_| Ok(())).await;
    kept.unwrap();
}

on_every_database! {
    while_it_waits_for_a_connection;
    in_a_statement;
    between_statements;
    in_a_hook;
    one_that_never_comes_is_none;
}
