//! The meaning of a driver's error.

use std::error::Error as StdError;
use std::io;

use sqlx::migrate::MigrateError;

use super::SqlDatabase;
use super::driver::DriverError;
use super::told::Sent;
use crate::problem::Cause;
use crate::store::{Error, Kind};

/// A kind, and the constraint if there is one.
#[derive(Debug)]
pub struct Fault {
    pub(crate) kind: Kind,
    pub(crate) constraint: Option<String>,
    pub(crate) quotes: Quotes,
}

/// The things that a database quotes in a message.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Quotes {
    /// The schema made the message: a trigger or a routine raised it.
    Anything,
    /// Values, or it is unknown what is quoted.
    Values,
    /// Names and words of the statement.
    #[cfg_attr(not(any(feature = "mysql", feature = "sqlite")), allow(dead_code, reason = "they say so"))]
    Names,
    /// Names and words of the statement, if one of them stands at this character of the statement.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "it says so"))]
    NamesAt(usize),
}

impl From<Kind> for Fault {
    fn from(kind: Kind) -> Self {
        Self::new(kind, None, Quotes::Values)
    }
}

impl Fault {
    pub(crate) const fn new(kind: Kind, constraint: Option<String>, quotes: Quotes) -> Self {
        Self { kind, constraint, quotes }
    }

    /// Adjusts the kind: a value that cannot be stored is the program's own if nothing of the statement can come from a
    /// client.
    fn of_statement(mut self, sent: Option<&Sent>) -> Self {
        if self.kind == Kind::InvalidValue && sent.is_some_and(Sent::is_the_programs) {
            self.kind = Kind::Other;
        }
        self
    }

    /// The fault of an error of one database.
    pub(crate) fn of_driver<DB: SqlDatabase>(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                let fault = super::refused::fault(&**error).unwrap_or_else(|| DB::fault(&**error));
                fault.of_statement(Sent::answered_by(&**error))
            }
            other => of_sqlx(other).into(),
        }
    }

    /// The fault of an error of any database.
    fn of_any(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => super::fault_of_any(&**error).of_statement(Sent::answered_by(&**error)),
            sqlx::Error::Migrate(error) => match &**error {
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::of_any(error),
                _ => Kind::Other.into(),
            },
            other => of_sqlx(other).into(),
        }
    }

    pub(crate) fn into_error(self, source: sqlx::Error) -> Error {
        // A text that was built at run time may contain any name, so its summary is not shown.
        let sent = source.as_database_error().and_then(Sent::answered_by).filter(|sent| sent.is_fixed());
        let query = sent.map(|sent| sent.text().summary()).filter(|summary| !summary.is_empty());
        let constraint = self.constraint.clone().map(String::into_boxed_str);
        let cause = Cause { kind: format!("{:?}", self.kind), constraint, query: query.map(String::into_boxed_str) };
        let mistake = super::refused::is_write_of_a_reader(&source);
        let driver = DriverError::new(source, self.quotes, cause);
        let error = Error::new(self.kind).because(driver.shown()).caused_by(driver);
        let error = if mistake { error.by_mistake() } else { error };
        match self.constraint {
            Some(name) => error.with_constraint(name),
            None => error,
        }
    }
}

/// Errors that did not come from the server.
fn of_sqlx(error: &sqlx::Error) -> Kind {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => Kind::ConnectionLost,
        // The connection was cut off in the middle of the handshake; or the two sides do not agree, and never will.
        sqlx::Error::Tls(error) if is_cut(&**error) => Kind::ConnectionLost,
        sqlx::Error::Tls(_) => Kind::Configuration,
        // The connection was closed before TLS began: the driver takes its end for an answer.
        sqlx::Error::Protocol(text) if text.starts_with("unexpected response from SSLRequest: 0x00") => {
            Kind::ConnectionLost
        }
        sqlx::Error::PoolTimedOut => Kind::PoolExhausted,
        sqlx::Error::PoolClosed => Kind::PoolClosed,
        sqlx::Error::RowNotFound => Kind::RowNotFound,
        sqlx::Error::Configuration(_) => Kind::Configuration,
        // A value that cannot be encoded is the caller's mistake; one that cannot be decoded is this side's.
        sqlx::Error::Encode(_) | sqlx::Error::InvalidArgument(_) => Kind::InvalidValue,
        sqlx::Error::BeginFailed => Kind::TransactionLost,
        // `Protocol` is among these: the connection is open, and a retry would fail in the same way. Mostly the driver
        // reports with it that the number of values does not fit the statement.
        _ => Kind::Other,
    }
}

fn is_cut(error: &(dyn StdError + 'static)) -> bool {
    error.is::<io::Error>() || error.source().is_some_and(is_cut)
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Fault::of_any(&error).into_error(error)
    }
}
