//! Calls that bypass the guard: sqlx's own connection, and statements that begin or end transactions.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use buttress::store::{Error, ErrorKind, Session, TransactionOptions};
use sqlx::{Connection, MySql, Postgres, Sqlite, Transaction};

use super::{ROADS, Road};
use crate::support::cut::{Moment, cut};
use crate::support::statements::{insert, run, script};
use crate::support::{Fresh, TestDatabase};

/// Runs text on sqlx's own connection.
async fn raw<DB: TestDatabase>(on: &mut Session, sql: &str) -> Result<(), Error> {
    let connection = on.sql::<DB>().await?.unguarded().await?;
    DB::run_on(connection, sql).await?;
    Ok(())
}

async fn what_stays_in_the_transaction_is_kept<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for (road, id) in ROADS.into_iter().zip([1, 11]) {
        let kept = road.run(&fresh, async move |tx: &mut Session| {
            raw::<DB>(tx, &format!("INSERT INTO t VALUES ({id}, 0)")).await?;
            tx.transaction(async |tx| raw::<DB>(tx, &format!("INSERT INTO t VALUES ({}, 0)", id + 1)).await).await?;
            let undone = tx.transaction(async |tx| {
                raw::<DB>(tx, &format!("INSERT INTO t VALUES ({}, 0)", id + 2)).await?;
                Err::<(), _>(Error::corrupt("a row"))
            });
            assert!(undone.await.is_err());
            let savepoint = tx.sql::<DB>().await?.unguarded().await?.begin().await?;
            savepoint.commit().await?;
            raw::<DB>(tx, &format!("INSERT INTO t VALUES ({}, 0)", id + 3)).await
        });
        kept.await.unwrap();
    }
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 1 + 2 + 4 + 11 + 12 + 14);
    fresh.pool_is_clean().await;
}

/// Runs text past the guard in a transaction, then a statement, or the commit at once.
async fn past_the_guard<DB: TestDatabase>(
    fresh: &Fresh<DB>,
    road: Road,
    sql: &'static str,
    at_once: bool,
) -> ErrorKind {
    let ended = road.run(fresh, async move |tx: &mut Session| {
        raw::<DB>(tx, sql).await?;
        if at_once { Ok(()) } else { insert::<DB>(tx, 9).await }
    });
    ended.await.expect_err(sql).kind()
}

async fn a_transaction_that_was_ended_past_the_guard_is_noticed<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for sql in ["COMMIT", "ROLLBACK", "COMMIT; BEGIN", "ROLLBACK; BEGIN"] {
        for (road, at_once) in ROADS.into_iter().flat_map(|road| [(road, true), (road, false)]) {
            assert_eq!(past_the_guard(&fresh, road, sql, at_once).await, ErrorKind::TransactionLost, "{sql}");
            fresh.pool_is_clean().await;
        }
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0, "nothing was written after the end");
}

async fn a_savepoint_that_was_left_open_does_not_turn_the_commit_into_its_release<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for road in ROADS {
        let ended = road.run(&fresh, async |tx: &mut Session| {
            insert::<DB>(tx, 1).await?;
            let savepoint = tx.sql::<DB>().await?.unguarded().await?.begin().await?;
            std::mem::forget(savepoint);
            Ok(())
        });
        assert_eq!(ended.await.unwrap_err().kind(), ErrorKind::TransactionLost);
        fresh.pool_is_clean().await;
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
}

async fn a_savepoint_of_the_driver_that_is_dropped_half_way_is_noticed<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for road in ROADS {
        let ended = road.run(&fresh, async |tx: &mut Session| {
            insert::<DB>(tx, 1).await?;
            let connection = tx.sql::<DB>().await?.unguarded().await?;
            drop(cut(connection.begin(), 1, Moment::Waiting).await);
            insert::<DB>(tx, 2).await
        });
        // If the driver knows to undo it, the work is kept; but never half of it, and no outcome is false.
        let kept = ended.await.is_ok();
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, if kept { 2 } else { 0 });
        fresh.pool_is_clean().await;
        fresh.run("DELETE FROM t").await;
    }
}

async fn out_of_a_transaction_the_connection_is_not_given_back<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for sql in ["BEGIN", "BEGIN; INSERT INTO t VALUES (1, 0)"] {
        raw::<DB>(&mut fresh.store.session(), sql).await.unwrap();
        fresh.pool_is_clean().await;
    }
    script::<DB>(&mut fresh.store.session(), "DELETE FROM t; BEGIN; INSERT INTO t VALUES (1, 0)").await.unwrap();
    fresh.pool_is_clean().await;
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
}

async fn statements_that_begin_or_end_transactions_are_not_sent<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let hidden = ["-- so; and so\nCOMMIT", "/* so; and so */ COMMIT"];
    for sql in ["BEGIN", "COMMIT", "ROLLBACK", "commit; begin", " -- so\n END"].into_iter().chain(hidden) {
        for road in ROADS {
            let kept = road.run(&fresh, async move |tx: &mut Session| {
                insert::<DB>(tx, 1).await?;
                let refused = script::<DB>(tx, sql).await;
                assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported, "{sql}");
                let refused = run::<DB>(tx, sql).await;
                assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported, "{sql}");
                insert::<DB>(tx, 2).await
            });
            kept.await.expect("nothing happened to the transaction");
            fresh.run("DELETE FROM t").await;
        }
        let refused = script::<DB>(&mut fresh.store.session(), sql).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported, "{sql}");
    }
    for sql in ["SAVEPOINT a", "DELETE FROM t; SAVEPOINT a"] {
        let refused = script::<DB>(&mut fresh.store.session(), sql).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported, "on SQLite it begins a transaction");
    }
    fresh.pool_is_clean().await;
}

/// SQLite runs all of it, and the other databases run none of it.
async fn a_commit_hidden_in_a_prepared_text_is_noticed_or_refused<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for road in ROADS {
        let lost = road.run(&fresh, async move |tx: &mut Session| {
            run::<DB>(tx, "INSERT INTO t VALUES (1, 0); COMMIT").await?;
            insert::<DB>(tx, 9).await
        });
        let kind = lost.await.unwrap_err().kind();
        assert_eq!(kind == ErrorKind::TransactionLost, DB::NAME == "SQLite", "{kind:?}");
        assert_eq!(fresh.number("SELECT count(*) FROM t WHERE id = 9").await, 0);
        fresh.run("DELETE FROM t").await;
    }
    fresh.pool_is_clean().await;
}

async fn a_commit_hidden_in_a_script_is_noticed<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for (id, road) in (1..).zip(ROADS) {
        let lost = road.run(&fresh, async move |tx: &mut Session| {
            script::<DB>(tx, &format!("INSERT INTO t VALUES ({id}, 0); COMMIT")).await?;
            let refused = insert::<DB>(tx, 9).await;
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::TransactionLost);
            Ok(())
        });
        assert_eq!(lost.await.unwrap_err().kind(), ErrorKind::TransactionLost);
        let failed = road.run(&fresh, async move |tx: &mut Session| {
            script::<DB>(tx, &format!("INSERT INTO t VALUES ({}, 0); COMMIT", id + 10)).await?;
            Err::<(), Error>(ErrorKind::RowNotFound.into())
        });
        assert_eq!(failed.await.unwrap_err().kind(), ErrorKind::TransactionLost, "it was not undone");
    }
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 1 + 11 + 2 + 12, "what was committed stays");
    fresh.pool_is_clean().await;
}

async fn savepoints_of_ones_own_may_be_used<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for (id, road) in (1..).zip(ROADS) {
        let kept = road.run(&fresh, async move |tx: &mut Session| {
            script::<DB>(tx, "SAVEPOINT mine").await?;
            insert::<DB>(tx, id).await?;
            assert!(insert::<DB>(tx, id).await.is_err());
            script::<DB>(tx, "ROLLBACK TO SAVEPOINT mine").await?;
            insert::<DB>(tx, id + 10).await
        });
        kept.await.unwrap();
    }
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 11 + 12);
    fresh.pool_is_clean().await;
}

/// MariaDB ends the transaction at statements that change tables.
#[tokio::test]
async fn plain_sqlx_on_mariadb_commits_at_a_statement_that_changes_tables() {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    let mut tx = fresh.sql.pool().begin().await.unwrap();
    sqlx::query("INSERT INTO t VALUES (1, 0)").execute(&mut *tx).await.unwrap();
    sqlx::query("CREATE TABLE other (id INT)").execute(&mut *tx).await.unwrap();
    sqlx::query("INSERT INTO t VALUES (2, 0)").execute(&mut *tx).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 2, "nothing was rolled back");
}

#[tokio::test]
async fn mariadb_an_implicit_commit_is_noticed() {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    fresh.run("CREATE PROCEDURE commits() BEGIN COMMIT; END").await;
    let ends = ["CREATE TABLE other (id INT)", "TRUNCATE other", "CALL commits()", "SELECT 1; DROP TABLE other"];
    for (id, sql) in (1..).zip(ends) {
        for road in ROADS {
            fresh.run("DELETE FROM t; DROP TABLE IF EXISTS other").await;
            if !sql.starts_with("CREATE") {
                fresh.run("CREATE TABLE other (id INT)").await;
            }
            let lost = road.run(&fresh, async move |tx: &mut Session| {
                insert::<MySql>(tx, id).await?;
                script::<MySql>(tx, sql).await?;
                let refused = insert::<MySql>(tx, 9).await;
                assert_eq!(refused.expect_err(sql).kind(), ErrorKind::TransactionLost);
                Ok(())
            });
            assert_eq!(lost.await.expect_err(sql).kind(), ErrorKind::TransactionLost);
            let at_once =
                road.run(&fresh, async move |tx: &mut Session| script::<MySql>(tx, "DROP TABLE IF EXISTS other").await);
            assert_eq!(at_once.await.expect_err(sql).kind(), ErrorKind::TransactionLost);
            assert_eq!(fresh.number("SELECT sum(id) FROM t").await, id, "{sql}");
            fresh.pool_is_clean().await;
        }
    }
}

/// A table `other` that another transaction reads: a statement that changes it commits first, and then has to wait.
async fn read_by_another() -> (Fresh<MySql>, Transaction<'static, MySql>) {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    fresh.run("CREATE TABLE other (id INT)").await;
    let mut reader = fresh.witness.begin().await.unwrap();
    MySql::run_on(&mut reader, "SELECT * FROM other").await.unwrap();
    (fresh, reader)
}

/// A statement that changes tables commits before it runs, and so even if it fails.
#[tokio::test]
async fn mariadb_what_was_committed_implicitly_is_not_done_again() {
    let (fresh, reader) = read_by_another().await;
    let attempts = AtomicI64::new(0);
    let failed: Result<(), Error> = fresh
        .store
        .transaction(async |tx| {
            insert::<MySql>(tx, attempts.fetch_add(1, Ordering::SeqCst)).await?;
            script::<MySql>(tx, "ALTER TABLE other NOWAIT ADD n INT").await
        })
        .await;
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::TransactionLost);
    reader.rollback().await.unwrap();
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1);
    fresh.pool_is_clean().await;
}

/// Work that fails after an implicit commit is not reported as undone, whatever it returns and whether or not it
/// looked.
#[tokio::test]
async fn mariadb_work_that_fails_after_an_implicit_commit_is_not_said_to_be_undone() {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    for (road, looks) in ROADS.into_iter().flat_map(|road| [(road, true), (road, false)]) {
        let work = async move |tx: &mut Session| -> Result<(), Error> {
            insert::<MySql>(tx, 1).await?;
            script::<MySql>(tx, "CREATE TABLE other (id INT)").await?;
            if looks {
                assert_eq!(insert::<MySql>(tx, 9).await.unwrap_err().kind(), ErrorKind::TransactionLost);
            }
            Err(ErrorKind::RowNotFound.into())
        };
        assert_eq!(road.run(&fresh, work).await.unwrap_err().kind(), ErrorKind::TransactionLost);
        assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 1);
        fresh.run("DELETE FROM t; DROP TABLE other").await;
        let by_itself = fresh.store.session().transaction(work).await;
        assert_eq!(by_itself.unwrap_err().kind(), ErrorKind::TransactionLost);
        fresh.run("DELETE FROM t; DROP TABLE other").await;
        fresh.pool_is_clean().await;
    }
}

/// The same in a nested transaction, and if its error is swallowed.
#[tokio::test]
async fn mariadb_a_nested_implicit_commit_is_not_said_to_be_undone() {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    for (road, swallow) in ROADS.into_iter().flat_map(|road| [(road, true), (road, false)]) {
        let lost = road.run(&fresh, async move |tx: &mut Session| {
            insert::<MySql>(tx, 1).await?;
            let nested = tx.transaction(async |tx| {
                script::<MySql>(tx, "CREATE TABLE other (id INT)").await?;
                Err::<(), Error>(ErrorKind::RowNotFound.into())
            });
            let nested = nested.await;
            if swallow { Ok(()) } else { nested }
        });
        assert_eq!(lost.await.unwrap_err().kind(), ErrorKind::TransactionLost);
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1);
        fresh.run("DELETE FROM t; DROP TABLE other").await;
        fresh.pool_is_clean().await;
    }
}

/// A statement that only might have committed, and did not, leaves the work's error unchanged.
#[tokio::test]
async fn mariadb_work_that_fails_after_a_statement_that_only_might_commit_is_undone() {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    for road in ROADS {
        let undone = road.run(&fresh, async |tx: &mut Session| {
            insert::<MySql>(tx, 1).await?;
            script::<MySql>(tx, "CREATE OR REPLACE TEMPORARY TABLE mine (id INT)").await?;
            Err::<(), Error>(ErrorKind::RowNotFound.into())
        });
        assert_eq!(undone.await.unwrap_err().kind(), ErrorKind::RowNotFound);
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
        fresh.pool_is_clean().await;
    }
}

/// The server cannot be asked while a statement is in progress.
#[tokio::test]
async fn mariadb_an_implicit_commit_that_is_cut_by_the_deadline_is_not_said_to_be_undone() {
    let (fresh, reader) = read_by_another().await;
    let late: Result<(), Error> = fresh
        .store
        .with_options(TransactionOptions::new().deadline(Duration::from_millis(500)))
        .transaction(async |tx| {
            insert::<MySql>(tx, 1).await?;
            script::<MySql>(tx, "ALTER TABLE other ADD n INT").await
        })
        .await;
    assert_eq!(late.unwrap_err().kind(), ErrorKind::TransactionLost);
    reader.rollback().await.unwrap();
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn mariadb_a_statement_that_only_might_end_the_transaction_does_no_harm() {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    fresh.run("CREATE PROCEDURE harmless() BEGIN INSERT INTO t VALUES (1, 0); END").await;
    for road in ROADS {
        let kept = road.run(&fresh, async |tx: &mut Session| {
            script::<MySql>(tx, "CREATE TEMPORARY TABLE mine (id INT)").await?;
            script::<MySql>(tx, "CALL harmless()").await?;
            script::<MySql>(tx, "DROP TEMPORARY TABLE mine").await?;
            insert::<MySql>(tx, 2).await
        });
        kept.await.unwrap();
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, 2);
        fresh.run("DELETE FROM t").await;
    }
    fresh.pool_is_clean().await;
}

/// A session outside a transaction may change tables.
#[tokio::test]
async fn tables_may_be_changed_out_of_a_transaction() {
    async fn test<DB: TestDatabase>() {
        let fresh = DB::fresh(1).await;
        let mut session = fresh.store.session();
        script::<DB>(&mut session, DB::TABLE).await.unwrap();
        insert::<DB>(&mut session, 1).await.unwrap();
        drop(session);
        fresh.pool_is_clean().await;
    }
    test::<Postgres>().await;
    test::<MySql>().await;
    test::<Sqlite>().await;
}

/// The crate begins no transaction on a connection whose transaction was begun past the guard and is still open.
#[tokio::test]
async fn postgres_a_transaction_begins_on_a_connection_that_is_in_none() {
    let fresh = Postgres::fresh(1).await;
    let mut session = fresh.store.session();
    raw::<Postgres>(&mut session, "BEGIN ISOLATION LEVEL SERIALIZABLE").await.unwrap();
    let level = session.transaction(async |tx| {
        let level = sqlx::query_scalar("SELECT current_setting('transaction_isolation')");
        Ok::<String, Error>(level.fetch_one(tx.sql::<Postgres>().await?).await?)
    });
    assert_eq!(level.await.unwrap(), "read committed");
    drop(session);
    fresh.pool_is_clean().await;
}

on_every_database! {
    what_stays_in_the_transaction_is_kept;
    a_transaction_that_was_ended_past_the_guard_is_noticed;
    a_savepoint_that_was_left_open_does_not_turn_the_commit_into_its_release;
    a_savepoint_of_the_driver_that_is_dropped_half_way_is_noticed;
    out_of_a_transaction_the_connection_is_not_given_back;
    statements_that_begin_or_end_transactions_are_not_sent;
    a_commit_hidden_in_a_prepared_text_is_noticed_or_refused;
    a_commit_hidden_in_a_script_is_noticed;
    savepoints_of_ones_own_may_be_used;
}
