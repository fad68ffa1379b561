//! Values that do not fit a query of sqlx's own: the program's mistake, which a second attempt cannot fix.

use std::sync::atomic::{AtomicU32, Ordering};

use buttress::store::ErrorKind::{Aborted, Other};
use buttress::store::{Error, Session, Work};
use sqlx::{MySql, Postgres, Sqlite};

use super::{is, run};
use crate::support::TestDatabase;

/// Makes the mistake in a transaction, and outside of one, where it does no harm to later statements.
async fn is_made_once<DB: TestDatabase, F>(mistake: F)
where
    for<'r> F: Work<&'r mut Session, Result<(), Error>, Fut: Send> + Clone + Send + Sync,
{
    let fresh = DB::fresh(1).await;
    let attempts = AtomicU32::new(0);
    let made: Result<(), Error> = fresh
        .store
        .transaction(async |tx| {
            attempts.fetch_add(1, Ordering::SeqCst);
            mistake.clone()(tx).await
        })
        .await;
    is(&made.unwrap_err(), Other);
    assert_eq!(attempts.into_inner(), 1);
    fresh.pool_is_clean().await;

    let mut session = fresh.store.session();
    is(&mistake.clone()(&mut session).await.unwrap_err(), Other);
    run::<DB>(&mut session, "SELECT 1").await.unwrap();
    drop(session);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn postgres_a_wrong_number_of_values_is_not_tried_again() {
    is_made_once::<Postgres, _>(async |on: &mut Session| {
        sqlx::query("SELECT $1::int + $2::int").bind(1).execute(on.sql::<Postgres>().await?).await?;
        Ok(())
    })
    .await;
}

/// The server refuses a message, and continues.
#[tokio::test]
async fn postgres_a_wrong_number_of_values_does_not_cost_the_connection() {
    let fresh = Postgres::fresh(1).await;
    let mut session = fresh.store.session();
    let mut pids = Vec::new();
    for _ in 0..2 {
        let conn = session.sql::<Postgres>().await.unwrap();
        pids.push(sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()").fetch_one(&mut *conn).await.unwrap());
        sqlx::query("SELECT $1::int + $2::int").bind(1).execute(conn).await.unwrap_err();
    }
    assert_eq!(pids[0], pids[1]);
}

#[tokio::test]
async fn mariadb_a_wrong_number_of_values_is_not_tried_again() {
    is_made_once::<MySql, _>(async |on: &mut Session| {
        sqlx::query("SELECT ? + ?").bind(1).execute(on.sql::<MySql>().await?).await?;
        Ok(())
    })
    .await;
}

/// The driver would wait for an answer to a message that it has not sent.
#[tokio::test]
async fn mariadb_nothing_follows_a_wrong_number_of_values() {
    let fresh = MySql::fresh(1).await;
    let refused: Result<(), Error> = fresh
        .store
        .transaction(async |tx| {
            let few = sqlx::query("SELECT ? + ?").bind(1).execute(tx.sql::<MySql>().await?).await;
            is(&few.unwrap_err().into(), Other);
            is(&run::<MySql>(tx, "SELECT 1").await.unwrap_err(), Aborted);
            Ok(())
        })
        .await;
    is(&refused.unwrap_err(), Aborted);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn sqlite_a_value_by_a_name_that_the_driver_does_not_know_is_not_tried_again() {
    is_made_once::<Sqlite, _>(async |on: &mut Session| {
        sqlx::query("SELECT :name").bind(1).execute(on.sql::<Sqlite>().await?).await?;
        Ok(())
    })
    .await;
}
