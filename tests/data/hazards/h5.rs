//! SQLite: a transaction that reads first and writes later fails at once, regardless of any timeout; one whose commit
//! fails stays open.

use std::time::{Duration, Instant};

use buttress::store::{Error, ErrorKind, Session, TransactionOptions};
use sqlx::Sqlite;

use super::ROADS;
use crate::support::TestDatabase;
use crate::support::statements::{insert, run};

#[tokio::test]
async fn plain_sqlx_fails_at_once_where_another_one_wrote_in_between() {
    let fresh = Sqlite::fresh(1).await;
    fresh.run(Sqlite::TABLE).await;
    let mut tx = fresh.sql.pool().begin().await.unwrap();
    Sqlite::run_on(&mut tx, "SELECT * FROM t").await.unwrap();
    fresh.run("INSERT INTO t VALUES (1, 0)").await;
    let since = Instant::now();
    let failed = Sqlite::run_on(&mut tx, "INSERT INTO t VALUES (2, 0)").await.unwrap_err();
    assert_eq!(failed.as_database_error().unwrap().code().as_deref(), Some("517"));
    assert!(since.elapsed() < Duration::from_secs(5), "the timeout is not waited for");
}

#[tokio::test]
async fn who_may_write_later_has_the_right_from_the_begin() {
    let fresh = Sqlite::fresh(1).await;
    fresh.run(Sqlite::TABLE).await;
    for (id, road) in (1..).zip(ROADS) {
        let witness = fresh.witness.clone();
        let kept = road
            .run(&fresh, async move |tx: &mut Session| {
                run::<Sqlite>(tx, "SELECT * FROM t").await?;
                let waits = tokio::spawn(async move {
                    Sqlite::run(&witness, &format!("INSERT INTO t VALUES ({}, 0)", id + 10)).await
                });
                insert::<Sqlite>(tx, id).await?;
                Ok(waits)
            })
            .await;
        kept.unwrap().await.unwrap().unwrap();
    }
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 1 + 11 + 2 + 12);
    fresh.pool_is_clean().await;
}

/// A transaction that only reads waits for no writer, and may not write.
#[tokio::test]
async fn who_only_reads_waits_for_nobody() {
    let fresh = Sqlite::fresh(1).await;
    fresh.run(Sqlite::TABLE).await;
    let mut writer = fresh.witness.acquire().await.unwrap();
    Sqlite::run_on(&mut writer, "BEGIN IMMEDIATE; INSERT INTO t VALUES (1, 0)").await.unwrap();
    let reads: Result<(), Error> = fresh
        .store
        .with_options(TransactionOptions::new().read_only())
        .transaction(async |tx| run::<Sqlite>(tx, "SELECT * FROM t").await)
        .await;
    reads.unwrap();
    Sqlite::run_on(&mut writer, "COMMIT").await.unwrap();
    drop(writer);
    fresh.pool_is_clean().await;
}

const DEFERRED: &str = "CREATE TABLE line (t BIGINT REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)";

#[tokio::test]
async fn plain_sqlx_is_left_in_the_transaction_by_a_commit_that_failed() {
    let fresh = Sqlite::fresh(1).await;
    fresh.run(Sqlite::TABLE).await;
    fresh.run(DEFERRED).await;
    let mut connection = fresh.sql.pool().acquire().await.unwrap();
    Sqlite::run_on(&mut connection, "BEGIN; INSERT INTO line VALUES (404)").await.unwrap();
    assert!(Sqlite::run_on(&mut connection, "COMMIT").await.is_err());
    connection.return_to_pool().await;
    Sqlite::run(fresh.sql.pool(), "INSERT INTO t VALUES (1, 0)").await.expect("it is acknowledged");
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
}

#[tokio::test]
async fn a_commit_that_failed_is_rolled_back() {
    let fresh = Sqlite::fresh(1).await;
    fresh.run(Sqlite::TABLE).await;
    fresh.run(DEFERRED).await;
    for road in ROADS {
        let failed = road.run(&fresh, async |tx: &mut Session| {
            insert::<Sqlite>(tx, 1).await?;
            run::<Sqlite>(tx, "INSERT INTO line VALUES (404)").await
        });
        assert_eq!(failed.await.unwrap_err().kind(), ErrorKind::ForeignKeyViolation);
        fresh.pool_is_clean().await;
    }
    assert_eq!(fresh.number("SELECT (SELECT count(*) FROM t) + (SELECT count(*) FROM line)").await, 0);
}

/// The driver skips one rollback after a commit that was dropped, and it must not be that of another transaction.
#[tokio::test]
async fn a_commit_that_was_dropped_does_not_eat_the_rollback_of_whoever_is_next() {
    use crate::support::cut::{Moment, cut};

    let fresh = Sqlite::fresh(1).await;
    fresh.run(Sqlite::TABLE).await;
    for moment in [Moment::Waiting, Moment::Woken] {
        for polls in 1.. {
            let done = cut(fresh.store.transaction(async |tx| insert::<Sqlite>(tx, 1).await), polls, moment).await;
            let mut tx = fresh.sql.pool().begin().await.unwrap();
            Sqlite::run_on(&mut tx, "INSERT INTO t VALUES (2, 0)").await.unwrap();
            drop(tx);
            fresh.pool_is_clean().await;
            assert_eq!(fresh.number("SELECT count(*) FROM t WHERE id = 2").await, 0, "after {polls} polls");
            fresh.run("DELETE FROM t").await;
            if done.is_some() {
                break;
            }
        }
    }
}
