//! Statements for any database, through a session.

use buttress::store::{Error, Session};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Executor};

use super::TestDatabase;

/// Sends text unchanged: it may contain several statements.
pub(crate) async fn script<DB: TestDatabase>(on: &mut Session, sql: &str) -> Result<(), Error> {
    on.sql::<DB>().await?.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    Ok(())
}

/// Prepares and runs one statement.
pub(crate) async fn run<DB: TestDatabase>(on: &mut Session, sql: &str) -> Result<(), Error> {
    on.sql::<DB>().await?.fetch_many(sqlx::query::<DB>(AssertSqlSafe(sql))).try_for_each(async |_| Ok(())).await?;
    Ok(())
}

/// Inserts a row into the table `t (id, n)`.
pub(crate) async fn insert<DB: TestDatabase>(on: &mut Session, id: i64) -> Result<(), Error> {
    run::<DB>(on, &format!("INSERT INTO t VALUES ({id}, 0)")).await
}
