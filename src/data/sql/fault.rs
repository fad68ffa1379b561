//! What a driver's error means, and what of its text may be kept.

use std::error::Error as StdError;
use std::fmt;

use sqlx::error::DatabaseError;

use super::SqlDatabase;
use crate::data::{Error, Kind};

/// A kind, and the constraint where there is one.
#[derive(Debug)]
pub struct Fault {
    pub(crate) kind: Kind,
    pub(crate) constraint: Option<String>,
}

impl From<Kind> for Fault {
    fn from(kind: Kind) -> Self {
        Self { kind, constraint: None }
    }
}

impl Fault {
    pub(crate) fn constraint(kind: Kind, name: Option<&str>) -> Self {
        Self { kind, constraint: name.map(ToOwned::to_owned) }
    }

    /// An error of one database.
    pub(crate) fn of_driver<DB: SqlDatabase>(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => super::refused::fault(&**error).unwrap_or_else(|| DB::fault(&**error)),
            other => of_sqlx(other).into(),
        }
    }

    /// An error of whichever database it is.
    fn of_any(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => super::fault_of_any(&**error),
            other => of_sqlx(other).into(),
        }
    }

    pub(crate) fn into_error(self, source: sqlx::Error) -> Error {
        let error = Error::new(self.kind).caused_by(DriverError(source));
        match self.constraint {
            Some(name) => error.with_constraint(name),
            None => error,
        }
    }
}

/// What is no answer of the server.
fn of_sqlx(error: &sqlx::Error) -> Kind {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            Kind::ConnectionLost
        }
        sqlx::Error::PoolTimedOut => Kind::PoolExhausted,
        sqlx::Error::PoolClosed => Kind::PoolClosed,
        sqlx::Error::RowNotFound => Kind::RowNotFound,
        sqlx::Error::Configuration(_) => Kind::Configuration,
        // A value that cannot be encoded is the caller's; what cannot be decoded is ours.
        sqlx::Error::Encode(_) | sqlx::Error::InvalidArgument(_) => Kind::InvalidValue,
        sqlx::Error::BeginFailed => Kind::TransactionLost,
        _ => Kind::Other,
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Fault::of_any(&error).into_error(error)
    }
}

/// What the driver said, as the source of an [`Error`].
///
/// Databases quote values in their messages (`Duplicate entry 'ann@example.com' for key …`). Its text shows the code and
/// the message without what stands in quotes; the whole is for a program that [asks](Self::driver).
pub struct DriverError(sqlx::Error);

impl DriverError {
    /// The driver's error as it is. Its text may hold values that a client sent.
    #[must_use]
    pub const fn driver(&self) -> &sqlx::Error {
        &self.0
    }
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            sqlx::Error::Database(error) => database(&**error, f),
            sqlx::Error::ColumnDecode { index, .. } => write!(f, "column {index} cannot be decoded"),
            sqlx::Error::Decode(_) => f.write_str("a value cannot be decoded"),
            sqlx::Error::Encode(_) => f.write_str("a value cannot be encoded"),
            sqlx::Error::Configuration(_) => f.write_str("the address or an option of it is wrong"),
            other => write!(f, "{other}"),
        }
    }
}

fn database(error: &dyn DatabaseError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(code) = error.code() {
        write!(f, "{code}: ")?;
    }
    masked(error.message(), f)
}

/// Writes a message without what stands in quotes. `it's` is no quote: one opens after a space or a bracket.
fn masked(message: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (mut quote, mut before) = (None, ' ');
    for char in message.chars() {
        match quote {
            None if matches!(char, '\'' | '"' | '`') && !before.is_alphanumeric() => {
                quote = Some(char);
                write!(f, "{char}…{char}")?;
            }
            None => write!(f, "{char}")?,
            Some(open) if open == char => quote = None,
            Some(_) => {}
        }
        before = char;
    }
    Ok(())
}

impl fmt::Debug for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DriverError({self})")
    }
}

impl StdError for DriverError {}

#[cfg(test)]
mod tests {
    use super::*;

    struct Masked(&'static str);

    impl fmt::Display for Masked {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            masked(self.0, f)
        }
    }

    #[test]
    fn what_stands_in_quotes_is_not_shown() {
        let cases = [
            ("Duplicate entry 'ann@x' for key 'email'", "Duplicate entry '…' for key '…'"),
            ("invalid input syntax for type integer: \"4x\"", "invalid input syntax for type integer: \"…\""),
            ("it's closed", "it's closed"),
            ("left open: 'o'brien", "left open: '…'brien"),
            ("'never closed", "'…'"),
            ("no such table: a", "no such table: a"),
        ];
        for (message, shown) in cases {
            assert_eq!(Masked(message).to_string(), shown);
        }
    }
}
