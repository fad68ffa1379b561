use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use sqlx::error::{DatabaseError, ErrorKind};

use super::database::SqlDatabase;
use super::fault::Fault;
use crate::store::{Error, Kind};

/// The reason why a statement was not sent, as an error of sqlx, because sqlx's queries return that type.
#[derive(Debug)]
struct Refused {
    kind: Kind,
    message: String,
}

pub(super) fn refused(error: &Error) -> sqlx::Error {
    let message = error.reason().map_or_else(|| error.to_string(), ToOwned::to_owned);
    sqlx::Error::Database(Box::new(Refused { kind: error.kind(), message }))
}

/// The kind, if the error is one of this crate and not of a database.
pub(super) fn fault(error: &dyn DatabaseError) -> Option<Fault> {
    error.try_downcast_ref::<Refused>().map(|refused| refused.kind.into())
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Refused {}

impl DatabaseError for Refused {
    fn message(&self) -> &str {
        &self.message
    }

    fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn StdError + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn StdError + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

/// Wraps a database's error that refuses a write of a read-only session or transaction: the program asked for that
/// mode, and the server is not a standby. Everything else of the error is the server's.
#[derive(Debug)]
struct WriteOfReader {
    error: Box<dyn DatabaseError>,
    why: OnlyReads,
}

#[derive(Debug)]
struct OnlyReads;

pub(super) fn write_of_a_reader<DB: SqlDatabase>(error: sqlx::Error) -> sqlx::Error {
    match error {
        sqlx::Error::Database(error) if DB::fault(&*error).kind == Kind::ReadOnly => {
            sqlx::Error::Database(Box::new(WriteOfReader { error, why: OnlyReads }))
        }
        error => error,
    }
}

/// Whether an error says that the program wrote although it asked to read only.
pub(super) fn is_write_of_a_reader(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else { return false };
    let own = error.try_downcast_ref::<Refused>().is_some_and(|refused| refused.kind == Kind::ReadOnly);
    own || StdError::source(error).is_some_and(|source| source.is::<OnlyReads>())
}

impl fmt::Display for OnlyReads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the session or transaction is for reading only")
    }
}

impl StdError for OnlyReads {}

impl fmt::Display for WriteOfReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl StdError for WriteOfReader {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.why)
    }
}

impl DatabaseError for WriteOfReader {
    fn message(&self) -> &str {
        self.error.message()
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        self.error.code()
    }

    fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self.error.as_error()
    }

    fn as_error_mut(&mut self) -> &mut (dyn StdError + Send + Sync + 'static) {
        self.error.as_error_mut()
    }

    fn into_error(self: Box<Self>) -> Box<dyn StdError + Send + Sync + 'static> {
        self.error.into_error()
    }

    fn kind(&self) -> ErrorKind {
        self.error.kind()
    }
}
