use std::error::Error as StdError;
use std::fmt;

use sqlx::error::DatabaseError;

use crate::sql::classification::Classification;
use crate::store::{Earlier, Error, ErrorKind};

/// Why a statement was not sent. It travels inside an error of sqlx, because sqlx's queries return no other.
#[derive(Debug)]
struct GuardError {
    kind: ErrorKind,
    message: String,
    /// Whether the message says more than the kind.
    says_why: bool,
    /// The first failure of the transaction.
    first: Option<Earlier>,
}

pub(in crate::sql) fn guard_error(error: &Error) -> sqlx::Error {
    let message = error.reason().map_or_else(|| error.to_string(), ToOwned::to_owned);
    let first = StdError::source(error).and_then(|source| source.downcast_ref()).cloned();
    let says_why = error.reason().is_some();
    sqlx::Error::Database(Box::new(GuardError { kind: error.kind(), message, says_why, first }))
}

/// The reason that a refusal gives besides its kind.
pub(in crate::sql) fn why(error: &dyn DatabaseError) -> &str {
    error.try_downcast_ref::<GuardError>().filter(|refused| refused.says_why).map_or("", |refused| &refused.message)
}

/// The first failure of the transaction in which something was refused.
pub(in crate::sql) fn first(error: &dyn DatabaseError) -> Option<&Earlier> {
    error.try_downcast_ref::<GuardError>()?.first.as_ref()
}

/// Whether the program was refused a write after it had itself asked to read only.
pub(in crate::sql) fn is_write_of_a_reader(error: &dyn DatabaseError) -> bool {
    error.try_downcast_ref::<GuardError>().is_some_and(|refused| refused.kind == ErrorKind::ReadOnly)
}

/// The kind, if this is an error of the guard and not of a database.
pub(in crate::sql) fn classify(error: &dyn DatabaseError) -> Option<Classification> {
    error.try_downcast_ref::<GuardError>().map(|refused| refused.kind.into())
}

impl fmt::Display for GuardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for GuardError {}

impl DatabaseError for GuardError {
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

    fn kind(&self) -> sqlx::error::ErrorKind {
        sqlx::error::ErrorKind::Other
    }
}
