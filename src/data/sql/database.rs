use std::borrow::Cow;
use std::time::Duration;

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use sqlx::pool::PoolConnection;
use sqlx::{Connection, Database, Describe, Either, Execute, SqlStr};
use sqlx_core::database::HasStatementCache;

use super::fault::Fault;
use super::interrupt::Interrupt;
use super::text::Language;
use crate::data::observe::{Peer, Syntax};
use crate::data::{Error, Kind, Options};

/// `PostgreSQL`, MySQL with MariaDB, or SQLite: one bound for code that is generic over them. Sealed.
///
/// Besides what differs between them, it holds what a bound on [`Database`] cannot say without a clause of its own for
/// every lifetime: how their connections run statements.
pub trait SqlDatabase:
    Database<Arguments: sqlx::IntoArguments<Self> + Clone> + HasStatementCache + sealed::Dialect
{
}

/// A row, or the end of a statement.
pub(crate) type Step<DB> = Either<<DB as Database>::QueryResult, <DB as Database>::Row>;

pub(crate) mod sealed {
    use super::*;

    /// What differs between the databases.
    pub trait Dialect: Database {
        /// The `db.system.name` of OpenTelemetry.
        const SYSTEM: &'static str;
        /// How its texts and comments are written.
        const SYNTAX: Syntax;
        /// Whether an error of a statement ends the whole transaction, until a savepoint is rolled back to.
        const ERROR_ENDS_TRANSACTION: bool;
        /// Whether it is a server, to which there may be one connection more than its pool has.
        const SERVED: bool = true;
        /// How long a commit is waited for.
        const COMMIT_FOR: Option<Duration> = Some(Duration::from_secs(30));
        /// Whether a text that is prepared is one statement, and anything else an error.
        const PREPARES_ONE: bool;
        /// Whether it runs inside this process: there is no server that could lose a connection or forget a statement.
        const IN_PROCESS: bool = false;
        /// How its statements are read, before they are sent.
        const GRAMMAR: Language;
        /// The statements that make a connection forget what a session has changed, where there are such.
        const RESET: Option<&'static str> = None;
        /// The statements after which each statement is a transaction of its own, where a server or whoever had the
        /// connection before may have it otherwise.
        const ESTABLISH: Option<&'static str> = None;
        /// The statements that end what a connection was left in, where `BEGIN` would go on with it.
        const BEFORE_BEGIN: Option<&'static str> = Self::ESTABLISH;
        /// The statement that begins a transaction for one statement of a session that only reads, where that is what
        /// keeps it from writing.
        const READING: Option<&'static str> = None;

        /// The statement, or statements in one round trip, that begin a transaction.
        fn begin(options: &Options, left: Option<Duration>) -> SqlStr;

        /// What an error of this database means.
        fn fault(error: &dyn sqlx::error::DatabaseError) -> Fault;

        /// What the database itself calls an error.
        fn code(error: &dyn sqlx::error::DatabaseError) -> Option<Cow<'_, str>> {
            error.code()
        }

        /// The same options, for a connection whose statements are planned anew each time: one that works on a table that is
        /// empty now and has a million rows later, where a server keeps the plan of a prepared statement.
        fn planning_anew(
            options: <Self::Connection as Connection>::Options,
        ) -> <Self::Connection as Connection>::Options {
            options
        }

        /// Where the database is.
        fn peer(options: &<Self::Connection as Connection>::Options) -> Peer<'_>;

        /// What is left of a transaction in which this went wrong.
        fn damage(kind: Kind) -> Damage;

        /// Whether the transaction is still the one that was begun. Asked only after something went wrong, or was not
        /// watched.
        fn is_alive(connection: &mut Self::Connection) -> BoxFuture<'_, Result<bool, sqlx::Error>>;

        /// Asks for the id of the transaction; `None` where there is no such thing.
        fn transaction_id(_connection: &mut Self::Connection) -> BoxFuture<'_, Result<Option<String>, sqlx::Error>> {
            Box::pin(async { Ok(None) })
        }

        /// What became of a transaction, in `PostgreSQL`'s words.
        fn status<'a>(
            _connection: &'a mut Self::Connection,
            _id: &'a str,
        ) -> BoxFuture<'a, Result<Option<String>, sqlx::Error>> {
            Box::pin(async { Ok(None) })
        }

        /// The statements that keep a connection from writing, and that allow it again, where there is such a switch.
        const WRITES: Option<(&'static str, &'static str)> = None;

        /// Whether a connection is kept from writing.
        fn cannot_write(_connection: &mut Self::Connection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
            Box::pin(async { Ok(false) })
        }

        /// Has the connection look at an interrupt from now on, where it would work to the end for nobody.
        fn interruptible(_connection: &mut Self::Connection) -> BoxFuture<'_, Result<Option<Interrupt>, sqlx::Error>> {
            Box::pin(async { Ok(None) })
        }

        /// Gets rid of a connection that was left in the middle of something; the interrupt that it looks at is set. Where
        /// it is given back nevertheless, `finally` is run before.
        fn abandon(
            mut connection: PoolConnection<Self>,
            _interrupt: Option<Interrupt>,
            _finally: Option<&'static str>,
        ) {
            connection.close_on_drop();
        }

        /// Gets rid of a connection whose session somebody has changed, of a pool that was `taken` over or not. Where it
        /// is kept nevertheless, `finally` is run before.
        fn discard(
            mut connection: PoolConnection<Self>,
            _taken: bool,
            _interrupt: Option<Interrupt>,
            _finally: Option<&'static str>,
        ) {
            connection.close_on_drop();
        }

        /// Whether a commit that failed like this certainly kept nothing.
        fn is_definite(kind: Kind) -> bool {
            !is_cut(kind)
        }

        fn fetch_many<'e, 'q, E>(
            connection: &'e mut Self::Connection,
            query: E,
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

/// What is left of a transaction after a failure in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Nothing but the statement is undone.
    None,
    /// The transaction may be gone: it has to be asked.
    Suspect,
    /// The transaction is over; what is run now would be a transaction of its own.
    Over,
}

/// Whether an error of this kind is no answer to what was asked.
pub(super) const fn is_cut(kind: Kind) -> bool {
    matches!(kind, Kind::ConnectionLost | Kind::UnknownCommit | Kind::TransactionTimeout)
}

/// The methods by which the connection of a database runs statements.
macro_rules! forward_to_connection {
    () => {
        forward_to_connection!(Executor::fetch_many);
    };
    ($fetch_many:path) => {
        fn fetch_many<'e, 'q, E>(
            connection: &'e mut Self::Connection,
            query: E,
        ) -> BoxStream<'e, Result<Step<Self>, sqlx::Error>>
        where
            'q: 'e,
            E: 'q + Execute<'q, Self>,
        {
            $fetch_many(connection, query)
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
pub(super) use forward_to_connection;

/// Runs a statement that the crate itself writes.
pub(crate) async fn execute<DB: SqlDatabase>(connection: &mut DB::Connection, sql: SqlStr) -> Result<(), sqlx::Error> {
    use futures_util::TryStreamExt;
    let mut steps = DB::fetch_many(connection, sqlx::raw_sql(sql));
    let mut answered = false;
    while let Some(step) = steps.try_next().await? {
        answered = step.is_left();
    }
    // A driver that falls silent says nothing, which is no answer.
    if answered { Ok(()) } else { Err(sqlx::Error::WorkerCrashed) }
}

impl Error {
    /// An error of the driver, as a kind of ours.
    pub(crate) fn of_driver<DB: SqlDatabase>(error: sqlx::Error) -> Self {
        let fault = Fault::of_driver::<DB>(&error);
        fault.into_error(error)
    }
}
