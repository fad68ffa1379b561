//! What a driver's error means.

use std::error::Error as StdError;
use std::io;

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

use super::SqlDatabase;
use super::driver::DriverError;
use super::told::Sent;
use crate::data::error::Earlier;
use crate::data::{Error, Kind};
use crate::problem::Cause;

/// A kind, and the constraint where there is one.
#[derive(Debug)]
pub struct Fault {
    pub(crate) kind: Kind,
    pub(crate) constraint: Option<String>,
    pub(crate) quotes: Quotes,
    /// What is wrong is a value that stands in the text of the statement.
    pub(crate) is_literal: bool,
    /// Names that the address has.
    names: Vec<String>,
}

/// What a database quotes in a message.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Quotes {
    /// The message is of the schema's own making: a trigger or a routine raised it.
    Anything,
    /// Values, or nobody knows.
    Values,
    /// Names and words of the statement.
    #[cfg_attr(not(any(feature = "mysql", feature = "sqlite")), allow(dead_code, reason = "they say so"))]
    Names,
    /// Names and words of the statement, if one stands at this character of it.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "it says so"))]
    NamesAt(usize),
    /// Names of the schema or of the address, and nothing else.
    #[cfg_attr(
        not(any(feature = "mysql", feature = "postgres", feature = "sqlite")),
        allow(dead_code, reason = "they say so")
    )]
    Schema,
}

impl From<Kind> for Fault {
    fn from(kind: Kind) -> Self {
        Self::new(kind, None, Quotes::Values)
    }
}

impl Fault {
    pub(crate) const fn new(kind: Kind, constraint: Option<String>, quotes: Quotes) -> Self {
        Self { kind, constraint, quotes, is_literal: false, names: Vec::new() }
    }

    /// These names may be shown.
    #[cfg_attr(not(any(feature = "mysql", feature = "postgres")), allow(dead_code, reason = "they have an address"))]
    pub(super) fn knowing(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.names.extend(names);
        self
    }

    /// The names that may be shown, whatever the statement was: those of the constraint and of the address.
    pub(super) fn known(&self) -> impl Iterator<Item = &str> {
        self.names.iter().chain(&self.constraint).map(String::as_str)
    }

    /// A value that cannot be stored is the program's own if it stands in a text of the program, or if nothing of the
    /// statement can come from a client.
    fn of_statement(mut self, error: &dyn DatabaseError) -> Self {
        let is_literal = self.is_literal;
        let is_own = |sent: &Sent| sent.is_the_programs(error) || is_literal && sent.is_fixed();
        if self.kind == Kind::InvalidValue && Sent::answered_by(error).is_some_and(is_own) {
            self.kind = Kind::Other;
        }
        self
    }

    /// An error of one database.
    pub(crate) fn of_driver<DB: SqlDatabase>(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                let fault = super::refused::fault(&**error).unwrap_or_else(|| DB::fault(&**error));
                fault.of_statement(&**error)
            }
            other => of_sqlx(other).into(),
        }
    }

    /// An error of whichever database it is.
    fn of_any(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => super::fault_of_any(&**error).of_statement(&**error),
            sqlx::Error::Migrate(error) => match &**error {
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::of_any(error),
                _ => Kind::Other.into(),
            },
            other => of_sqlx(other).into(),
        }
    }

    pub(crate) fn into_error(self, source: sqlx::Error) -> Error {
        let first = source.as_database_error().and_then(|error| {
            let sent = Sent::answered_by(error).and_then(Sent::first);
            sent.or_else(|| super::refused::first(error)).cloned()
        });
        self.into_error_after(source, first)
    }

    /// The error of something that failed in a transaction in which something had failed before.
    pub(crate) fn into_error_after(self, source: sqlx::Error, first: Option<Earlier>) -> Error {
        let first = first.filter(|_| self.kind == Kind::Aborted);
        let mistake = super::told::is_write_of_a_reader(&source);
        let (error, cause) = self.told(&source);
        let refused = source.as_database_error().is_some_and(|error| super::refused::fault(error).is_some());
        let error = match first {
            // The driver was not asked.
            Some(first) if refused => error.caused_by(first),
            first => error.caused_by(DriverError::new(source, cause, first)),
        };
        if mistake { error.by_mistake() } else { error }
    }

    /// The same, for the errors that come of it later.
    pub(super) fn earlier(self, source: &sqlx::Error) -> Earlier {
        let (error, cause) = self.told(source);
        Earlier::new(error.caused_by(cause))
    }

    /// The error without its source, and what the log is told of it in fields.
    fn told(self, source: &sqlx::Error) -> (Error, Cause) {
        // The names of a text that was made while the program ran may be anything.
        let sent = source.as_database_error().and_then(Sent::answered_by).filter(|sent| sent.is_fixed());
        let query = sent.map(|sent| sent.text().summary()).filter(|summary| !summary.is_empty());
        let shown = super::driver::shown(source, &self);
        let mut error = Error::new(self.kind);
        if !shown.is_empty() {
            error = error.because(shown);
        }
        if let Some(name) = &self.constraint {
            error = error.with_constraint(name);
        }
        let (kind, why) = (format!("{:?}", self.kind), error.to_string().into_boxed_str());
        let (constraint, query) = (self.constraint.map(String::into_boxed_str), query.map(String::into_boxed_str));
        (error, Cause { kind, constraint, query, why })
    }
}

/// Errors that did not come from the server.
fn of_sqlx(error: &sqlx::Error) -> Kind {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => Kind::ConnectionLost,
        // Somebody hung up in the middle of it; or the two sides do not agree, and will not.
        sqlx::Error::Tls(error) if is_cut(&**error) => Kind::ConnectionLost,
        sqlx::Error::Tls(_) => Kind::Configuration,
        // Somebody hung up before TLS began: the driver takes the end for an answer.
        sqlx::Error::Protocol(text) if text.starts_with("unexpected response from SSLRequest: 0x00") => {
            Kind::ConnectionLost
        }
        sqlx::Error::PoolTimedOut => Kind::PoolExhausted,
        sqlx::Error::PoolClosed => Kind::PoolClosed,
        sqlx::Error::RowNotFound => Kind::RowNotFound,
        sqlx::Error::Configuration(_) => Kind::Configuration,
        // A value that cannot be encoded is the caller's; what cannot be decoded is ours.
        sqlx::Error::Encode(_) | sqlx::Error::InvalidArgument(_) => Kind::InvalidValue,
        sqlx::Error::BeginFailed => Kind::TransactionLost,
        // `Protocol` is among these: nobody has hung up, and the same would come of it again. Mostly it is the driver's
        // word for a number of values that does not fit the statement.
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
