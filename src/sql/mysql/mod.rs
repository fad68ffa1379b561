//! MySQL and MariaDB: everything that is specific to them.

pub(super) mod connect;
mod migrate;
mod migration_steps;
mod syntax;
mod values;

pub(super) use self::syntax::SYNTAX;

use std::borrow::Cow;
use std::time::Duration;

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use sqlx::error::DatabaseError;
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError};
use sqlx::{AssertSqlSafe, Describe, Execute, Executor, MySql, SqlSafeStr, SqlStr};
use sqlx_core::transaction::TransactionManager as _;

use crate::sql::classification::{Classification, Quotes};
use crate::sql::dialect::{Damage, SqlDatabase, Step, forward_to_connection, is_cut, sealed};
use crate::sql::span::Peer;
use crate::sql::text::{Reading, Syntax};
use crate::store::{ErrorKind, Isolation, TransactionOptions};

impl SqlDatabase for MySql {}

impl sealed::Dialect for MySql {
    const SYSTEM: &'static str = "mysql";
    const SYNTAX: &'static Syntax = &SYNTAX;
    const ERROR_ENDS_TRANSACTION: bool = false;
    const PREPARES_ONE: bool = true;
    /// The commit is for a transaction that a server with `autocommit=0`, or with a `completion_type` of `CHAIN`, has
    /// left open.
    const ESTABLISH: Option<&'static str> = Some("SET completion_type = 'NO_CHAIN', autocommit = 1; COMMIT");
    const READING: Option<&'static str> = Some("START TRANSACTION READ ONLY");

    /// Two statements in one round trip if a level is set: it holds for the next transaction only.
    fn begin(options: &TransactionOptions, _: Option<Duration>) -> SqlStr {
        // A read-only transaction sees one snapshot, whatever the server's default is.
        let one_moment = options.read_only.then_some(Isolation::RepeatableRead);
        let level = options.isolation.or(one_moment).map(|isolation| match isolation {
            Isolation::ReadCommitted => "READ COMMITTED",
            Isolation::RepeatableRead => "REPEATABLE READ",
            Isolation::Serializable => "SERIALIZABLE",
        });
        let begin = if options.read_only { "START TRANSACTION READ ONLY" } else { "START TRANSACTION" };
        match level {
            Some(level) => AssertSqlSafe(format!("SET TRANSACTION ISOLATION LEVEL {level}; {begin}")).into_sql_str(),
            None => begin.into_sql_str(),
        }
    }

    fn owns(error: &dyn DatabaseError) -> bool {
        error.try_downcast_ref::<MySqlDatabaseError>().is_some()
    }

    fn classify(error: &dyn DatabaseError) -> Classification {
        let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() else { return ErrorKind::Other.into() };
        let kind = match kind(error.number()) {
            // The lengths, times, encodings and documents of class 22. Numeric errors of that class come from a
            // statement's own computation, except for those in the table.
            ErrorKind::Other => match error.code() {
                Some("22001" | "22007" | "22008" | "22021" | "22032") => ErrorKind::InvalidValue,
                _ => ErrorKind::Other,
            },
            kind => kind,
        };
        let (number, message) = (error.number(), error.message());
        let quotes = if error.code() == Some(SIGNAL) { Quotes::Anything } else { quotes(number, message) };
        Classification::new(kind, constraint(kind, message).map(ToOwned::to_owned), quotes)
    }

    fn code(error: &dyn DatabaseError) -> Option<Cow<'_, str>> {
        error.try_downcast_ref::<MySqlDatabaseError>().map(|error| error.number().to_string().into())
    }

    fn code_for_operators(error: &dyn DatabaseError) -> Option<Cow<'_, str>> {
        let error = error.try_downcast_ref::<MySqlDatabaseError>()?;
        let number = error.number();
        Some(error.code().map_or_else(|| number.to_string(), |state| format!("{number} ({state})")).into())
    }

    fn peer(options: &MySqlConnectOptions) -> Peer<'_> {
        Peer { namespace: options.get_database(), address: Some(options.get_host()), port: Some(options.get_port()) }
    }

    /// A deadlock and a snapshot conflict undo the whole transaction; the next statement would commit by itself. A lock
    /// timeout undoes the statement, or the transaction if `innodb_rollback_on_timeout` is on.
    fn damage(kind: ErrorKind) -> Damage {
        match kind {
            ErrorKind::Deadlock | ErrorKind::Serialization => Damage::Over,
            ErrorKind::LockTimeout | ErrorKind::StatementTimeout | ErrorKind::OutOfResources | ErrorKind::Other => {
                Damage::Suspect
            }
            _ => Damage::None,
        }
    }

    /// The driver knows the state from the server's last answer, and reports it when it makes a savepoint.
    fn is_alive(connection: &mut Self::Connection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        Box::pin(async move {
            match <MySql as sqlx::Database>::TransactionManager::begin(connection, None).await {
                Ok(()) => {
                    <MySql as sqlx::Database>::TransactionManager::commit(connection).await?;
                    Ok(true)
                }
                Err(sqlx::Error::BeginFailed) => Ok(false),
                Err(error) => Err(error),
            }
        })
    }

    /// An interrupt undoes a commit that still waits for a lock. But an interrupt between the end of the commit and its
    /// answer gets the same answer (`dispatch_command` of the server).
    fn is_definite(kind: ErrorKind) -> bool {
        !is_cut(kind) && kind != ErrorKind::StatementTimeout
    }

    forward_to_connection!();
}

/// The SQLSTATE that is reserved for a `SIGNAL` of the schema.
const SIGNAL: &str = "45000";

/// The table of error numbers; the SQLSTATE is too coarse.
fn kind(number: u16) -> ErrorKind {
    match number {
        1062 | 1022 | 1169 | 1586 | 1859 => ErrorKind::UniqueViolation,
        1216 | 1217 | 1451 | 1452 => ErrorKind::ForeignKeyViolation,
        3819 | 4025 => ErrorKind::CheckViolation,
        1048 | 1364 => ErrorKind::NotNullViolation,
        1264 | 1265 | 1292 | 1366 | 1406 | 1411 | 1525 | 3140 => ErrorKind::InvalidValue,
        // 1412 is a table that was changed after the transaction's snapshot.
        1020 | 3101 | 1412 => ErrorKind::Serialization,
        1243 | 1615 => ErrorKind::StaleStatement,
        1213 | 1614 | 3058 => ErrorKind::Deadlock,
        1205 | 3572 => ErrorKind::LockTimeout,
        1317 | 1969 | 3024 => ErrorKind::StatementTimeout,
        4031 => ErrorKind::TransactionTimeout,
        // One of several engines, or of several servers, failed to commit; others may have committed.
        1180 => ErrorKind::UnknownCommit,
        1290 | 1792 | 1836 => ErrorKind::ReadOnly,
        // A packet that is larger than the server takes; the server also cuts the connection.
        1153 => ErrorKind::InvalidValue,
        1053 | 1152..=1161 | 1927 | 2006 | 2013 => ErrorKind::ConnectionLost,
        1040 | 1203 | 1226 => ErrorKind::TooManyConnections,
        1044 | 1045 | 1049 | 1698 => ErrorKind::Configuration,
        1021 | 1037 | 1038 | 1041 | 1114 => ErrorKind::OutOfResources,
        _ => ErrorKind::Other,
    }
}

/// Messages that quote names of the schema and of the address, and no value.
const NAMES_ONLY: [&str; 11] = [
    "Access denied for user '",
    "Cannot add or update a child row: a foreign key constraint fails",
    "Cannot delete or update a parent row: a foreign key constraint fails",
    "Check constraint '",
    "Column '",
    "CONSTRAINT `",
    "Data too long for column '",
    "Data truncated for column '",
    "Field '",
    "Out of range value for column '",
    "Unknown database '",
];

/// The kind of words that a message quotes. The listed numbers are about statements that the server does not understand: a name is
/// missing, exists already or is ambiguous, or the syntax is wrong.
fn quotes(number: u16, message: &str) -> Quotes {
    match number {
        // The numbers that a `SIGNAL` gets by its state, and those that it may choose: no server has errors of its own
        // above 20,000.
        1642..=1644 | 20_000.. => Quotes::Anything,
        1050 | 1051 | 1052 | 1054 | 1060 | 1061 | 1064 | 1091 | 1109 | 1110 | 1136 | 1146 | 1305 | 1630 => {
            Quotes::Names
        }
        _ if NAMES_ONLY.iter().any(|begin| message.starts_with(begin)) => Quotes::Schema,
        _ => Quotes::Values,
    }
}

/// The driver does not say which constraint was violated; the message does.
///
/// - `Duplicate entry '…' for key 'orders_customer_key'`; MySQL 8 writes `'orders.orders_customer_key'`. The entry may
///   hold quotes of its own, so the name is in the last pair.
/// - `… a foreign key constraint fails (…, CONSTRAINT `lines_order_fkey` FOREIGN KEY …`
/// - MariaDB: ``CONSTRAINT `stock_check` failed for …``; MySQL: `Check constraint 'stock_check' is violated.`
/// - `Column 'name' cannot be null`, `Field 'name' doesn't have a default value`
fn constraint(kind: ErrorKind, message: &str) -> Option<&str> {
    match kind {
        ErrorKind::UniqueViolation => {
            let name = message.rsplit_once(" for key ")?.1.trim_matches('\'');
            Some(name.rsplit_once('.').map_or(name, |(_, key)| key))
        }
        ErrorKind::ForeignKeyViolation => between(message, "CONSTRAINT `", "`"),
        ErrorKind::CheckViolation => {
            between(message, "CONSTRAINT `", "`").or_else(|| between(message, "Check constraint '", "'"))
        }
        ErrorKind::NotNullViolation => between(message, "Column '", "'").or_else(|| between(message, "Field '", "'")),
        _ => None,
    }
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constraint_is_read_off_the_message() {
        let cases = [
            (ErrorKind::UniqueViolation, "Duplicate entry 'o' for key 'x' for key 'orders_key'", Some("orders_key")),
            (ErrorKind::UniqueViolation, "Duplicate entry 'a' for key 'orders.orders_key'", Some("orders_key")),
            (ErrorKind::ForeignKeyViolation, "fails (`d`.`t`, CONSTRAINT `t_fk` FOREIGN KEY (`a`))", Some("t_fk")),
            (ErrorKind::CheckViolation, "CONSTRAINT `t.check` failed for `d`.`t`", Some("t.check")),
            (ErrorKind::CheckViolation, "Check constraint 'c' is violated.", Some("c")),
            (ErrorKind::NotNullViolation, "Column 'name' cannot be null", Some("name")),
            (ErrorKind::NotNullViolation, "Field 'name' doesn't have a default value", Some("name")),
            (ErrorKind::Deadlock, "Deadlock found", None),
            (ErrorKind::UniqueViolation, "nothing that is known", None),
        ];
        for (kind, message, name) in cases {
            assert_eq!(constraint(kind, message), name, "{message}");
        }
    }
}
