//! A future that is dropped in the middle of a query: the server continues, and the driver's connection waits for it.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use buttress::store::{Error, ErrorKind, Session};
use futures_util::TryStreamExt;
use sqlx::{Executor, MySql, Pool, Postgres};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::{ROADS, slow, works};
use crate::support::cut::{Moment, cut};
use crate::support::statements::{insert, run};
use crate::support::{Fresh, TestDatabase, eventually};

/// Longer than anything here takes except a slow query.
const SOON: Duration = Duration::from_secs(4);

/// Begins a query and drops it.
async fn give_up<DB: TestDatabase>(on: &mut Session) {
    let given_up = cut(run::<DB>(on, slow::<DB>()), 1, Moment::Waiting).await;
    assert!(given_up.is_none(), "the query is under way");
}

/// Drops a query while the server works on it.
async fn give_up_at_work<DB: TestDatabase, R: Debug>(fresh: &Fresh<DB>, query: impl Future<Output = R>) {
    tokio::select! {
        biased;
        done = query => panic!("the query takes longer: {done:?}"),
        () = eventually("the server works on it", async || works::<DB>(fresh).await) => {}
    }
}

async fn plain_sqlx_keeps_the_connection_until_the_query_ends<DB: TestDatabase>()
where
    for<'p> &'p Pool<DB>: Executor<'p, Database = DB>,
{
    let fresh = DB::fresh(1).await;
    let pool = fresh.sql.pool();
    give_up_at_work(&fresh, async { pool.execute(sqlx::raw_sql(slow::<DB>())).await.map(drop) }).await;
    assert!(
        timeout(Duration::from_secs(1), pool.acquire()).await.is_err(),
        "the only connection waits for the end of the query"
    );
}

async fn the_place_in_the_pool_comes_back_soon<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let mut session = fresh.store.session();
    give_up::<DB>(&mut session).await;
    drop(session);
    timeout(SOON, insert::<DB>(&mut fresh.store.session(), 1)).await.expect("in time").unwrap();
    for (id, road) in (2..).zip(ROADS) {
        let going = Notify::new();
        let work = road.run(&fresh, async |tx: &mut Session| {
            insert::<DB>(tx, 10 * id).await?;
            going.notify_one();
            run::<DB>(tx, slow::<DB>()).await
        });
        tokio::select! {
            biased;
            done = work => panic!("the query takes longer: {done:?}"),
            () = going.notified() => {}
        }
        timeout(SOON, insert::<DB>(&mut fresh.store.session(), id)).await.expect("in time").unwrap();
    }
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 1 + 2 + 3, "what was dropped is undone");
    fresh.pool_is_clean().await;
}

/// Parameters are described in packets of their own, which the driver leaves unread.
#[tokio::test]
async fn plain_sqlx_on_mysql_takes_the_answer_of_one_statement_for_that_of_another() {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    // Usually it is cut while it is being prepared; a server may also be faster than the test.
    for id in 1..1_000 {
        let mut connection = fresh.sql.pool().acquire().await.unwrap();
        connection.close_on_drop();
        let given_up = sqlx::query("INSERT INTO t VALUES (?, 0)").bind(id).execute(&mut *connection);
        if cut(given_up, 1, Moment::Waiting).await.is_none() {
            let next = timeout(SOON, sqlx::query_scalar::<_, i64>("SELECT 42").fetch_one(&mut *connection)).await;
            if !matches!(next, Ok(Ok(42))) {
                return;
            }
        }
    }
    panic!("sqlx has mended it");
}

async fn nothing_more_is_done_in_a_transaction<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for road in ROADS {
        let refused = road.run(&fresh, async |tx: &mut Session| {
            insert::<DB>(tx, 1).await?;
            give_up::<DB>(tx).await;
            let next = insert::<DB>(tx, 2).await;
            assert_eq!(next.unwrap_err().kind(), ErrorKind::Aborted, "nobody knows what the statement did");
            Ok(())
        });
        assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::Aborted);
        let at_once = road.run(&fresh, async |tx: &mut Session| {
            insert::<DB>(tx, 1).await?;
            give_up::<DB>(tx).await;
            Ok(())
        });
        assert_eq!(at_once.await.unwrap_err().kind(), ErrorKind::Aborted);
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    fresh.pool_is_clean().await;
}

async fn a_statement_given_up_in_a_nested_transaction_is_not_undone_alone<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for road in ROADS {
        let refused = road.run(&fresh, async |tx: &mut Session| {
            insert::<DB>(tx, 1).await?;
            let nested = tx.transaction(async |tx| {
                give_up::<DB>(tx).await;
                Err::<(), _>(Error::corrupt("a row"))
            });
            assert!(nested.await.is_err());
            insert::<DB>(tx, 2).await
        });
        assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::Aborted);
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    fresh.pool_is_clean().await;
}

async fn a_session_goes_on_with_another_connection<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let mut session = fresh.store.session();
    give_up::<DB>(&mut session).await;
    timeout(SOON, insert::<DB>(&mut session, 1)).await.expect("in time").unwrap();
    give_up::<DB>(&mut session).await;
    let kept = session.transaction(async |tx| insert::<DB>(tx, 2).await);
    timeout(SOON, kept).await.expect("in time").unwrap();

    let connection = session.sql::<DB>().await.unwrap();
    let given_up = connection.fetch_many(sqlx::raw_sql(slow::<DB>())).try_for_each(async |_| Ok(()));
    assert!(cut(given_up, 1, Moment::Waiting).await.is_none(), "the query is under way");
    let next = connection.execute(sqlx::raw_sql("INSERT INTO t VALUES (3, 0)"));
    timeout(SOON, next).await.expect("in time").unwrap();

    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 3);
    drop(session);
    fresh.pool_is_clean().await;
}

async fn rows_that_are_left_unread_do_no_harm<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    fresh
        .run(&format!("INSERT INTO t VALUES {}", (1..=500).map(|n| format!("({n}, 0)")).collect::<Vec<_>>().join(",")))
        .await;
    for (id, road) in (1_000..).zip(ROADS) {
        let kept = road.run(&fresh, async move |tx: &mut Session| {
            let connection = tx.sql::<DB>().await?;
            let mut rows = connection.fetch(sqlx::query::<DB>("SELECT id FROM t"));
            assert!(rows.try_next().await?.is_some());
            drop(rows);
            insert::<DB>(tx, id).await
        });
        kept.await.unwrap();
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 502);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn plain_sqlx_on_postgres_keeps_the_connection() {
    plain_sqlx_keeps_the_connection_until_the_query_ends::<Postgres>().await;
}

#[tokio::test]
async fn plain_sqlx_on_mariadb_keeps_the_connection() {
    plain_sqlx_keeps_the_connection_until_the_query_ends::<MySql>().await;
}

on_every_database! {
    the_place_in_the_pool_comes_back_soon;
    nothing_more_is_done_in_a_transaction;
    a_statement_given_up_in_a_nested_transaction_is_not_undone_alone;
    a_session_goes_on_with_another_connection;
    rows_that_are_left_unread_do_no_harm;
}
