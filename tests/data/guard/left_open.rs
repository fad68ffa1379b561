//! Connections of a pool that was taken over, which somebody else left inside a transaction.

use buttress::store::Error;
use sqlx::Executor;

use crate::support::statements::insert;
use crate::support::{Fresh, TestDatabase};

/// A pool of one connection, which is inside a transaction.
async fn left_open<DB: TestDatabase>(by: &'static str) -> Fresh<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    (&mut *fresh.sql.pool().acquire().await.unwrap()).execute(sqlx::raw_sql(by)).await.unwrap();
    fresh
}

/// Writes go into no transaction that is never committed, and no transaction of another program's part is committed.
async fn are_not_written_into<DB: TestDatabase>()
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    for by in ["BEGIN", "BEGIN; INSERT INTO t VALUES (7, 0)"] {
        let fresh = left_open::<DB>(by).await;
        let kept = async |id| fresh.number(&format!("SELECT count(*) FROM t WHERE id = {id}")).await;
        let mut session = fresh.store.session();
        insert::<DB>(&mut session, 1).await.unwrap();
        assert_eq!(kept(1).await, 1, "{by}: a session");
        drop(session);
        // MySQL is told to commit it: it may be its way of not having begun one.
        assert!(DB::NAME == "MySQL" || kept(7).await == 0, "{by}: the other one was committed");

        let fresh = left_open::<DB>(by).await;
        let kept = async |id| fresh.number(&format!("SELECT count(*) FROM t WHERE id = {id}")).await;
        for id in [2, 3] {
            let written: Result<(), Error> = fresh.store.transaction(async |tx| insert::<DB>(tx, id).await).await;
            // SQLite refuses to begin one transaction inside another, and the connection is rolled back.
            assert!(written.is_ok() || DB::NAME == "SQLite" && id == 2, "{by}: {written:?}");
            assert_eq!(kept(id).await, i64::from(written.is_ok()), "{by}: a transaction");
        }
        assert!(DB::NAME == "MySQL" || kept(7).await == 0, "{by}: the other one was committed");
    }
}

on_every_database! {
    are_not_written_into;
}
