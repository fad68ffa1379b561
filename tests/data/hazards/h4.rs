//! MySQL and MariaDB end the whole transaction at a deadlock or a snapshot conflict; later statements commit by
//! themselves.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use buttress::sql::Tx;
use buttress::store::{Error, ErrorKind, Retry, Session, TransactionOptions};
use futures_util::future::join;
use sqlx::{Executor, MySql};
use tokio::sync::oneshot;

use super::ROADS;
use crate::support::statements::{insert, run};
use crate::support::{Fresh, TestDatabase};

/// Two rows for the conflict, and more rows that make the server spare the other transaction.
async fn tables() -> Fresh<MySql> {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    fresh
        .run("CREATE TABLE met (id BIGINT PRIMARY KEY, n BIGINT NOT NULL); INSERT INTO met VALUES (1, 0), (2, 0)")
        .await;
    fresh.run("CREATE TABLE weight (id BIGINT)").await;
    fresh
}

const FIRST: &str = "UPDATE met SET n = n + 1 WHERE id = 1";
const SECOND: &str = "UPDATE met SET n = n + 1 WHERE id = 2";

/// A transaction that holds the second row, and requests the first when it is told to.
async fn opponent(fresh: &Fresh<MySql>) -> oneshot::Sender<()> {
    let (go, wait) = oneshot::channel();
    let mut tx = fresh.witness.begin().await.unwrap();
    let heavy = (0..200).map(|n| format!("({n})")).collect::<Vec<_>>().join(",");
    MySql::run_on(&mut tx, &format!("INSERT INTO weight VALUES {heavy}; {SECOND}")).await.unwrap();
    tokio::spawn(async move {
        if wait.await.is_ok() {
            let _ = MySql::run_on(&mut tx, FIRST).await;
            let _ = tx.rollback().await;
        }
    });
    go
}

/// Lets the opponent continue once a transaction waits for it.
async fn meet(fresh: &Fresh<MySql>, go: oneshot::Sender<()>) {
    let sql = "SELECT count(*) FROM information_schema.processlist
               WHERE db = database() AND info LIKE 'UPDATE met%' AND time_ms > 30";
    while fresh.number(sql).await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    go.send(()).unwrap();
}

#[tokio::test]
async fn plain_sqlx_on_mariadb_commits_what_follows_a_deadlock() {
    let fresh = tables().await;
    let mut tx = fresh.sql.pool().begin().await.unwrap();
    MySql::run_on(&mut tx, "INSERT INTO t VALUES (1, 0)").await.unwrap();
    MySql::run_on(&mut tx, FIRST).await.unwrap();
    let go = opponent(&fresh).await;
    let (deadlock, ()) = join(MySql::run_on(&mut tx, SECOND), meet(&fresh, go)).await;
    assert_eq!(Error::from(deadlock.unwrap_err()).kind(), ErrorKind::Deadlock);
    MySql::run_on(&mut tx, "INSERT INTO t VALUES (2, 0)").await.unwrap();
    tx.rollback().await.expect("it says so");
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 2);
}

/// A procedure may commit the work before it, and after a deadlock the server cannot be asked about that.
#[tokio::test]
async fn mariadb_a_deadlock_in_a_procedure_is_not_tried_again() {
    let fresh = tables().await;
    fresh.run(&format!("CREATE PROCEDURE second() BEGIN {SECOND}; END")).await;
    let attempts = AtomicU32::new(0);
    let failed: Result<(), Error> = fresh
        .store
        .transaction(async |tx| {
            attempts.fetch_add(1, Ordering::SeqCst);
            run::<MySql>(tx, FIRST).await?;
            let go = opponent(&fresh).await;
            let (deadlock, ()) = join(run::<MySql>(tx, "CALL second()"), meet(&fresh, go)).await;
            assert_eq!(deadlock.as_ref().unwrap_err().kind(), ErrorKind::Deadlock);
            deadlock
        })
        .await;
    assert_eq!((failed.unwrap_err().kind(), attempts.into_inner()), (ErrorKind::TransactionLost, 1));
    fresh.pool_is_clean().await;
}

/// Runs into a deadlock.
async fn deadlock(tx: &mut Session, fresh: &Fresh<MySql>) -> Error {
    run::<MySql>(tx, FIRST).await.unwrap();
    let go = opponent(fresh).await;
    let (deadlock, ()) = join(run::<MySql>(tx, SECOND), meet(fresh, go)).await;
    deadlock.unwrap_err()
}

#[tokio::test]
async fn mariadb_nothing_follows_a_deadlock() {
    let fresh = tables().await;
    let store = fresh.store.with_options(TransactionOptions::new().retry(Retry::never()));
    let refused: Result<(), Error> = store
        .transaction(async |tx| {
            insert::<MySql>(tx, 1).await?;
            assert_eq!(deadlock(tx, &fresh).await.kind(), ErrorKind::Deadlock);
            assert_eq!(insert::<MySql>(tx, 2).await.unwrap_err().kind(), ErrorKind::Aborted);
            let nested: Result<(), Error> = tx.transaction(async |tx| insert::<MySql>(tx, 3).await).await;
            assert_eq!(nested.unwrap_err().kind(), ErrorKind::Aborted);
            Ok(())
        })
        .await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Aborted);
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn mariadb_a_deadlock_is_tried_again_even_if_it_was_swallowed() {
    let fresh = tables().await;
    for (id, road) in (1..).zip(ROADS) {
        let attempts = AtomicU32::new(0);
        let kept = road.run(&fresh, async |tx: &mut Session| {
            insert::<MySql>(tx, id).await?;
            if attempts.fetch_add(1, Ordering::SeqCst) == 0 {
                deadlock(tx, &fresh).await;
            }
            Ok(())
        });
        kept.await.unwrap();
        assert_eq!(attempts.into_inner(), 2);
    }
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 1 + 2);
    fresh.pool_is_clean().await;
}

/// A deadlock inside a savepoint takes the savepoint with it.
#[tokio::test]
async fn mariadb_a_deadlock_in_a_nested_transaction_ends_the_outermost() {
    let fresh = tables().await;
    let store = fresh.store.with_options(TransactionOptions::new().retry(Retry::never()));
    let refused: Result<(), Error> = store
        .transaction(async |tx| {
            insert::<MySql>(tx, 1).await?;
            let nested: Result<(), Error> = tx.transaction(async |tx| Err(deadlock(tx, &fresh).await)).await;
            assert_eq!(nested.unwrap_err().kind(), ErrorKind::Deadlock);
            assert_eq!(insert::<MySql>(tx, 2).await.unwrap_err().kind(), ErrorKind::Aborted);
            Ok(())
        })
        .await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Aborted);
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    fresh.pool_is_clean().await;
}

/// The guard does not see it, and notices later.
#[tokio::test]
async fn mariadb_a_deadlock_past_the_guard_is_noticed() {
    let fresh = tables().await;
    let options = TransactionOptions::new().retry(Retry::never());
    let refused: Result<(), Error> = fresh
        .sql
        .transaction(options, async |tx: &mut Tx<MySql>| {
            insert::<MySql>(tx, 1).await?;
            run::<MySql>(tx, FIRST).await?;
            let go = opponent(&fresh).await;
            let connection = tx.conn()?.unguarded().await?;
            let (deadlock, ()) = join(connection.execute(SECOND), meet(&fresh, go)).await;
            assert!(deadlock.is_err());
            assert_eq!(insert::<MySql>(tx, 2).await.unwrap_err().kind(), ErrorKind::TransactionLost);
            Ok(())
        })
        .await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::TransactionLost);
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    fresh.pool_is_clean().await;
}

/// Outside a transaction a deadlock is an error of one statement; the session continues.
#[tokio::test]
async fn mariadb_a_session_goes_on_after_an_error_that_would_end_a_transaction() {
    let fresh = tables().await;
    let mut session = fresh.store.session();
    let failed = run::<MySql>(&mut session, "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213").await;
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::Deadlock);
    let connection = session.sql::<MySql>().await.unwrap();
    connection.execute(sqlx::raw_sql("SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213")).await.unwrap_err();
    connection.execute(sqlx::raw_sql("INSERT INTO t VALUES (1, 0)")).await.unwrap();
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1);
    drop(session);
    fresh.pool_is_clean().await;
}

/// Makes the pool's only connection detect that rows which it read were changed.
async fn snapshots(fresh: &Fresh<MySql>) {
    MySql::run(fresh.sql.pool(), "SET SESSION innodb_snapshot_isolation = ON").await.unwrap();
}

#[tokio::test]
async fn plain_sqlx_on_mariadb_commits_what_follows_a_snapshot_conflict() {
    let fresh = tables().await;
    snapshots(&fresh).await;
    let mut tx = fresh.sql.pool().begin().await.unwrap();
    MySql::run_on(&mut tx, "INSERT INTO t VALUES (1, 0); SELECT * FROM met").await.unwrap();
    fresh.run(FIRST).await;
    let conflict = MySql::run_on(&mut tx, FIRST).await;
    assert_eq!(Error::from(conflict.unwrap_err()).kind(), ErrorKind::Serialization);
    MySql::run_on(&mut tx, "INSERT INTO t VALUES (2, 0)").await.unwrap();
    tx.rollback().await.expect("it says so");
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 2);
}

#[tokio::test]
async fn mariadb_nothing_follows_a_snapshot_conflict_and_it_is_tried_again() {
    let fresh = tables().await;
    for (id, road) in (1..).zip(ROADS) {
        snapshots(&fresh).await;
        let attempts = AtomicU32::new(0);
        let kept = road.run(&fresh, async |tx: &mut Session| {
            insert::<MySql>(tx, id).await?;
            run::<MySql>(tx, "SELECT * FROM met").await?;
            if attempts.fetch_add(1, Ordering::SeqCst) == 0 {
                fresh.run(FIRST).await;
                let conflict = run::<MySql>(tx, FIRST).await;
                assert_eq!(conflict.unwrap_err().kind(), ErrorKind::Serialization);
                assert_eq!(insert::<MySql>(tx, 9).await.unwrap_err().kind(), ErrorKind::Aborted);
            }
            Ok(())
        });
        kept.await.unwrap();
        assert_eq!(attempts.into_inner(), 2);
    }
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 1 + 2);
    fresh.pool_is_clean().await;
}

/// A lock that cannot be taken undoes only the statement: work that swallows the error may continue, other work is
/// tried again.
#[tokio::test]
async fn mariadb_a_lock_timeout_undoes_its_statement_only() {
    let fresh = tables().await;
    let mut holder = fresh.witness.begin().await.unwrap();
    MySql::run_on(&mut holder, FIRST).await.unwrap();
    for (id, road) in (1..).zip(ROADS) {
        let kept = road.run(&fresh, async move |tx: &mut Session| {
            insert::<MySql>(tx, id).await?;
            let locked = run::<MySql>(tx, "SELECT * FROM met WHERE id = 1 FOR UPDATE NOWAIT").await;
            assert_eq!(locked.unwrap_err().kind(), ErrorKind::LockTimeout);
            insert::<MySql>(tx, id + 10).await
        });
        kept.await.unwrap();
    }
    holder.rollback().await.unwrap();
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 1 + 11 + 2 + 12);
    fresh.pool_is_clean().await;
}
