use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use sqlx::error::{DatabaseError, ErrorKind};

use crate::sql::dialect::SqlDatabase;
use crate::sql::error::classify::Fault;
use crate::store::{Error, Kind};

/// Why a statement was not sent: an error of sqlx, because that is what its queries give.
#[derive(Debug)]
struct Refused {
    kind: Kind,
    message: String,
}

pub(in crate::sql) fn refused(error: &Error) -> sqlx::Error {
    let message = error.reason().map_or_else(|| error.to_string(), ToOwned::to_owned);
    sqlx::Error::Database(Box::new(Refused { kind: error.kind(), message }))
}

/// The kind, if this is no error of a database but of ours.
pub(in crate::sql) fn fault(error: &dyn DatabaseError) -> Option<Fault> {
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

/// An error that says that nothing may be written, of a session or transaction that was to read only: it was the program
/// that asked for that, and not a server that is a standby. All else of it is the server's.
#[derive(Debug)]
struct WriteOfReader {
    error: Box<dyn DatabaseError>,
    why: OnlyReads,
}

#[derive(Debug)]
struct OnlyReads;

pub(in crate::sql) fn write_of_a_reader<DB: SqlDatabase>(error: sqlx::Error) -> sqlx::Error {
    match error {
        sqlx::Error::Database(error) if DB::fault(&*error).kind == Kind::ReadOnly => {
            sqlx::Error::Database(Box::new(WriteOfReader { error, why: OnlyReads }))
        }
        error => error,
    }
}

/// Whether an error says that the program writes where it asked to read only.
pub(in crate::sql) fn is_write_of_a_reader(error: &sqlx::Error) -> bool {
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
