//! What a driver's error means.

use sqlx::migrate::MigrateError;

use super::SqlDatabase;
use super::driver::DriverError;
use crate::data::{Error, Kind};

/// A kind, and the constraint where there is one.
#[derive(Debug)]
pub struct Fault {
    pub(crate) kind: Kind,
    pub(crate) constraint: Option<String>,
    /// The message is of the schema's own making: a trigger or a routine raised it.
    pub(crate) raised: bool,
}

impl From<Kind> for Fault {
    fn from(kind: Kind) -> Self {
        Self { kind, constraint: None, raised: false }
    }
}

impl Fault {
    pub(crate) fn new(kind: Kind, constraint: Option<String>, raised: bool) -> Self {
        Self { kind, constraint, raised }
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
            sqlx::Error::Migrate(error) => match &**error {
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::of_any(error),
                _ => Kind::Other.into(),
            },
            other => of_sqlx(other).into(),
        }
    }

    pub(crate) fn into_error(self, source: sqlx::Error) -> Error {
        let error = Error::new(self.kind).caused_by(DriverError::new(source, self.raised));
        match self.constraint {
            Some(name) => error.with_constraint(name),
            None => error,
        }
    }
}

/// Errors that did not come from the server.
fn of_sqlx(error: &sqlx::Error) -> Kind {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => Kind::ConnectionLost,
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

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Fault::of_any(&error).into_error(error)
    }
}
