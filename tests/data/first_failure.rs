//! Once something has failed in a transaction, whatever fails because of that says what it was.

use std::error::Error as _;

use buttress::handler::service;
use buttress::problem::IntoProblem;
use buttress::sql::sql;
use buttress::store::{Error, ErrorKind, Retry, Session, TransactionOptions};
use buttress::transaction::{RequestTransactions, RequestTx};
use http::Request;
use sqlx::{Executor, MySql, Postgres};
use tower::{Layer, ServiceExt};
use tracing::Level;

use crate::capture::Capture;
use crate::support::statements::script;
use crate::support::{Fresh, TestDatabase, chain};

const TABLE: &str = "CREATE TABLE accounts (id BIGINT PRIMARY KEY, balance BIGINT NOT NULL,
    CONSTRAINT accounts_balance_check CHECK (balance >= 0)); INSERT INTO accounts VALUES (1, 5)";

/// The words of the first failure that every error after it shows.
const FIRST: [&str; 4] = ["a check does not hold", "accounts_balance_check", "23514: new row", "in UPDATE accounts"];

async fn bank() -> Fresh<Postgres> {
    let fresh = Postgres::fresh(1).await;
    fresh.run(TABLE).await;
    fresh
}

async fn overdraw(on: &mut Session) -> Result<(), Error> {
    sql("UPDATE accounts SET balance = balance - ? WHERE id = 1").bind(77_123).execute(on).await.map(drop)
}

/// The error with its sources, and the one event of its problem; fails unless both say what failed first.
fn tells(error: Error, capture: &Capture) {
    assert_eq!((error.kind(), error.constraint()), (ErrorKind::Aborted, None), "{error:?}");
    let chain = chain(&error);
    error.into_problem().report(None);
    let event = capture.seen().events.last().unwrap().clone();
    assert_eq!(event.level, Level::ERROR);
    for word in FIRST {
        assert!(chain.contains(word) && event.fields["error"].contains(word), "{word}: {chain}\n{event:?}");
    }
    assert_eq!(event.fields["constraint"], "\"accounts_balance_check\"", "{event:?}");
    assert_eq!(event.fields["db.query.summary"], "\"UPDATE accounts\"", "{event:?}");
    assert!(!format!("{event:?}{chain}").contains("77123"), "{chain}");
}

#[tokio::test]
async fn a_commit_that_is_refused_says_what_failed_first() {
    let (fresh, capture) = (bank().await, Capture::inside());
    let refused = fresh.store.transaction(async |tx| {
        let _ = overdraw(tx).await;
        Ok::<_, Error>(())
    });
    tells(refused.await.unwrap_err(), &capture);
}

#[tokio::test]
async fn a_later_statement_says_what_failed_first() {
    let (fresh, capture) = (bank().await, Capture::inside());
    let later = fresh.store.transaction(async |tx| {
        let _ = overdraw(tx).await;
        sql("SELECT id FROM accounts").fetch_all(tx).await
    });
    tells(later.await.map(drop).unwrap_err(), &capture);
    let by_sqlx = fresh.store.transaction(async |tx| {
        let _ = overdraw(tx).await;
        tx.sql::<Postgres>().await?.execute("SELECT id FROM accounts").await?;
        Ok::<_, Error>(())
    });
    tells(by_sqlx.await.unwrap_err(), &capture);
}

#[tokio::test]
async fn a_nested_transaction_says_what_failed_first() {
    let (fresh, capture) = (bank().await, Capture::inside());
    let nested = fresh.store.transaction(async |tx| {
        let _ = overdraw(tx).await;
        tx.transaction(async |_| Ok::<_, Error>(())).await
    });
    tells(nested.await.unwrap_err(), &capture);
}

/// A failure that a nested transaction has undone is not mentioned any more.
#[tokio::test]
async fn a_failure_that_was_undone_is_not_the_first() {
    let (fresh, capture) = (bank().await, Capture::inside());
    let refused = fresh.store.transaction(async |tx| {
        let undone = tx.transaction(async |tx| sql("SELECT nothing FROM accounts").fetch_all(tx).await);
        undone.await.unwrap_err();
        let _ = overdraw(tx).await;
        Ok::<_, Error>(())
    });
    tells(refused.await.unwrap_err(), &capture);
    // Nor of one in a transaction before, on the same connection.
    let other = fresh.store.transaction(async |tx| {
        let _ = sql("SELECT nothing FROM accounts").fetch_all(tx).await;
        Ok::<_, Error>(())
    });
    let error = other.await.unwrap_err().source().map(ToString::to_string).unwrap();
    assert!(error.contains("42703") && !error.contains("check"), "{error}");
}

#[tokio::test]
async fn the_transaction_of_a_request_says_what_failed_first() {
    let (fresh, capture) = (bank().await, Capture::inside());
    async fn handler(mut tx: RequestTx) -> Result<(), Error> {
        let _ = overdraw(&mut tx).await;
        Ok(())
    }
    let app = RequestTransactions::new(fresh.store.clone()).layer(service(handler, ()));
    let answer = app.oneshot(Request::new(String::new())).await.unwrap();
    assert_eq!(answer.status(), 500);
    drop(answer);
    let event = capture.seen().events.clone().into_iter().rfind(|event| event.level == Level::ERROR).unwrap();
    assert!(FIRST.iter().all(|word| event.fields["error"].contains(word)), "{event:?}");
}

/// Where most errors end nothing, one that does is told, and not one that was ignored before it.
#[tokio::test]
async fn on_mariadb_the_error_that_ended_the_transaction_is_told() {
    let fresh = MySql::fresh(1).await;
    fresh.run(TABLE).await;
    let store = fresh.store.with_options(TransactionOptions::new().retry(Retry::never()));
    let ended = store.transaction(async |tx| {
        let _ = overdraw(tx).await;
        let _ = script::<MySql>(tx, "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213").await;
        sql("SELECT id FROM accounts").fetch_all(tx).await
    });
    let error = ended.await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Aborted);
    let first = error.source().unwrap().to_string();
    assert!(first.contains("deadlock") && first.contains("1213"), "{first}");
}
