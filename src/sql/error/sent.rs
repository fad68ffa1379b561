//! An error of a database, and the statement that it answers.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use sqlx::error::DatabaseError;
use sqlx::{Arguments as _, SqlStr};

use crate::sql::dialect::SqlDatabase;
use crate::sql::error::live_errors::LiveError;
use crate::sql::query::{Bound, OwnedQuery, is_static};
use crate::sql::span::QueryText;
use crate::sql::text::{Syntax, System};
use crate::store::{Earlier, ErrorKind};

/// A statement that was sent.
#[derive(Debug, Clone)]
pub(in crate::sql) struct Sent {
    sql: SqlStr,
    syntax: &'static Syntax,
    /// Whether the text was built only from texts of the program.
    fixed: bool,
    bound: Bound,
    /// Set if the program itself asked for a read-only session or transaction.
    only_reads: Option<OnlyReads>,
    /// The first failure of the transaction.
    first: Option<Earlier>,
}

/// The program itself asked to read only. (A standby server refuses writes with the same code.)
#[derive(Debug, Clone, Copy)]
struct OnlyReads;

impl Sent {
    pub(in crate::sql) fn of<DB: SqlDatabase>(query: &OwnedQuery<DB>, reads_only: bool) -> Self {
        let bound = query.bound.unwrap_or(match &query.arguments {
            Ok(Some(arguments)) if arguments.len() > 0 => Bound::Anything,
            _ => Bound::Nothing,
        });
        let only_reads = reads_only.then_some(OnlyReads);
        Self { sql: query.sql.clone(), syntax: DB::SYNTAX, fixed: query.fixed, bound, only_reads, first: None }
    }

    /// A text that the server parses and does not run.
    pub(in crate::sql) const fn only_looked_at<DB: SqlDatabase>(sql: SqlStr) -> Self {
        Self { sql, syntax: DB::SYNTAX, fixed: false, bound: Bound::Nothing, only_reads: None, first: None }
    }

    /// The statement that an error of a database answers, if it is known.
    pub(in crate::sql) fn answered_by(error: &dyn DatabaseError) -> Option<&Self> {
        StdError::source(error)?.downcast_ref()
    }

    pub(in crate::sql) fn text(&self) -> QueryText<'_> {
        QueryText { sql: self.sql.as_str(), syntax: self.syntax }
    }

    /// Whether the text holds only what the program was compiled with.
    pub(in crate::sql) fn is_fixed(&self) -> bool {
        self.fixed || is_static(&self.sql)
    }

    /// Whether a value that cannot be stored is the program's own: neither it nor a part of the text can come from a
    /// client. A whole number that was bound fits into any key of SQLite; one that does not was computed.
    pub(in crate::sql) fn is_the_programs(&self, error: &dyn DatabaseError) -> bool {
        let own = match self.bound {
            Bound::Nothing | Bound::NotFinite => true,
            Bound::WholeNumbers => self.syntax.system == System::Sqlite && error.message() == "datatype mismatch",
            Bound::Anything => false,
        };
        own && self.is_fixed()
    }

    /// The first failure of the transaction, if it came before the error of this statement.
    pub(in crate::sql) fn first(&self) -> Option<&Earlier> {
        self.first.as_ref()
    }

    /// The error, with the statement as its source. Downcasting to the driver's own error still works.
    pub(in crate::sql) fn told<DB: SqlDatabase>(
        &self,
        error: sqlx::Error,
        hold: Option<LiveError>,
        first: Option<&Earlier>,
    ) -> sqlx::Error {
        match error {
            sqlx::Error::Database(error) if crate::sql::error::guard_error::classify(&*error).is_none() => {
                let only_reads = self.only_reads.filter(|_| DB::classify(&*error).kind == ErrorKind::ReadOnly);
                let sent = Self { only_reads, first: first.cloned(), ..self.clone() };
                sqlx::Error::Database(Box::new(WithStatement { error, sent, _hold: hold }))
            }
            other => other,
        }
    }
}

/// Whether an error says that the program wrote after it had itself asked to read only.
pub(in crate::sql) fn is_write_of_a_reader(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else { return false };
    crate::sql::error::guard_error::is_write_of_a_reader(error)
        || Sent::answered_by(error).is_some_and(|sent| sent.only_reads.is_some())
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text().summary() {
            summary if self.is_fixed() && !summary.is_empty() => write!(f, "in {summary}"),
            _ => f.write_str("in a statement"),
        }
    }
}

impl StdError for Sent {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.only_reads.as_ref().map(|why| why as _)
    }
}

impl fmt::Display for OnlyReads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the session or transaction is for reading only")
    }
}

impl StdError for OnlyReads {}

/// A driver's error, with the statement that it answers.
struct WithStatement {
    error: Box<dyn DatabaseError>,
    sent: Sent,
    /// As long as this error exists, the work may be returning it to the retry loop.
    _hold: Option<LiveError>,
}

impl fmt::Debug for WithStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
    }
}

impl fmt::Display for WithStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl StdError for WithStatement {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.sent)
    }
}

impl DatabaseError for WithStatement {
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

    fn is_transient_in_connect_phase(&self) -> bool {
        self.error.is_transient_in_connect_phase()
    }

    fn constraint(&self) -> Option<&str> {
        self.error.constraint()
    }

    fn table(&self) -> Option<&str> {
        self.error.table()
    }

    fn kind(&self) -> sqlx::error::ErrorKind {
        self.error.kind()
    }
}
