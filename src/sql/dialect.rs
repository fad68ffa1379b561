use std::borrow::Cow;
use std::time::Duration;

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use sqlx::pool::PoolConnection;
use sqlx::{Connection, Database, Describe, Either, Execute, SqlStr};
use sqlx_core::database::HasStatementCache;

use crate::body::BoxError;
use crate::sql::classification::Classification;
use crate::sql::cleanup::Cleanup;
use crate::sql::interrupt::Interrupt;
use crate::sql::span::Peer;
use crate::sql::statement::Row;
use crate::sql::statement::value::Value;
use crate::sql::text::{Reading, Syntax};
use crate::store::{Error, ErrorKind, TransactionOptions};

/// `PostgreSQL`, MySQL with MariaDB, or SQLite: one bound for code that is generic over them. Sealed.
///
/// Besides the differences between the databases, it holds how their connections run statements: a bound on
/// [`Database`] could express that only with a separate clause for every lifetime.
pub trait SqlDatabase:
    Database<Arguments: sqlx::IntoArguments<Self> + Clone> + HasStatementCache + sealed::Dialect + sealed::Values
{
}

/// A row, or the end of a statement.
pub(crate) type Step<DB> = Either<<DB as Database>::QueryResult, <DB as Database>::Row>;

pub(crate) mod sealed {
    use super::*;

    /// How values get into a statement, and rows out of its answer.
    pub trait Values: Database {
        /// How many values one statement may have.
        const MOST_VALUES: usize;

        /// Why a number cannot be stored as it is.
        fn refuses(_: f64) -> Option<&'static str> {
            None
        }

        /// Adds a value to those of a statement.
        fn add(arguments: &mut Self::Arguments, value: Value<'_>) -> Result<(), BoxError>;

        /// How many rows a statement has written.
        fn affected(result: &Self::QueryResult) -> u64;

        /// A row that names no database.
        fn row(row: Self::Row) -> Row;
    }

    /// The differences between the databases.
    pub trait Dialect: Database {
        /// The `db.system.name` of OpenTelemetry.
        const SYSTEM: &'static str;
        /// How its statements are read before they are sent.
        const SYNTAX: &'static Syntax;
        /// Whether an error of a statement ends the whole transaction, until a rollback to a savepoint.
        const ERROR_ENDS_TRANSACTION: bool;
        /// Whether the database is a server, to which more connections may be opened than its pool has.
        const SERVED: bool = true;
        /// How long a commit is waited for.
        const COMMIT_FOR: Option<Duration> = Some(Duration::from_secs(30));
        /// Whether a prepared text must be exactly one statement, and any other text is an error.
        const PREPARES_ONE: bool;
        /// Whether the database runs inside this process: there is no server that could lose a connection or forget a
        /// statement.
        const IN_PROCESS: bool = false;
        /// The statements that make a connection forget a session's changes, if the database has any.
        const RESET: Option<&'static str> = None;
        /// The statements that make every later statement a transaction of its own. `None` if neither the server nor a
        /// previous user of the connection can have changed that.
        const ESTABLISH: Option<&'static str> = None;
        /// The statements that end a transaction in which a connection was left, if `BEGIN` would otherwise continue
        /// it.
        const BEFORE_BEGIN: Option<&'static str> = Self::ESTABLISH;
        /// The statement that begins a transaction for a single statement of a read-only session, if only such a
        /// transaction keeps that statement from writing.
        const READING: Option<&'static str> = None;

        /// The statement, or the statements in one round trip, that begin a transaction.
        fn begin(options: &TransactionOptions, left: Option<Duration>) -> SqlStr;

        /// Whether an error is of this database's driver.
        fn owns(error: &dyn sqlx::error::DatabaseError) -> bool;

        /// The meaning of an error of this database.
        fn classify(error: &dyn sqlx::error::DatabaseError) -> Classification;

        /// The database's own code for an error.
        fn code(error: &dyn sqlx::error::DatabaseError) -> Option<Cow<'_, str>> {
            error.code()
        }

        /// The database's own code for an error, with everything that helps an operator to look it up.
        fn code_for_operators(error: &dyn sqlx::error::DatabaseError) -> Option<Cow<'_, str>> {
            error.code()
        }

        /// The same options, for a connection whose statements are planned anew each time. It is for work on a table
        /// that is empty now and has a million rows later, on a server that keeps the plan of a prepared statement.
        fn planning_anew(
            options: <Self::Connection as Connection>::Options,
        ) -> <Self::Connection as Connection>::Options {
            options
        }

        /// The database's address.
        fn peer(options: &<Self::Connection as Connection>::Options) -> Peer<'_>;

        /// The state of a transaction after this failure in it.
        fn damage(kind: ErrorKind) -> Damage;

        /// Whether the transaction is still the one that was begun. Checked only after a failure, or after something
        /// that was not watched.
        fn is_alive(connection: &mut Self::Connection) -> BoxFuture<'_, Result<bool, sqlx::Error>>;

        /// Asks for the id of the transaction; `None` if the database has no such id.
        fn transaction_id(_connection: &mut Self::Connection) -> BoxFuture<'_, Result<Option<String>, sqlx::Error>> {
            Box::pin(async { Ok(None) })
        }

        /// The status of a transaction, in `PostgreSQL`'s terms.
        fn status<'a>(
            _connection: &'a mut Self::Connection,
            _id: &'a str,
        ) -> BoxFuture<'a, Result<Option<String>, sqlx::Error>> {
            Box::pin(async { Ok(None) })
        }

        /// The statements that keep a connection from writing and allow it again, if the database has such a switch.
        const WRITES: Option<(&'static str, &'static str)> = None;

        /// Whether the connection is already kept from writing.
        fn cannot_write(_connection: &mut Self::Connection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
            Box::pin(async { Ok(false) })
        }

        /// Makes the connection check an interrupt from now on, if a statement would otherwise run to its end with no
        /// caller.
        fn interruptible(_connection: &mut Self::Connection) -> BoxFuture<'_, Result<Option<Interrupt>, sqlx::Error>> {
            Box::pin(async { Ok(None) })
        }

        /// Gets rid of a connection that was left in the middle of something; the interrupt that it checks is set. If
        /// the connection is returned to the pool nevertheless, `finally` runs first.
        fn abandon(mut connection: PoolConnection<Self>, _cleanup: Cleanup) {
            connection.close_on_drop();
        }

        /// Gets rid of a connection whose session was changed; `taken` says that its pool is an existing one of the
        /// service. If the connection is kept nevertheless, `finally` runs first.
        fn discard(mut connection: PoolConnection<Self>, _taken: bool, _cleanup: Cleanup) {
            connection.close_on_drop();
        }

        /// Whether a commit that failed like this certainly kept nothing.
        fn is_definite(kind: ErrorKind) -> bool {
            !is_cut(kind)
        }

        /// Runs a query; `reading` is what was read of its text, if it was.
        fn fetch_many<'e, 'q, E>(
            connection: &'e mut Self::Connection,
            query: E,
            reading: Option<&Reading>,
        ) -> BoxStream<'e, Result<Step<Self>, sqlx::Error>>
        where
            'q: 'e,
            E: 'q + Execute<'q, Self>;

        fn prepare_with<'e>(
            connection: &'e mut Self::Connection,
            sql: SqlStr,
            parameters: &'e [Self::TypeInfo],
        ) -> BoxFuture<'e, Result<Self::Statement, sqlx::Error>>;

        fn describe(
            connection: &mut Self::Connection,
            sql: SqlStr,
        ) -> BoxFuture<'_, Result<Describe<Self>, sqlx::Error>>;
    }
}

/// The state of a transaction after a failure in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Only the statement is undone.
    None,
    /// The transaction may be gone: it must be checked.
    Suspect,
    /// The transaction is over; the next statement would be a transaction of its own.
    Over,
}

/// Whether an error of this kind means that no answer came.
pub(in crate::sql) const fn is_cut(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionLost | ErrorKind::UnknownCommit | ErrorKind::TransactionTimeout)
}

/// The methods by which a database's connection runs statements.
macro_rules! forward_to_connection {
    () => {
        forward_to_connection!(|connection, query, _| Executor::fetch_many(connection, query));
    };
    ($fetch_many:expr) => {
        fn fetch_many<'e, 'q, E>(
            connection: &'e mut Self::Connection,
            query: E,
            reading: Option<&Reading>,
        ) -> BoxStream<'e, Result<Step<Self>, sqlx::Error>>
        where
            'q: 'e,
            E: 'q + Execute<'q, Self>,
        {
            $fetch_many(connection, query, reading)
        }

        fn prepare_with<'e>(
            connection: &'e mut Self::Connection,
            sql: SqlStr,
            parameters: &'e [Self::TypeInfo],
        ) -> BoxFuture<'e, Result<Self::Statement, sqlx::Error>> {
            Executor::prepare_with(connection, sql, parameters)
        }

        fn describe(
            connection: &mut Self::Connection,
            sql: SqlStr,
        ) -> BoxFuture<'_, Result<Describe<Self>, sqlx::Error>> {
            Executor::describe(connection, sql)
        }
    };
}
pub(in crate::sql) use forward_to_connection;

/// Runs a statement that the crate itself writes.
pub(crate) async fn execute<DB: SqlDatabase>(connection: &mut DB::Connection, sql: SqlStr) -> Result<(), sqlx::Error> {
    use futures_util::TryStreamExt;
    let mut steps = DB::fetch_many(connection, sqlx::raw_sql(sql), None);
    let mut answered = false;
    while let Some(step) = steps.try_next().await? {
        answered = step.is_left();
    }
    // If the driver stops without an answer, the stream just ends.
    if answered { Ok(()) } else { Err(sqlx::Error::WorkerCrashed) }
}

impl Error {
    /// Converts an error of the driver.
    pub(crate) fn of_driver<DB: SqlDatabase>(error: sqlx::Error) -> Self {
        let fault = Classification::of_driver::<DB>(&error);
        fault.into_error(error)
    }
}
