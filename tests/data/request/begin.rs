//! The begin of a request's transaction, and its cost for requests that do not use one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use buttress::sql::sql;
use buttress::store::{Error, ErrorKind, Store, TransactionOptions};
use buttress::transaction::{RequestTransactions, RequestTx};
use http::StatusCode;
use sqlx::{Executor, Postgres, Sqlite};
use tokio::sync::Barrier;

use super::{app, app_on, insert, said, send, two_rows};
use crate::support::{Fresh, TestDatabase};

async fn a_request_without_a_statement_sends_nothing<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let silent = async || StatusCode::OK;
    let refused = async |_: RequestTx| StatusCode::UNPROCESSABLE_ENTITY;
    let asked = async |tx: RequestTx| {
        assert!(tx.in_transaction());
        StatusCode::OK
    };
    for app in [app_on(&fresh, silent), app_on(&fresh, refused), app_on(&fresh, asked)] {
        send(&app).await;
    }
    assert_eq!(fresh.store.pool_stats().acquired, 0);
}

/// Slow uploads hold no connections: five requests that wait for one another share one.
async fn a_handle_holds_no_connection_before_its_first_statement<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(1).await;
    let all_here = Arc::new(Barrier::new(5));
    let answers = (1..=5).map(|id| {
        let all_here = Arc::clone(&all_here);
        let place = async move |mut tx: RequestTx| {
            all_here.wait().await;
            insert::<DB>(&mut tx, id).await
        };
        let app = app_on(&fresh, place);
        tokio::spawn(async move { said(&send(&app).await).0 })
    });
    for answer in futures_util::future::join_all(answers).await {
        assert_eq!(answer.unwrap(), 200);
    }
    assert_eq!(fresh.rows().await, 5);
}

async fn a_nested_transaction_begins_the_one_around_it<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    for (status, rows) in [(409, 0), (201, 2)] {
        let place = async move |mut tx: RequestTx| {
            let failed = tx.transaction(async |tx| {
                insert::<DB>(tx, 7).await?;
                Err::<(), _>(Error::new(ErrorKind::Other))
            });
            assert!(failed.await.is_err());
            tx.transaction(async |tx| two_rows::<DB>(tx, status).await).await
        };
        assert_eq!(said(&send(&app_on(&fresh, place)).await).0, status);
        assert_eq!(fresh.rows().await, rows);
    }
    fresh.pool_is_clean().await;
}

/// The begin is dropped at each of its moments. The next statement is in a transaction all the same.
async fn a_begin_that_was_given_up_is_begun_again<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(1).await;
    // With a second query to PostgreSQL, which may be dropped when the transaction has begun already.
    let store = fresh.store.with_options(TransactionOptions::new().resolvable());
    for polls in 0..6 {
        for (status, rows) in [(409, 0), (201, 2)] {
            let place = async move |mut tx: RequestTx| {
                let _ = given_up(polls, tx.sql::<DB>()).await;
                two_rows::<DB>(&mut tx, status).await
            };
            fresh.is_at_rest().await;
            let app = app(RequestTransactions::new(store.clone()), place);
            assert_eq!(said(&send(&app).await), (status, ""), "after {polls} polls");
            assert_eq!(fresh.rows().await, rows, "after {polls} polls, {status}");
            fresh.run("DELETE FROM t").await;
        }
    }
    fresh.pool_is_clean().await;
}

async fn a_wait_for_a_connection_that_was_given_up_is_waited_for_again<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(1).await;
    for (status, rows) in [(409, 0), (201, 2)] {
        fresh.is_at_rest().await;
        let held = Arc::new(Mutex::new(Some(fresh.sql.pool().acquire().await.unwrap())));
        let place = async move |mut tx: RequestTx| {
            assert_eq!(given_up(1, two_rows::<DB>(&mut tx, 500)).await.map(drop), None);
            drop(held.lock().unwrap().take());
            two_rows::<DB>(&mut tx, status).await
        };
        assert_eq!(said(&send(&app_on(&fresh, place)).await), (status, ""));
        assert_eq!(fresh.rows().await, rows);
    }
    fresh.pool_is_clean().await;
}

async fn a_begin_that_was_given_up_leaves_no_transaction<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(1).await;
    for polls in 0..4 {
        for status in [409, 201] {
            let place = async move |mut tx: RequestTx| {
                let _ = given_up(polls, tx.sql::<DB>()).await;
                StatusCode::from_u16(status).unwrap()
            };
            fresh.is_at_rest().await;
            assert_eq!(said(&send(&app_on(&fresh, place)).await), (status, ""));
            fresh.pool_is_clean().await;
        }
    }
}

/// Drops the work after this many polls.
async fn given_up<T>(polls: usize, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut left) = (std::pin::pin!(work), polls);
    std::future::poll_fn(|cx| {
        if left == 0 {
            return std::task::Poll::Ready(None);
        }
        left -= 1;
        let polled = work.as_mut().poll(cx).map(Some);
        if left == 0 && polled.is_pending() { std::task::Poll::Ready(None) } else { polled }
    })
    .await
}

async fn a_store_that_cannot_be_reached_is_a_503<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(1).await;
    fresh.sql.pool().close().await;
    let place = async |mut tx: RequestTx| two_rows::<DB>(&mut tx, 201).await;
    let answer = send(&app_on(&fresh, place)).await;
    assert_eq!(said(&answer), (503, "unavailable"));
    assert_eq!(answer.headers()["retry-after"], "1");
}

/// The deadline also applies to the wait for a connection.
async fn a_busy_pool_is_waited_for_until_the_deadline<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(1).await;
    let held = fresh.sql.pool().acquire().await.unwrap();
    let place = async |mut tx: RequestTx| two_rows::<DB>(&mut tx, 201).await;
    let store = fresh.store.with_options(TransactionOptions::new().deadline(Duration::from_millis(200)));
    let app = app(RequestTransactions::new(store), place);
    assert_eq!(said(&send(&app).await), (503, "unavailable"));
    drop(held);
    assert_eq!(said(&send(&app).await), (201, ""));
}

on_every_database! {
    a_request_without_a_statement_sends_nothing;
    a_handle_holds_no_connection_before_its_first_statement;
    a_nested_transaction_begins_the_one_around_it;
    a_begin_that_was_given_up_is_begun_again;
    a_wait_for_a_connection_that_was_given_up_is_waited_for_again;
    a_begin_that_was_given_up_leaves_no_transaction;
    a_store_that_cannot_be_reached_is_a_503;
    a_busy_pool_is_waited_for_until_the_deadline;
}

#[tokio::test]
async fn the_options_of_the_store_hold() {
    let fresh = Fresh::<Postgres>::with_table(2).await;
    let reads = async |mut tx: RequestTx| {
        let conn = tx.sql::<Postgres>().await?;
        let level: String = sqlx::query_scalar("SHOW transaction_isolation").fetch_one(&mut *conn).await?;
        assert_eq!(level, "repeatable read");
        two_rows::<Postgres>(&mut tx, 201).await
    };
    let answer = send(&app(RequestTransactions::new(fresh.store.read_only()), reads)).await;
    assert_eq!((said(&answer), fresh.rows().await), ((500, "internal"), 0), "a mistake of the program");
}

/// `BEGIN IMMEDIATE` may find the database locked. The handler may try again, and is then in a transaction.
#[tokio::test]
async fn a_begin_that_failed_is_begun_again() {
    let fresh = Fresh::<Sqlite>::with_table(1).await;
    fresh.sql.pool().execute("PRAGMA busy_timeout = 0").await.unwrap();
    for (status, rows) in [(409, 0), (201, 2)] {
        let witness = fresh.witness.clone();
        let place = async move |mut tx: RequestTx| {
            let lock = witness.begin_with("BEGIN IMMEDIATE").await?;
            assert_eq!(insert::<Sqlite>(&mut tx, 9).await.unwrap_err().kind(), ErrorKind::LockTimeout);
            lock.rollback().await?;
            two_rows::<Sqlite>(&mut tx, status).await
        };
        assert_eq!(said(&send(&app_on(&fresh, place)).await), (status, ""));
        assert_eq!(fresh.rows().await, rows);
    }
    fresh.pool_is_clean().await;
}

/// Before the request's transaction has begun, a second one has nothing to wait for; inside it, a second one fails at
/// once.
#[tokio::test]
async fn a_file_with_one_writer_does_not_wait_for_itself() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::connect(&format!("sqlite:{}", dir.path().join("t.db").display())).await.unwrap();
    sql(Sqlite::TABLE).execute(&mut store.session()).await.unwrap();
    let inner = store.clone();
    let place = async move |mut tx: RequestTx| {
        let second = async || inner.transaction(async |tx| insert::<Sqlite>(tx, 3).await).await;
        second().await?;
        two_rows::<Sqlite>(&mut tx, 201).await?;
        drop(tx);
        assert_eq!(second().await.unwrap_err().kind(), ErrorKind::WouldDeadlock);
        Ok::<_, Error>(StatusCode::CREATED)
    };
    assert_eq!(said(&send(&app(RequestTransactions::new(store.clone()), place)).await), (201, ""));

    let inner = store.clone();
    let inside_out = async move |mut tx: RequestTx| {
        let first = inner.transaction_once(async |_| {
            let own = insert::<Sqlite>(&mut tx, 4).await;
            assert_eq!(own.unwrap_err().kind(), ErrorKind::WouldDeadlock);
            Ok::<_, Error>(())
        });
        first.await
    };
    assert_eq!(said(&send(&app(RequestTransactions::new(store.clone()), inside_out)).await), (200, ""));
    let count = sql("SELECT count(*) FROM t").fetch_one(&mut store.session()).await.unwrap();
    assert_eq!(count.get::<i64>(0).unwrap(), 3);
}
