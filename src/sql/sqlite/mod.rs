//! SQLite: everything that is specific to it.

pub(super) mod connect;
mod migrate;
mod syntax;
mod values;

mod frame;
mod stream;

pub(super) use self::syntax::SYNTAX;

use std::ffi::OsStr;
use std::time::Duration;

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use sqlx::error::DatabaseError;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteError};
use sqlx::{Describe, Execute, Executor, SqlSafeStr, SqlStr, Sqlite, SqliteConnection};
use sqlx_core::transaction::TransactionManager as _;

use self::stream::is_there;
use super::classification::{Classification, Quotes};
use super::cleanup::{self, Cleanup};
use super::dialect::{Damage, SqlDatabase, Step, execute, forward_to_connection, sealed};
use super::interrupt::Interrupt;
use crate::sql::span::Peer;
use crate::sql::text::{Reading, Syntax};
use crate::store::{ErrorKind, TransactionOptions};

impl SqlDatabase for Sqlite {}

/// Whether a transaction is put around a text.
#[cfg(fuzzing)]
pub(super) fn is_framed(sql: &str) -> bool {
    frame::Frame::around(&Reading::of(sql, &SYNTAX, false), false).is_some()
}

impl sealed::Dialect for Sqlite {
    const SYSTEM: &'static str = "sqlite";
    const SYNTAX: &'static Syntax = &SYNTAX;
    const ERROR_ENDS_TRANSACTION: bool = false;
    const SERVED: bool = false;
    /// There is no server that could be lost: a commit ends when the disk is done, and is not given up before.
    const COMMIT_FOR: Option<Duration> = None;
    const PREPARES_ONE: bool = false;
    const IN_PROCESS: bool = true;
    const WRITES: Option<(&'static str, &'static str)> = Some(("PRAGMA query_only = ON", "PRAGMA query_only = OFF"));

    /// A transaction that reads first and writes later fails at once if another one wrote in between, past any timeout
    /// (`SQLITE_BUSY_SNAPSHOT`). So writers take the lock at their begin.
    fn begin(options: &TransactionOptions, _: Option<Duration>) -> SqlStr {
        if options.read_only { "BEGIN DEFERRED".into_sql_str() } else { "BEGIN IMMEDIATE".into_sql_str() }
    }

    fn owns(error: &dyn DatabaseError) -> bool {
        error.try_downcast_ref::<SqliteError>().is_some()
    }

    fn classify(error: &dyn DatabaseError) -> Classification {
        let code = error.code().and_then(|code| code.parse().ok()).unwrap_or_default();
        let kind = match kind(code) {
            // SQLite goes on with a fraction where a whole number overflows, and then a column refuses it.
            ErrorKind::InvalidValue if error.message().starts_with("cannot store REAL value in INT") => {
                ErrorKind::Other
            }
            kind => kind,
        };
        let name = constraint(error.message()).filter(|_| kind.is_constraint_violation());
        Classification::new(kind, name.map(ToOwned::to_owned), quotes(code, error.message()))
    }

    /// A file is named by its file name, without its directory.
    fn peer(options: &SqliteConnectOptions) -> Peer<'_> {
        let namespace = options.get_filename().file_name().and_then(OsStr::to_str);
        Peer { namespace, ..Peer::default() }
    }

    /// A full disk and the like undo the whole transaction, and so does a violated constraint if it was declared `ON
    /// CONFLICT ROLLBACK` (<https://sqlite.org/lang_transaction.html>, "Response to errors within a transaction").
    fn damage(kind: ErrorKind) -> Damage {
        if kind == ErrorKind::InvalidValue { Damage::None } else { Damage::Suspect }
    }

    /// A transaction cannot begin inside another one: if this begin fails, the transaction is alive.
    fn is_alive(connection: &mut Self::Connection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        Box::pin(async move {
            match execute::<Sqlite>(connection, "BEGIN".into_sql_str()).await {
                Ok(()) => {
                    execute::<Sqlite>(connection, "ROLLBACK".into_sql_str()).await?;
                    Ok(false)
                }
                Err(sqlx::Error::Database(error)) if error.message().contains("within a transaction") => Ok(true),
                Err(error) => Err(error),
            }
        })
    }

    fn cannot_write(connection: &mut Self::Connection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        Box::pin(async move {
            let query_only: i64 = sqlx::query_scalar("PRAGMA query_only").fetch_one(connection).await?;
            Ok(query_only != 0)
        })
    }

    /// The interrupt is checked every thousand steps of SQLite's virtual machine, some ten microseconds.
    fn interruptible(connection: &mut Self::Connection) -> BoxFuture<'_, Result<Option<Interrupt>, sqlx::Error>> {
        Box::pin(async move {
            let interrupt = Interrupt::default();
            let looked_at = interrupt.clone();
            connection.lock_handle().await?.set_progress_handler(1_000, move || !looked_at.is_set());
            Ok(Some(interrupt))
        })
    }

    /// The connection is a thread of this process that does one thing after the other: its current statement can be
    /// stopped, and its open transaction can be undone. Closing it would lose an in-memory database. But if its thread
    /// has ended, it never answers, and the pool is not made to wait for that.
    fn abandon(mut connection: PoolConnection<Self>, cleanup: Cleanup) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return connection.close_on_drop();
        };
        let Cleanup { interrupt, finally, tasks } = cleanup;
        cleanup::spawn(&runtime, tasks.as_ref(), async move {
            if !answers_again(&mut connection, interrupt).await {
                return drop(connection.detach());
            }
            if clear(&mut connection, finally).await.is_err() {
                connection.close_on_drop();
            }
        });
    }

    /// An in-memory database ends with its last connection, and an existing pool of the service may hold the only one:
    /// the database is worth more than its settings.
    fn discard(mut connection: PoolConnection<Self>, taken: bool, cleanup: Cleanup) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return connection.close_on_drop();
        };
        let Cleanup { interrupt, finally, tasks } = cleanup;
        cleanup::spawn(&runtime, tasks.as_ref(), async move {
            if !answers_again(&mut connection, interrupt).await {
                return drop(connection.detach());
            }
            let is_kept = taken && is_in_memory(&mut connection).await;
            if !is_kept || clear(&mut connection, finally).await.is_err() {
                connection.close_on_drop();
            }
        });
    }

    /// This process commits to the file itself: a commit that failed is certainly undone.
    fn is_definite(kind: ErrorKind) -> bool {
        kind != ErrorKind::ConnectionLost
    }

    forward_to_connection!(stream::fetch_many);
}

/// Whether a connection that was given up answers again. From here on, its interrupt stops nothing.
async fn answers_again(connection: &mut SqliteConnection, interrupt: Option<Interrupt>) -> bool {
    let is_there = is_there(connection).await;
    if let Some(interrupt) = interrupt.filter(|_| is_there) {
        interrupt.set(false);
    }
    is_there
}

/// Undoes a connection's open transactions, and runs `finally`.
async fn clear(connection: &mut SqliteConnection, finally: Option<&'static str>) -> Result<(), sqlx::Error> {
    while <Sqlite as sqlx::Database>::TransactionManager::get_transaction_depth(connection) > 0 {
        roll_back(connection).await?;
    }
    // A transaction that sqlx knows nothing of; the error if there is none does not matter.
    let _ = execute::<Sqlite>(connection, "ROLLBACK".into_sql_str()).await;
    // If the dropped commit or rollback came through nevertheless, the driver remembers to skip the next queued
    // rollback: let it be this one, and not that of the connection's next user.
    <Sqlite as sqlx::Database>::TransactionManager::start_rollback(connection);
    match finally {
        Some(finally) => execute::<Sqlite>(connection, finally.into_sql_str()).await,
        None => Ok(()),
    }
}

/// Whether the database has no file.
async fn is_in_memory(connection: &mut SqliteConnection) -> bool {
    let file = sqlx::query_scalar("SELECT coalesce(file, '') FROM pragma_database_list WHERE name = 'main'");
    file.fetch_one(connection).await.is_ok_and(|file: String| file.is_empty())
}

/// Rolls back the transaction that the driver counts. If SQLite has undone it by itself, the driver's count would stay
/// too high for ever: so it gets another transaction to roll back.
async fn roll_back(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    match <Sqlite as sqlx::Database>::TransactionManager::rollback(connection).await {
        Err(sqlx::Error::Database(_)) => {
            execute::<Sqlite>(connection, "BEGIN".into_sql_str()).await?;
            <Sqlite as sqlx::Database>::TransactionManager::rollback(connection).await
        }
        undone => undone,
    }
}

/// The code of a `RAISE` in a trigger.
const CONSTRAINT_TRIGGER: i32 = 1811;

/// Statements that are not understood have no code of their own.
fn quotes(code: i32, message: &str) -> Quotes {
    let names =
        ["no such ", "ambiguous column name: ", "table ", "index ", "near ", "wrong number of arguments to function "];
    match code {
        CONSTRAINT_TRIGGER => Quotes::Anything,
        // SQLITE_CONSTRAINT_DATATYPE
        3091 => Quotes::Schema,
        // SQLITE_ERROR
        1 if names.iter().any(|begin| message.starts_with(begin)) => Quotes::Names,
        _ => Quotes::Values,
    }
}

/// `UNIQUE constraint failed: orders.tenant, orders.customer`, or `…: index 'orders_customer_key'` if the index is over
/// an expression.
fn constraint(message: &str) -> Option<&str> {
    let (_, name) = message.split_once(" constraint failed: ")?;
    let index = name.strip_prefix("index '").and_then(|name| name.strip_suffix('\''));
    Some(index.unwrap_or(name))
}

/// The table of extended result codes (<https://sqlite.org/rescode.html>).
fn kind(code: i32) -> ErrorKind {
    match code {
        // SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY, _ROWID
        2067 | 1555 | 2579 => ErrorKind::UniqueViolation,
        787 => ErrorKind::ForeignKeyViolation,
        275 => ErrorKind::CheckViolation,
        1299 => ErrorKind::NotNullViolation,
        // SQLITE_CONSTRAINT_DATATYPE, SQLITE_MISMATCH, SQLITE_TOOBIG
        3091 | 20 | 18 => ErrorKind::InvalidValue,
        // SQLITE_BUSY_SNAPSHOT
        517 => ErrorKind::Serialization,
        // The low byte is the primary code: SQLITE_LOCKED, _BUSY, _INTERRUPT, _READONLY, _IOERR, _CANTOPEN, _SCHEMA;
        // _FULL, _NOMEM, _CORRUPT, _NOTADB.
        _ => match code & 0xff {
            6 => ErrorKind::Deadlock,
            5 => ErrorKind::LockTimeout,
            9 => ErrorKind::StatementTimeout,
            8 => ErrorKind::ReadOnly,
            10 | 14 => ErrorKind::ConnectionLost,
            17 => ErrorKind::StaleStatement,
            13 | 7 | 11 | 26 => ErrorKind::OutOfResources,
            _ => ErrorKind::Other,
        },
    }
}
