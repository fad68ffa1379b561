//! The databases' errors, as kinds: each row of the table is provoked on a real database.
//!
//! The rows that one statement provokes are in a list per database; the rows that take two sessions, a stopped server
//! or a broken file are tests of their own. The codes that no test provokes are listed at the end of each file, with
//! the reason.

mod blame;
mod constraints;
mod disclosure;
mod mariadb;
mod mistakes;
mod pool;
mod postgres;
mod servers;
mod shown;
mod sqlite;

use std::error::Error as _;
use std::time::Duration;

use buttress::problem::IntoProblem;
use buttress::sql::DriverError;
use buttress::store::{Error, ErrorKind, Outcome, Retry, Session, TransactionOptions};
use sqlx::AssertSqlSafe;
use sqlx::mysql::MySqlDatabaseError;

use crate::support::{Fresh, TestDatabase};

/// The meaning of each kind for a program (may the transaction be run again?) and for a client (the status, and whether
/// there is a `Retry-After`). A constraint that is not declared is the service's own mistake.
const MEANINGS: [(ErrorKind, bool, u16, bool); 22] = [
    (ErrorKind::UniqueViolation, false, 500, false),
    (ErrorKind::ForeignKeyViolation, false, 500, false),
    (ErrorKind::ExclusionViolation, false, 500, false),
    (ErrorKind::CheckViolation, false, 500, false),
    (ErrorKind::NotNullViolation, false, 500, false),
    (ErrorKind::InvalidValue, false, 422, false),
    (ErrorKind::Serialization, true, 503, true),
    (ErrorKind::Deadlock, true, 503, true),
    (ErrorKind::LockTimeout, true, 503, true),
    (ErrorKind::StatementTimeout, false, 503, true),
    (ErrorKind::TransactionTimeout, false, 503, true),
    (ErrorKind::Aborted, false, 500, false),
    (ErrorKind::TransactionLost, false, 500, false),
    (ErrorKind::ReadOnly, false, 503, true),
    (ErrorKind::ConnectionLost, true, 503, true),
    (ErrorKind::TooManyConnections, false, 503, true),
    (ErrorKind::OutOfResources, false, 503, true),
    (ErrorKind::PoolExhausted, false, 503, true),
    (ErrorKind::PoolClosed, false, 503, true),
    (ErrorKind::UnknownCommit, false, 500, false),
    (ErrorKind::Configuration, false, 500, false),
    (ErrorKind::Other, false, 500, false),
];

/// A value that must not appear anywhere. The statements of the lists use it for every text.
const SECRET: &str = "hushhush";

/// A statement and the database's error for it.
struct Row {
    sql: &'static str,
    /// The SQLSTATE, number or extended result code that the database returns.
    code: &'static str,
    kind: ErrorKind,
    constraint: Option<&'static str>,
}

const fn row(code: &'static str, kind: ErrorKind, sql: &'static str) -> Row {
    Row { sql, code, kind, constraint: None }
}

const fn named(code: &'static str, kind: ErrorKind, constraint: &'static str, sql: &'static str) -> Row {
    Row { sql, code, kind, constraint: Some(constraint) }
}

/// Never tries again: the provoked error itself is checked.
const ONCE: TransactionOptions = TransactionOptions::new().retry(Retry::never());

/// Runs a statement through the crate, as a repository would.
async fn run<DB: TestDatabase>(on: &mut Session, sql: &str) -> Result<(), Error> {
    sqlx::Executor::execute(on.sql::<DB>().await?, sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    Ok(())
}

/// Waits until the database, queried without the crate, returns this number.
async fn until<DB: TestDatabase>(fresh: &Fresh<DB>, sql: &str, number: i64) {
    for _ in 0..1_000 {
        if fresh.number(sql).await == number {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not {number} after ten seconds: {sql}");
}

/// The database's own code.
fn code(error: &Error) -> Option<String> {
    let driver = error.source()?.downcast_ref::<DriverError>()?.driver();
    let database = driver.as_database_error()?;
    match database.try_downcast_ref::<MySqlDatabaseError>() {
        Some(error) => Some(error.number().to_string()),
        None => database.code().map(Into::into),
    }
}

/// Asserts that the error is of this kind, with everything that follows from it.
#[track_caller]
fn is(error: &Error, kind: ErrorKind) {
    let text = text(error);
    assert_eq!(error.kind(), kind, "{text}");
    let (_, retryable, status, retry_after) =
        MEANINGS.into_iter().find(|(meant, ..)| *meant == kind).expect("the kind has a meaning");
    assert_eq!(error.is_retryable(), retryable, "{text}");
    assert!(!text.contains(SECRET), "{text}");
    // A problem consumes the error, so another error of the same kind is used.
    let problem = Error::new(kind).into_problem();
    assert_eq!(problem.status(), status, "{text}");
    assert_eq!(problem.headers().get("retry-after").map(|value| value == "1"), retry_after.then_some(true), "{text}");
}

/// Asserts that the database returned this code, and that it is of this kind.
#[track_caller]
fn answers(error: &Error, expected: &str, kind: ErrorKind) {
    assert_eq!(code(error).as_deref(), Some(expected), "{}", text(error));
    is(error, kind);
}

/// Everything that an error shows: the text, the chain, and `Debug`.
fn text(error: &Error) -> String {
    let mut all = format!("{error:?}\n{error}");
    let mut source = error.source();
    while let Some(cause) = source {
        all.push_str(&format!("\n{cause}\n{cause:?}"));
        source = cause.source();
    }
    all
}

/// Runs each statement of a list by itself, in a transaction, and in a nested one; each must fail as the list says.
///
/// Whatever a failed statement does to the transaction around it, the outcome must be true for the rows that were
/// written before and after it: `kept` is whether the database keeps the transaction after the errors of this list.
async fn provoke<DB: TestDatabase>(fresh: &Fresh<DB>, rows: &[Row], kept: bool) {
    fresh.run("CREATE TABLE marks (n BIGINT NOT NULL)").await;
    let mut wrong = Vec::new();
    for row in rows {
        let error = run::<DB>(&mut fresh.store.session(), row.sql).await.expect_err(row.sql);
        if (code(&error).as_deref(), error.kind(), error.constraint()) != (Some(row.code), row.kind, row.constraint) {
            wrong.push(format!("{}\n{}", row.sql, text(&error)));
        }
    }
    assert!(wrong.is_empty(), "not as the list says:\n{}", wrong.join("\n\n"));
    for row in rows {
        is(&run::<DB>(&mut fresh.store.session(), row.sql).await.expect_err(row.sql), row.kind);
        assert_eq!(in_a_transaction(fresh, row).await, kept, "{}", row.sql);
        in_a_nested_transaction(fresh, row).await;
    }
    fresh.pool_is_clean().await;
}

/// Whether the transaction around the failure, which is not passed on, was committed.
async fn in_a_transaction<DB: TestDatabase>(fresh: &Fresh<DB>, row: &Row) -> bool {
    fresh.run("DELETE FROM marks").await;
    let outcome = fresh
        .store
        .with_options(ONCE)
        .try_transaction(async |tx| {
            run::<DB>(tx, "INSERT INTO marks VALUES (1)").await?;
            answers(&run::<DB>(tx, row.sql).await.expect_err(row.sql), row.code, row.kind);
            Ok::<_, Error>(run::<DB>(tx, "INSERT INTO marks VALUES (2)").await.is_ok())
        })
        .await;
    let marks = fresh.number("SELECT count(*) FROM marks").await;
    match outcome {
        Outcome::Committed(second) => assert_eq!(marks, 1 + i64::from(second), "{}", row.sql),
        Outcome::RolledBack(_) => assert_eq!(marks, 0, "{}", row.sql),
        Outcome::Unknown(error) => panic!("{}: {}", row.sql, text(&error)),
    }
    marks > 0
}

async fn in_a_nested_transaction<DB: TestDatabase>(fresh: &Fresh<DB>, row: &Row) {
    fresh.run("DELETE FROM marks").await;
    let kept: Result<(), Error> = fresh
        .store
        .with_options(ONCE)
        .transaction(async |tx| {
            run::<DB>(tx, "INSERT INTO marks VALUES (1)").await?;
            let inner: Result<(), Error> = tx.transaction(async |tx| run::<DB>(tx, row.sql).await).await;
            answers(&inner.expect_err(row.sql), row.code, row.kind);
            run::<DB>(tx, "INSERT INTO marks VALUES (2)").await
        })
        .await;
    kept.unwrap_or_else(|error| panic!("{}: {}", row.sql, text(&error)));
    assert_eq!(fresh.number("SELECT count(*) FROM marks").await, 2, "{}", row.sql);
}
