//! Failures at the commit: a serialization failure, a deferred constraint.

use std::sync::atomic::{AtomicU32, Ordering};

use buttress::store::{Error, ErrorKind, Isolation, Retry, Session, Store, TransactionOptions};
use sqlx::{Connection, Postgres};

use super::ROADS;
use crate::support::statements::{insert, run};
use crate::support::{Fresh, TestDatabase};

const SERIALIZABLE: TransactionOptions = TransactionOptions::new().isolation(Isolation::Serializable);

async fn tables() -> Fresh<Postgres> {
    let fresh = Postgres::fresh(1).await;
    fresh.run("CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT NOT NULL); INSERT INTO t VALUES (1, 0), (2, 0)").await;
    fresh
}

/// The other half of a write skew: it reads the row that the first one writes, and writes the row that the first one
/// read.
async fn other_half(fresh: &Fresh<Postgres>) -> sqlx::Transaction<'static, Postgres> {
    let mut other = fresh.witness.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE").await.unwrap();
    Postgres::run_on(&mut other, "SELECT sum(n) FROM t; UPDATE t SET n = 1 WHERE id = 2").await.unwrap();
    other
}

#[tokio::test]
async fn plain_sqlx_leaves_a_serialization_failure_at_the_commit_to_the_caller() {
    let fresh = tables().await;
    let mut connection = fresh.sql.pool().acquire().await.unwrap();
    let mut tx = connection.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE").await.unwrap();
    Postgres::run_on(&mut tx, "SELECT sum(n) FROM t").await.unwrap();
    let other = other_half(&fresh).await;
    Postgres::run_on(&mut tx, "UPDATE t SET n = 1 WHERE id = 1").await.unwrap();
    other.commit().await.unwrap();
    let failed = tx.commit().await.unwrap_err();
    assert_eq!(failed.as_database_error().unwrap().code().as_deref(), Some("40001"));
}

/// Conflicts with the other half in its first attempts.
async fn skewed(store: &Store, fresh: &Fresh<Postgres>, meetings: u32) -> (Result<(), Error>, u32) {
    let attempts = AtomicU32::new(0);
    let ended = store
        .transaction(async |tx| {
            run::<Postgres>(tx, "SELECT sum(n) FROM t").await?;
            let other =
                if attempts.fetch_add(1, Ordering::SeqCst) < meetings { Some(other_half(fresh).await) } else { None };
            run::<Postgres>(tx, "UPDATE t SET n = n + 1 WHERE id = 1").await?;
            if let Some(other) = other {
                other.commit().await.unwrap();
            }
            Ok(())
        })
        .await;
    (ended, attempts.into_inner())
}

#[tokio::test]
async fn a_serialization_failure_at_the_commit_is_tried_again() {
    let fresh = tables().await;
    let store = fresh.store.with_options(SERIALIZABLE);
    let (ended, attempts) = skewed(&store, &fresh, 2).await;
    ended.unwrap();
    assert_eq!(attempts, 3);
    assert_eq!(fresh.number("SELECT n FROM t WHERE id = 1").await, 1, "once");
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn a_serialization_failure_at_the_commit_is_told_when_there_is_no_attempt_left() {
    let fresh = tables().await;
    for attempts in [1, 3] {
        let store = fresh.store.with_options(SERIALIZABLE.retry(Retry::new().attempts(attempts)));
        let (ended, made) = skewed(&store, &fresh, u32::MAX).await;
        assert_eq!(ended.unwrap_err().kind(), ErrorKind::Serialization);
        assert_eq!(made, attempts);
    }
    assert_eq!(fresh.number("SELECT n FROM t WHERE id = 1").await, 0);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn a_deferred_reference_is_told_and_not_tried_again() {
    let fresh = tables().await;
    fresh.run("CREATE TABLE line (t BIGINT CONSTRAINT line_t REFERENCES t DEFERRABLE INITIALLY DEFERRED)").await;
    for road in ROADS {
        let attempts = AtomicU32::new(0);
        let failed = road.run(&fresh, async |tx: &mut Session| {
            attempts.fetch_add(1, Ordering::SeqCst);
            insert::<Postgres>(tx, 3).await?;
            run::<Postgres>(tx, "INSERT INTO line VALUES (404)").await
        });
        let error = failed.await.unwrap_err();
        assert_eq!((error.kind(), error.constraint()), (ErrorKind::ForeignKeyViolation, Some("line_t")));
        assert_eq!(attempts.into_inner(), 1);
        fresh.pool_is_clean().await;
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 2);
}
