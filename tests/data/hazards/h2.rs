//! A statement failed, its error was swallowed, and the commit reports success.

use buttress::store::{Error, ErrorKind, Memory, Session, Store};
use sqlx::{Connection, MySql, Postgres, Sqlite};

use super::ROADS;
use crate::support::TestDatabase;
use crate::support::statements::{insert, run};

#[tokio::test]
async fn plain_sqlx_on_postgres_says_ok_to_a_commit_that_kept_nothing() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    let mut tx = fresh.sql.pool().begin().await.unwrap();
    Postgres::run_on(&mut tx, "INSERT INTO t VALUES (1, 0)").await.unwrap();
    assert!(Postgres::run_on(&mut tx, "INSERT INTO t VALUES (1, 0)").await.is_err());
    tx.commit().await.expect("it says so");
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
}

/// Each of these fails, and its error is ignored.
const FAILURES: [&str; 4] =
    ["INSERT INTO t VALUES (1, 0)", "SELECT * FROM nowhere", "INSERT INTO t VALUES (2, NULL)", "not even SQL"];

#[tokio::test]
async fn postgres_a_swallowed_error_is_an_error_of_the_commit() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    for (road, failure) in ROADS.into_iter().flat_map(|road| FAILURES.map(|failure| (road, failure))) {
        let refused = road.run(&fresh, async move |tx: &mut Session| {
            insert::<Postgres>(tx, 1).await?;
            run::<Postgres>(tx, failure).await.expect_err("it fails");
            Ok(())
        });
        assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::Aborted);
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
        fresh.pool_is_clean().await;
    }
}

#[tokio::test]
async fn postgres_what_follows_a_swallowed_error_is_refused() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    for road in ROADS {
        let refused = road.run(&fresh, async |tx: &mut Session| {
            insert::<Postgres>(tx, 1).await?;
            insert::<Postgres>(tx, 1).await.expect_err("it fails");
            let next = insert::<Postgres>(tx, 2).await;
            assert_eq!(next.unwrap_err().kind(), ErrorKind::Aborted);
            Ok(())
        });
        assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::Aborted);
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    fresh.pool_is_clean().await;
}

/// On these databases an error undoes only its statement, and it is legal to continue after it.
async fn a_swallowed_error_is_no_matter<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for (road, failure) in ROADS.into_iter().flat_map(|road| FAILURES.map(|failure| (road, failure))) {
        let kept = road.run(&fresh, async move |tx: &mut Session| {
            insert::<DB>(tx, 1).await?;
            run::<DB>(tx, failure).await.expect_err("it fails");
            insert::<DB>(tx, 2).await?;
            run::<DB>(tx, failure).await.expect_err("it fails");
            Ok(())
        });
        kept.await.unwrap();
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, 2);
        fresh.pool_is_clean().await;
        fresh.run("DELETE FROM t").await;
    }
}

#[tokio::test]
async fn mariadb() {
    a_swallowed_error_is_no_matter::<MySql>().await;
}

#[tokio::test]
async fn sqlite() {
    a_swallowed_error_is_no_matter::<Sqlite>().await;
}

/// A constraint can be declared to undo the whole transaction; later statements would then commit by themselves.
#[tokio::test]
async fn plain_sqlx_on_sqlite_goes_on_in_autocommit_after_a_conflict_that_rolls_back() {
    let fresh = Sqlite::fresh(1).await;
    fresh.run("CREATE TABLE t (id BIGINT PRIMARY KEY ON CONFLICT ROLLBACK, n BIGINT NOT NULL)").await;
    let mut connection = fresh.sql.pool().acquire().await.unwrap();
    let mut tx = connection.begin().await.unwrap();
    Sqlite::run_on(&mut tx, "INSERT INTO t VALUES (1, 0)").await.unwrap();
    assert!(Sqlite::run_on(&mut tx, "INSERT INTO t VALUES (1, 0)").await.is_err());
    Sqlite::run_on(&mut tx, "INSERT INTO t VALUES (2, 0)").await.unwrap();
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 2, "half of it, before the commit");
    drop(tx);
}

#[tokio::test]
async fn sqlite_a_conflict_that_rolls_back_ends_the_transaction() {
    let fresh = Sqlite::fresh(1).await;
    fresh.run("CREATE TABLE t (id BIGINT PRIMARY KEY ON CONFLICT ROLLBACK, n BIGINT NOT NULL)").await;
    for road in ROADS {
        let refused = road.run(&fresh, async |tx: &mut Session| {
            insert::<Sqlite>(tx, 1).await?;
            let failed = insert::<Sqlite>(tx, 1).await;
            assert_eq!(failed.unwrap_err().kind(), ErrorKind::UniqueViolation);
            let next = insert::<Sqlite>(tx, 2).await;
            assert_eq!(next.unwrap_err().kind(), ErrorKind::TransactionLost);
            Ok(())
        });
        assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::TransactionLost);
        fresh.pool_is_clean().await;
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
}

/// In memory, only forbidden operations fail.
#[tokio::test]
async fn in_memory_what_is_refused_can_be_swallowed() {
    let memory = Memory::new(0);
    let store = Store::from(memory.clone());
    let kept: Result<(), Error> = store
        .transaction(async |tx| {
            assert!(tx.sql::<Sqlite>().await.is_err());
            tx.memory::<i32>()?.write(|n| *n = 1).await
        })
        .await;
    kept.unwrap();
    assert_eq!(*memory.committed(), 1);
}
