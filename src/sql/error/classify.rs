//! The meaning of a driver's error.

use std::error::Error as StdError;
use std::io;

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

use crate::problem::Cause;
use crate::sql::SqlDatabase;
use crate::sql::classification::Classification;
use crate::sql::error::redact::DriverError;
use crate::sql::error::sent::Sent;
use crate::store::{Earlier, Error, ErrorKind};

impl Classification {
    /// A value that cannot be stored is the program's own if it stands in a text of the program, or if nothing of the
    /// statement can come from a client.
    fn of_statement(mut self, error: &dyn DatabaseError) -> Self {
        let is_literal = self.is_literal;
        let is_own = |sent: &Sent| sent.is_the_programs(error) || is_literal && sent.is_fixed();
        if self.kind == ErrorKind::InvalidValue && Sent::answered_by(error).is_some_and(is_own) {
            self.kind = ErrorKind::Other;
        }
        self
    }

    /// An error of one database.
    pub(crate) fn of_driver<DB: SqlDatabase>(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                let fault =
                    crate::sql::error::guard_error::classify(&**error).unwrap_or_else(|| DB::classify(&**error));
                fault.of_statement(&**error)
            }
            other => of_sqlx(other).into(),
        }
    }

    /// An error of whichever database it is.
    fn of_any(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => crate::sql::classify_any(&**error).of_statement(&**error),
            sqlx::Error::Migrate(error) => match &**error {
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::of_any(error),
                _ => ErrorKind::Other.into(),
            },
            other => of_sqlx(other).into(),
        }
    }

    pub(crate) fn into_error(self, source: sqlx::Error) -> Error {
        let first = source.as_database_error().and_then(|error| {
            let sent = Sent::answered_by(error).and_then(Sent::first);
            sent.or_else(|| crate::sql::error::guard_error::first(error)).cloned()
        });
        self.into_error_after(source, first)
    }

    /// The error of a statement in a transaction whose first failure was `first`.
    pub(crate) fn into_error_after(self, source: sqlx::Error, first: Option<Earlier>) -> Error {
        let first = first.filter(|_| self.kind == ErrorKind::Aborted);
        let mistake = crate::sql::error::sent::is_write_of_a_reader(&source);
        let (error, cause) = self.told(&source);
        let refused =
            source.as_database_error().is_some_and(|error| crate::sql::error::guard_error::classify(error).is_some());
        let error = match first {
            // The guard refused the statement, so no error of the driver belongs between the two.
            Some(first) if refused => error.caused_by(first),
            first => error.caused_by(DriverError::new(source, cause, first)),
        };
        if mistake { error.by_mistake() } else { error }
    }

    /// This failure, as the source of the errors that follow from it.
    pub(in crate::sql) fn earlier(self, source: &sqlx::Error) -> Earlier {
        let (error, cause) = self.told(source);
        Earlier::new(error.caused_by(cause))
    }

    /// The error without its source, and the cause, whose parts the log gets as fields.
    fn told(self, source: &sqlx::Error) -> (Error, Cause) {
        // The names of a text that was made while the program ran may be anything.
        let sent = source.as_database_error().and_then(Sent::answered_by).filter(|sent| sent.is_fixed());
        let query = sent.map(|sent| sent.text().summary()).filter(|summary| !summary.is_empty());
        let shown = crate::sql::error::redact::shown(source, &self);
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
fn of_sqlx(error: &sqlx::Error) -> ErrorKind {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => ErrorKind::ConnectionLost,
        // Either the connection was cut during the handshake, or the two sides do not agree, and a retry would not
        // help.
        sqlx::Error::Tls(error) if is_cut(&**error) => ErrorKind::ConnectionLost,
        sqlx::Error::Tls(_) => ErrorKind::Configuration,
        // The connection was cut before TLS began: the driver takes the end of the stream for an answer.
        sqlx::Error::Protocol(text) if text.starts_with("unexpected response from SSLRequest: 0x00") => {
            ErrorKind::ConnectionLost
        }
        sqlx::Error::PoolTimedOut => ErrorKind::PoolExhausted,
        sqlx::Error::PoolClosed => ErrorKind::PoolClosed,
        sqlx::Error::RowNotFound => ErrorKind::RowNotFound,
        sqlx::Error::Configuration(_) => ErrorKind::Configuration,
        // A value that cannot be encoded is the caller's; what cannot be decoded is ours.
        sqlx::Error::Encode(_) | sqlx::Error::InvalidArgument(_) => ErrorKind::InvalidValue,
        sqlx::Error::BeginFailed => ErrorKind::TransactionLost,
        // `Protocol` is among these: the connection was not cut, and a retry would fail in the same way. Mostly, the
        // driver means that the number of values does not fit the statement.
        _ => ErrorKind::Other,
    }
}

fn is_cut(error: &(dyn StdError + 'static)) -> bool {
    error.is::<io::Error>() || error.source().is_some_and(is_cut)
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Classification::of_any(&error).into_error(error)
    }
}
