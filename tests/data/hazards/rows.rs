//! An error after a row, in statements of which only the first row is wanted.

use buttress::sql::sql;
use buttress::store::{Error, ErrorKind, Session};
use sqlx::{AssertSqlSafe, Executor, MySql, Sqlite};

use super::ROADS;
use crate::support::{Fresh, TestDatabase};

/// It returns a row, and then fails: the reference is checked when the statement is committed.
const ORPHAN: &str = "INSERT INTO lines (t) VALUES (404) RETURNING t";
/// It returns two rows, and then fails.
const TWICE: &str = "INSERT INTO t VALUES (1, 0), (2, 0), (1, 0) RETURNING id";

async fn lines() -> Fresh<Sqlite> {
    let fresh = Sqlite::fresh(1).await;
    fresh.run(Sqlite::TABLE).await;
    fresh.run("CREATE TABLE lines (t BIGINT REFERENCES t DEFERRABLE INITIALLY DEFERRED)").await;
    fresh
}

async fn first<DB: TestDatabase>(on: &mut Session, sql: &str) -> Result<(), Error> {
    on.sql::<DB>().await?.fetch_one(sqlx::query::<DB>(AssertSqlSafe(sql))).await?;
    Ok(())
}

#[tokio::test]
async fn plain_sqlx_on_sqlite_gives_the_row_of_an_insert_that_is_undone() {
    let fresh = lines().await;
    sqlx::query(ORPHAN).fetch_one(fresh.sql.pool()).await.expect("nobody is told");
    assert_eq!(fresh.number("SELECT count(*) FROM lines").await, 0);
}

#[tokio::test]
async fn sqlite_an_insert_that_is_undone_at_its_commit_fails() {
    let fresh = lines().await;
    let failed = first::<Sqlite>(&mut fresh.store.session(), ORPHAN).await;
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::ForeignKeyViolation);
    let failed = sql(ORPHAN).fetch_one(&mut fresh.store.session()).await;
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(fresh.number("SELECT count(*) FROM lines").await, 0);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn plain_sqlx_on_mariadb_gives_the_row_of_an_insert_that_fails() {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    sqlx::query(TWICE).fetch_one(fresh.sql.pool()).await.expect("nobody is told");
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
}

#[tokio::test]
async fn mariadb_an_insert_that_fails_after_a_row_fails() {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    let failed = first::<MySql>(&mut fresh.store.session(), TWICE).await;
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::UniqueViolation);
    for road in ROADS {
        let failed = road.run(&fresh, async |tx: &mut Session| first::<MySql>(tx, TWICE).await).await;
        assert_eq!(failed.unwrap_err().kind(), ErrorKind::UniqueViolation);
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    fresh.pool_is_clean().await;
}
