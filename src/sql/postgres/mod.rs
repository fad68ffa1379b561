//! `PostgreSQL`: everything that is specific to it.

pub(super) mod connect;
mod migrate;
mod migration_steps;
mod syntax;
mod values;

pub(super) use self::syntax::SYNTAX;

use std::fmt::Write as _;
use std::time::Duration;

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgErrorPosition, PgSeverity};
use sqlx::{AssertSqlSafe, Describe, Execute, Executor, PgConnection, Postgres, Row as _, SqlSafeStr, SqlStr};

use crate::sql::classification::{Classification, Quotes};
use crate::sql::dialect::{Damage, SqlDatabase, Step, forward_to_connection, sealed};
use crate::sql::span::Peer;
use crate::sql::text::{Reading, Syntax};
use crate::store::{ErrorKind, Isolation, TransactionOptions};

impl SqlDatabase for Postgres {}

impl sealed::Dialect for Postgres {
    const SYSTEM: &'static str = "postgresql";
    const SYNTAX: &'static Syntax = &SYNTAX;
    const ERROR_ENDS_TRANSACTION: bool = true;
    const PREPARES_ONE: bool = true;
    /// `DISCARD ALL`, without discarding the statements that the driver has prepared.
    const RESET: Option<&'static str> = Some(
        "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL; UNLISTEN *; \
         SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES",
    );
    /// A `ROLLBACK` alone would log a warning in the server if no transaction was left open.
    const BEFORE_BEGIN: Option<&'static str> = Some("BEGIN; ROLLBACK");
    /// A pooler may share the session: only a transaction is this client's own. Once it has a snapshot, the server does
    /// not allow the transaction to become one that writes.
    const READING: Option<&'static str> = Some("BEGIN READ ONLY; SELECT 1");

    /// Everything in one round trip.
    fn begin(options: &TransactionOptions, left: Option<Duration>) -> SqlStr {
        if options.isolation.is_none() && !options.read_only && !options.deferrable && left.is_none() {
            return "BEGIN".into_sql_str();
        }
        let mut sql = String::from("BEGIN");
        // A read-only transaction sees one snapshot; the server's default would show a later one to each statement.
        let one_moment = options.read_only.then_some(Isolation::RepeatableRead);
        if let Some(isolation) = options.isolation.or(one_moment) {
            sql.push_str(match isolation {
                Isolation::ReadCommitted => " ISOLATION LEVEL READ COMMITTED",
                Isolation::RepeatableRead => " ISOLATION LEVEL REPEATABLE READ",
                Isolation::Serializable => " ISOLATION LEVEL SERIALIZABLE",
            });
        }
        if options.read_only {
            sql.push_str(" READ ONLY");
        }
        if options.deferrable {
            sql.push_str(" DEFERRABLE");
        }
        if let Some(left) = left {
            // 0 would mean no limit. The limit is a little shorter than the wait on this side: an answer is better than
            // a cut.
            let limit = (left.as_millis() * 9 / 10).clamp(1, i32::MAX as u128);
            let _ = write!(sql, "; SET LOCAL statement_timeout = {limit}");
        }
        if options.read_only {
            // See `READING`.
            sql.push_str("; SELECT 1");
        }
        AssertSqlSafe(sql).into_sql_str()
    }

    fn owns(error: &dyn DatabaseError) -> bool {
        error.try_downcast_ref::<PgDatabaseError>().is_some()
    }

    fn classify(error: &dyn DatabaseError) -> Classification {
        let Some(error) = error.try_downcast_ref::<PgDatabaseError>() else { return ErrorKind::Other.into() };
        let kind = match error.code() {
            // The server uses this code to refuse a single message; poolers use it when they cut a connection.
            "08P01" if error.severity() == PgSeverity::Error => ErrorKind::Other,
            "22003" if is_computed(error) => ErrorKind::Other,
            // "cached plan must not change result type". The code covers every unsupported feature, and the text is in
            // the server's language. From inside a function, the error can come after other statements of the function
            // have run.
            "0A000" if error.routine() == Some("RevalidateCachedQuery") && error.r#where().is_none() => {
                ErrorKind::StaleStatement
            }
            "26000" if error.r#where().is_none() => ErrorKind::StaleStatement,
            code => kind(code),
        };
        // The error of a text that cannot be read as a value has a position, unless the text was bound.
        let is_literal = error.code().starts_with("22") && error.position().is_some();
        let mut fault = Classification::new(kind, constraint(error), quotes(error));
        fault.is_literal = is_literal;
        fault
    }

    /// The plan of a prepared statement stays, and a plan that was made for an empty table reads the whole table.
    fn planning_anew(options: PgConnectOptions) -> PgConnectOptions {
        options.statement_cache_capacity(0)
    }

    fn peer(options: &PgConnectOptions) -> Peer<'_> {
        Peer { namespace: options.get_database(), address: Some(options.get_host()), port: Some(options.get_port()) }
    }

    /// The server refuses everything after an error, so the transaction's state can only be asked for.
    fn damage(_: ErrorKind) -> Damage {
        Damage::Suspect
    }

    fn is_alive(connection: &mut Self::Connection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        Box::pin(async move {
            match Executor::execute(connection, "SELECT 1").await {
                Ok(_) => Ok(true),
                Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("25P02") => Ok(false),
                Err(error) => Err(error),
            }
        })
    }

    /// As a simple query: a pooler may share the session, and then nothing can be prepared.
    fn transaction_id(connection: &mut Self::Connection) -> BoxFuture<'_, Result<Option<String>, sqlx::Error>> {
        let id = format!("SELECT pg_current_xact_id()::text || '@' || {LIFE}");
        Box::pin(one_text(connection, id))
    }

    /// In a later life of the server, an id that is known as committed may belong to another transaction. If the id is
    /// not known as committed, this transaction was not committed either: a committed id is not given out again. If
    /// only the statistics were reset, on request, the transaction may still be running. A standby cannot tell.
    fn status<'a>(
        connection: &'a mut Self::Connection,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<String>, sqlx::Error>> {
        // The id goes into the text of a simple query, as it did when it was read: only digits and the two separators
        // are kept.
        let id: String = id.chars().filter(|char| char.is_ascii_digit() || matches!(char, '@' | '/')).collect();
        let status = format!(
            "SELECT CASE
                WHEN pg_is_in_recovery() THEN 'in progress'
                WHEN life = now THEN coalesce(status, 'forgotten')
                WHEN coalesce(status, 'committed') = 'committed' THEN 'forgotten'
                WHEN split_part(life, '/', 1) <> split_part(now, '/', 1) THEN 'aborted'
                ELSE status
            END FROM (
                SELECT life, {LIFE} AS now,
                    CASE WHEN id < pg_snapshot_xmax(pg_current_snapshot()) THEN pg_xact_status(id)
                    ELSE 'in progress' END AS status
                FROM (SELECT split_part('{id}', '@', 1)::xid8 AS id, split_part('{id}', '@', 2) AS life) AS given
            ) AS asked"
        );
        Box::pin(one_text(connection, status))
    }

    forward_to_connection!();
}

async fn one_text(connection: &mut PgConnection, sql: String) -> Result<Option<String>, sqlx::Error> {
    let row = Executor::fetch_optional(connection, sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    row.map(|row| row.try_get(0)).transpose()
}
/// The life of a server: when it was started, and when its statistics began.
///
/// A transaction's id is valid only in one life of one server: after a crash it is given out again, if none of the
/// transaction's work had reached the log. Every crash ends a life, because the statistics restart then even if the
/// first process survived. So does the promotion of a standby.
const LIFE: &str = "trunc(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint || '/' ||
    coalesce(trunc(extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time()) * 1000000)::bigint, 0)";

/// A not-null violation names no constraint: it gets the name that SQLite gives it, `orders.customer`.
fn constraint(error: &PgDatabaseError) -> Option<String> {
    let column = || Some(format!("{}.{}", error.table()?, error.column()?));
    error.constraint().map(ToOwned::to_owned).or_else(column)
}

/// Whether a number overflowed in arithmetic, or in a routine of the schema, as opposed to a given number that does not
/// fit its destination. The server's other routines cannot be told from those that convert given values.
fn is_computed(error: &PgDatabaseError) -> bool {
    let routine = error.routine().and_then(|name| name.strip_prefix("int")).unwrap_or_default();
    let operation = routine.trim_start_matches(|char: char| char.is_ascii_digit());
    matches!(operation, "abs" | "dec" | "div" | "gcd" | "inc" | "lcm" | "mi" | "mul" | "pl" | "um")
        || error.r#where().is_some_and(|context| context.contains("PL/") || context.starts_with("SQL "))
}

/// Whether a routine of the schema has written the message: in PL/pgSQL with a `RAISE` or an `ASSERT`, in other
/// languages with an error of class 38.
fn is_raised(error: &PgDatabaseError) -> bool {
    error.routine() == Some("exec_stmt_raise")
        || matches!(error.code(), "P0001" | "P0004")
        || error.code().starts_with("38")
}

/// The routines of the server that check constraints or log a client in: they quote only names of the schema and of the
/// address.
const NAMES_ONLY: [&str; 12] = [
    "_bt_check_unique",
    "ATRewriteTable",
    "auth_failed",
    "check_exclusion_or_unique_constraint",
    "ClientAuthentication",
    "domain_check_input",
    "ExecConstraints",
    "ExecEvalConstraintCheck",
    "ExecEvalConstraintNotNull",
    "InitializeSessionUserId",
    "InitPostgres",
    "ri_ReportViolation",
];

/// A statement that the server does not understand (class 42, and schemas) is refused before a value is bound. An error
/// that comes later, such as that of a sequence whose name was given as a text, has no position in the statement.
fn quotes(error: &PgDatabaseError) -> Quotes {
    match error.position() {
        _ if is_raised(error) => Quotes::Anything,
        Some(PgErrorPosition::Original(place)) if error.code().starts_with("42") || error.code() == "3F000" => {
            Quotes::NamesAt(place)
        }
        _ if error.routine().is_some_and(|routine| NAMES_ONLY.contains(&routine)) => Quotes::Schema,
        _ => Quotes::Values,
    }
}

/// The table of SQLSTATEs (`PostgreSQL`, appendix A).
fn kind(code: &str) -> ErrorKind {
    match code {
        "23505" => ErrorKind::UniqueViolation,
        "23503" | "23001" => ErrorKind::ForeignKeyViolation,
        "23514" => ErrorKind::CheckViolation,
        "23502" => ErrorKind::NotNullViolation,
        "23P01" => ErrorKind::ExclusionViolation,
        "40001" => ErrorKind::Serialization,
        "40P01" => ErrorKind::Deadlock,
        "55P03" => ErrorKind::LockTimeout,
        "57014" => ErrorKind::StatementTimeout,
        "25P03" | "25P04" | "57P05" => ErrorKind::TransactionTimeout,
        "25P02" => ErrorKind::Aborted,
        "25006" => ErrorKind::ReadOnly,
        "40003" | "08007" => ErrorKind::UnknownCommit,
        "53300" => ErrorKind::TooManyConnections,
        "57P01" | "57P02" | "57P03" | "57P04" => ErrorKind::ConnectionLost,
        // A value that does not fit into an index is the value's fault.
        "54000" => ErrorKind::InvalidValue,
        "28000" | "28P01" | "3D000" => ErrorKind::Configuration,
        // The codes of class 22 that a value to be stored or converted can cause: its length, range, syntax and
        // encoding, and a pattern. The other codes come from a statement's own computation.
        "22001" | "22003" | "22007" | "22008" | "22009" | "22015" | "22021" | "22025" | "22030" | "22032" | "2200M"
        | "2200N" | "2201B" | "22P02" | "22P03" | "22P05" => ErrorKind::InvalidValue,
        // Class 08 is connections, class 53 is resources.
        code if code.starts_with("08") => ErrorKind::ConnectionLost,
        code if code.starts_with("53") => ErrorKind::OutOfResources,
        _ => ErrorKind::Other,
    }
}
