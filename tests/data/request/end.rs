//! The work of a request that is kept, and the response to the client.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use buttress::Problem;
use buttress::handler::{IntoResponse, Response};
use buttress::store::{Constraint, Constraints, Error, ErrorKind, Isolation, TransactionOptions};
use buttress::transaction::{RequestTransactions, RequestTx};
use http::response::Parts;
use http::{Method, Request, StatusCode};
use sqlx::{Executor, MySql, Postgres, Sqlite};
use tower::ServiceExt;

use super::{Gate, app, app_on, insert, said, send, two_rows};
use crate::support::{Fresh, TestDatabase, eventually};

async fn a_success_is_committed_before_it_is_answered<DB: TestDatabase>() {
    for status in [200, 201, 204, 302] {
        let fresh = Fresh::<DB>::with_table(2).await;
        let place = async move |mut tx: RequestTx| two_rows::<DB>(&mut tx, status).await;
        let answer = send(&app_on(&fresh, place)).await;
        assert_eq!((said(&answer), fresh.rows().await), ((status, ""), 2));
        fresh.pool_is_clean().await;
    }
}

async fn a_refusal_is_rolled_back<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    for status in [400, 404, 409, 422, 499, 500, 503, 599] {
        let place = async move |mut tx: RequestTx| two_rows::<DB>(&mut tx, status).await;
        let answer = send(&app_on(&fresh, place)).await;
        assert_eq!((said(&answer), fresh.rows().await), ((status, ""), 0));
    }
    fresh.pool_is_clean().await;
}

async fn an_error_with_a_question_mark_is_rolled_back<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let place = async |mut tx: RequestTx| {
        two_rows::<DB>(&mut tx, 201).await?;
        insert::<DB>(&mut tx, 2).await?;
        Ok::<_, Error>(StatusCode::CREATED)
    };
    let answer = send(&app_on(&fresh, place)).await;
    assert_eq!((said(&answer), fresh.rows().await), ((500, "internal"), 0));
    fresh.pool_is_clean().await;
}

/// A refusal means that nothing was kept.
#[tokio::test]
async fn mariadb_a_refusal_after_an_implicit_commit_is_answered_as_an_error() {
    let fresh = Fresh::<MySql>::with_table(1).await;
    let place = async |mut tx: RequestTx| {
        insert::<MySql>(&mut tx, 1).await?;
        tx.sql::<MySql>().await?.execute("CREATE TABLE other (id INT)").await?;
        Ok::<_, Error>(StatusCode::CONFLICT)
    };
    let answer = send(&app_on(&fresh, place)).await;
    assert_eq!((said(&answer), fresh.rows().await), ((500, "internal"), 1));
    fresh.pool_is_clean().await;
}

/// Whatever status a layer puts over it, the client gets the problem.
async fn a_problem_is_no_success_under_any_status<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let place = async |mut tx: RequestTx| {
        two_rows::<DB>(&mut tx, 201).await?;
        let mut response = Problem::not_found().into_response();
        *response.status_mut() = StatusCode::CREATED;
        Ok::<Response, Error>(response)
    };
    let answer = send(&app_on(&fresh, place)).await;
    assert_eq!((said(&answer), fresh.rows().await), ((201, "not-found"), 0));
}

async fn a_panic_is_rolled_back<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let place = async |mut tx: RequestTx| -> StatusCode {
        two_rows::<DB>(&mut tx, 201).await.unwrap();
        panic!("at the worst moment");
    };
    let app = app_on(&fresh, place);
    let died = tokio::spawn(async move { send(&app).await }).await;
    assert!(died.unwrap_err().is_panic());
    fresh.pool_is_clean().await;
    assert_eq!(fresh.rows().await, 0);
}

/// The handler itself answers in place of the panic, and the policy would keep everything.
async fn a_panic_is_rolled_back_whoever_answers_for_it<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let place = async |mut tx: RequestTx| {
        let work = tokio::spawn(async move {
            two_rows::<DB>(&mut tx, 201).await.unwrap();
            panic!("at the worst moment");
        });
        assert!(work.await.is_err());
        StatusCode::CREATED
    };
    let all = RequestTransactions::new(fresh.store.clone()).policy(|_: &Parts| true);
    let answer = send(&app(all, place)).await;
    assert_eq!((said(&answer), fresh.rows().await), ((500, "internal"), 0));
    fresh.pool_is_clean().await;
}

async fn the_policy_is_the_services<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let policy = |response: &Parts| response.headers.contains_key("x-keep");
    let layer = || RequestTransactions::new(fresh.store.clone()).policy(policy);

    let refused = async |mut tx: RequestTx| two_rows::<DB>(&mut tx, 201).await;
    assert_eq!(said(&send(&app(layer(), refused)).await), (201, ""));
    assert_eq!(fresh.rows().await, 0);

    let kept = async |mut tx: RequestTx| {
        let mut response = two_rows::<DB>(&mut tx, 409).await?.into_response();
        response.headers_mut().insert("x-keep", "yes".parse().unwrap());
        Ok::<Response, Error>(response)
    };
    assert_eq!(said(&send(&app(layer(), kept)).await), (409, ""));
    assert_eq!(fresh.rows().await, 2);
}

/// Registers a hook that counts its runs.
fn count(runs: &AtomicI64) -> Result<(), Error> {
    runs.fetch_add(1, Ordering::SeqCst);
    Ok(())
}

async fn hooks_run_once_it_is_committed<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let seen = Arc::new(AtomicI64::new(-1));
    for (status, rows) in [(409, -1), (201, 2)] {
        let (witness, told) = (fresh.witness.clone(), Arc::clone(&seen));
        let place = async move |mut tx: RequestTx| {
            tx.after_commit(async move || {
                told.store(DB::number(&witness, "SELECT count(*) FROM t").await, Ordering::SeqCst);
                Ok::<_, Error>(())
            })?;
            two_rows::<DB>(&mut tx, status).await
        };
        assert_eq!(said(&send(&app_on(&fresh, place)).await).0, status);
        assert_eq!(seen.load(Ordering::SeqCst), rows);
    }
}

/// The transaction has nothing to commit; hooks still run, and after a refusal they do not.
async fn hooks_run_without_a_statement<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let runs = Arc::new(AtomicI64::new(0));
    for (status, expected) in [(409, 0), (201, 1)] {
        let told = Arc::clone(&runs);
        let place = async move |mut tx: RequestTx| {
            tx.after_commit(async move || count(&told))?;
            Ok::<_, Error>(StatusCode::from_u16(status).unwrap())
        };
        send(&app_on(&fresh, place)).await;
        assert_eq!(runs.load(Ordering::SeqCst), expected);
    }
}

async fn the_deadline_ends_the_handler<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let stuck = async |mut tx: RequestTx| {
        two_rows::<DB>(&mut tx, 201).await?;
        pending::<()>().await;
        Ok::<_, Error>(StatusCode::CREATED)
    };
    let options = TransactionOptions::new().deadline(Duration::from_millis(300));
    let answer = send(&app(RequestTransactions::new(fresh.store.clone()).options(options), stuck)).await;
    assert_eq!(said(&answer), (503, "unavailable"));
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(fresh.rows().await, 0);
    fresh.pool_is_clean().await;
}

/// Until the transaction runs, only the database's own time counts.
async fn the_deadline_counts_from_the_first_statement<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let slow_upload = async |mut tx: RequestTx| {
        tokio::time::sleep(Duration::from_millis(600)).await;
        two_rows::<DB>(&mut tx, 201).await
    };
    let options = TransactionOptions::new().deadline(Duration::from_millis(500));
    let answer = send(&app(RequestTransactions::new(fresh.store.with_options(options)), slow_upload)).await;
    assert_eq!((said(&answer), fresh.rows().await), ((201, ""), 2));
}

on_every_database! {
    a_success_is_committed_before_it_is_answered;
    a_refusal_is_rolled_back;
    an_error_with_a_question_mark_is_rolled_back;
    a_problem_is_no_success_under_any_status;
    a_panic_is_rolled_back;
    a_panic_is_rolled_back_whoever_answers_for_it;
    the_policy_is_the_services;
    hooks_run_once_it_is_committed;
    hooks_run_without_a_statement;
    the_deadline_ends_the_handler;
    the_deadline_counts_from_the_first_statement;
}

/// A reference that only the commit checks.
const DEFERRED: &str = "CREATE TABLE parents (id BIGINT PRIMARY KEY);
    CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT,
        CONSTRAINT t_parent FOREIGN KEY (n) REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);";

async fn a_commit_that_fails_is_the_answer<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    fresh.run(DEFERRED).await;
    let runs = Arc::new(AtomicI64::new(0));
    let told = Arc::clone(&runs);
    let place = async move |mut tx: RequestTx| {
        insert::<DB>(&mut tx, 1).await?;
        tx.after_commit(async move || count(&told))?;
        let mut response = StatusCode::CREATED.into_response();
        response.headers_mut().insert("location", "/orders/1".parse().unwrap());
        Ok::<Response, Error>(response)
    };
    let answer = send(&app_on(&fresh, place)).await;
    assert_eq!(said(&answer), (500, "internal"), "nobody declared the constraint");
    assert!(!answer.headers().contains_key("location"), "nothing of the success is left");
    let error = answer.extensions().get::<Problem>().unwrap().error::<Error>().unwrap();
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!((fresh.rows().await, runs.load(Ordering::SeqCst)), (0, 0));
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn a_commit_that_fails_is_the_answer_on_postgres() {
    a_commit_that_fails_is_the_answer::<Postgres>().await;
}

#[tokio::test]
async fn a_commit_that_fails_is_the_answer_on_sqlite() {
    a_commit_that_fails_is_the_answer::<Sqlite>().await;
}

#[tokio::test]
async fn a_constraint_that_the_commit_checks_is_told_of_as_declared() {
    let fresh = Postgres::fresh(2).await;
    fresh.run(DEFERRED).await;
    const DECLARED: &[Constraint] = &[Constraint::new(&["t_parent"], "/parent", "unknown", "is not known")];
    let declared = Constraints::new(DECLARED);
    let layer = RequestTransactions::new(fresh.store.clone()).constraints(declared);
    let place = async |mut tx: RequestTx| insert::<Postgres>(&mut tx, 1).await;
    let answer = send(&app(layer, place)).await;
    assert_eq!(said(&answer), (422, "invalid-input"));
    let problem = answer.extensions().get::<Problem>().unwrap();
    assert_eq!(problem.violations().iter().next().unwrap().location().to_string(), "#/parent");
}

/// `PostgreSQL` would answer the commit with a rollback, which sqlx takes for a success.
#[tokio::test]
async fn an_error_that_the_handler_swallows_is_no_success() {
    let fresh = Fresh::<Postgres>::with_table(2).await;
    let careless = async |mut tx: RequestTx| {
        two_rows::<Postgres>(&mut tx, 201).await?;
        let _ = insert::<Postgres>(&mut tx, 2).await;
        Ok::<_, Error>(StatusCode::CREATED)
    };
    let answer = send(&app_on(&fresh, careless)).await;
    assert_eq!((said(&answer), fresh.rows().await), ((500, "internal"), 0));
    fresh.pool_is_clean().await;
}

/// No new connection is needed because a request was refused, or because a client left while no statement was in
/// progress.
#[tokio::test]
async fn the_connection_of_a_request_that_ends_badly_is_used_again() {
    let fresh = Fresh::<Postgres>::with_table(1).await;
    let (tells, mut told) = tokio::sync::mpsc::unbounded_channel();
    let place = async move |mut tx: RequestTx, method: Method| {
        let conn = tx.sql::<Postgres>().await?;
        let process: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *conn).await?;
        tells.send(process).unwrap();
        if method == Method::GET { Ok::<_, Error>(StatusCode::CONFLICT) } else { pending().await }
    };
    let app = app_on(&fresh, place);
    let mut processes = Vec::new();
    for _ in 0..3 {
        assert_eq!(said(&send(&app).await), (409, ""));
        processes.push(told.recv().await.unwrap());
        let stays = Request::post("/").body(String::new()).unwrap();
        let left = tokio::spawn(app.clone().oneshot(stays));
        processes.push(told.recv().await.unwrap());
        left.abort();
        assert!(left.await.unwrap_err().is_cancelled());
    }
    processes.dedup();
    assert_eq!(processes.len(), 1, "{processes:?}");
}

/// Nothing is tried again: the client has to handle the conflict of the commit.
#[tokio::test]
async fn a_serialization_failure_of_the_commit_is_a_503() {
    let fresh = Fresh::<Postgres>::with_table(4).await;
    fresh.run("INSERT INTO t VALUES (1, 0), (2, 0)").await;
    let other = fresh.store.with_options(TransactionOptions::new().isolation(Isolation::Serializable));
    let skew = async move |mut tx: RequestTx| {
        let sum = "SELECT sum(n)::bigint FROM t";
        tx.sql::<Postgres>().await?.fetch_one(sum).await?;
        tx.sql::<Postgres>().await?.execute("UPDATE t SET n = n + 1 WHERE id = 1").await?;
        other
            .transaction(async |tx| {
                tx.sql::<Postgres>().await?.fetch_one(sum).await?;
                tx.sql::<Postgres>().await?.execute("UPDATE t SET n = n + 1 WHERE id = 2").await?;
                Ok::<_, Error>(())
            })
            .await?;
        Ok::<_, Error>(StatusCode::CREATED)
    };
    let options = TransactionOptions::new().isolation(Isolation::Serializable);
    let answer = send(&app(RequestTransactions::new(fresh.store.clone()).options(options), skew)).await;
    assert_eq!((said(&answer), fresh.number("SELECT sum(n) FROM t").await), ((503, "overloaded"), 1));
}

/// The server's process ends while it commits: the outcome is unknown, and the client is not told that it may try
/// again.
#[tokio::test]
async fn a_commit_that_is_cut_is_a_masked_500() {
    let fresh = Fresh::<Postgres>::with_table(2).await;
    Gate::make(&fresh).await;
    let _gate = Gate::shut(&fresh).await;
    let place = async |mut tx: RequestTx| two_rows::<Postgres>(&mut tx, 201).await;
    let app = app_on(&fresh, place);
    let answer = tokio::spawn(async move { send(&app).await });
    eventually("the commit is on its way", async || Gate::waiting(&fresh).await == 1).await;
    Gate::cut(&fresh).await;
    let answer = answer.await.unwrap();
    assert_eq!(said(&answer), (500, "internal"));
    assert!(!answer.headers().contains_key("retry-after"));
    let error = answer.extensions().get::<Problem>().unwrap().error::<Error>().unwrap();
    assert!(error.is_unknown_commit());
}
