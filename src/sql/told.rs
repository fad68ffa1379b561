//! An error of a database, and the statement that it answers.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::{self, Write as _};

use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::{Arguments as _, SqlStr};

use super::database::SqlDatabase;
use super::taken::Taken;
use crate::sql::observe::{QueryText, Syntax};

/// A statement that was sent.
#[derive(Debug)]
pub(super) struct Sent {
    sql: SqlStr,
    syntax: Syntax,
    /// Whether the text was built only from texts of the program.
    fixed: bool,
    /// Whether values were sent with it.
    bound: bool,
}

impl Sent {
    pub(super) fn of<DB: SqlDatabase>(query: &Taken<DB>) -> Self {
        let bound = matches!(&query.arguments, Ok(Some(arguments)) if arguments.len() > 0);
        Self { sql: query.sql.clone(), syntax: DB::SYNTAX, fixed: query.fixed, bound }
    }

    /// The statement that an error of a database answers, if it is known.
    pub(super) fn answered_by(error: &dyn DatabaseError) -> Option<&Self> {
        StdError::source(error)?.downcast_ref()
    }

    pub(super) fn text(&self) -> QueryText<'_> {
        QueryText { sql: self.sql.as_str(), syntax: self.syntax }
    }

    /// Whether the text holds only what the program was compiled with.
    pub(super) fn is_fixed(&self) -> bool {
        self.fixed || is_static(&self.sql)
    }

    /// Whether no part of it can come from a client: neither a value nor a part of the text.
    pub(super) fn is_the_programs(&self) -> bool {
        !self.bound && self.is_fixed()
    }

    /// The error, with the statement as its source. Downcasting to the driver's own error still works.
    pub(super) fn told(&self, error: sqlx::Error) -> sqlx::Error {
        match error {
            sqlx::Error::Database(error) if super::refused::fault(&*error).is_none() => {
                let Self { sql, syntax, fixed, bound } = self;
                let sent = Self { sql: sql.clone(), syntax: *syntax, fixed: *fixed, bound: *bound };
                sqlx::Error::Database(Box::new(Told { error, sent }))
            }
            other => other,
        }
    }
}

/// Whether a text is a `&'static str`. sqlx knows this but does not expose it, except by the name with which its
/// `Debug` output begins; if that name changed, no text would be taken for the program's own.
fn is_static(sql: &SqlStr) -> bool {
    let mut head = Head(String::new());
    // Writing ends early, which is an error.
    let _ = write!(head, "{sql:?}");
    head.0.starts_with("SqlStr(Static(")
}

/// The first characters of the output.
struct Head(String);

impl fmt::Write for Head {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() > 16 {
            return Err(fmt::Error);
        }
        self.0.extend(text.chars().take(16));
        Ok(())
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text().summary() {
            summary if self.is_fixed() && !summary.is_empty() => write!(f, "in {summary}"),
            _ => f.write_str("in a statement"),
        }
    }
}

impl StdError for Sent {}

struct Told {
    error: Box<dyn DatabaseError>,
    sent: Sent,
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl StdError for Told {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.sent)
    }
}

impl DatabaseError for Told {
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

    fn kind(&self) -> ErrorKind {
        self.error.kind()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sqlx::{AssertSqlSafe, SqlSafeStr};

    use super::*;

    #[test]
    fn a_text_of_the_program_is_told_from_others() {
        assert!(is_static(&"SELECT 'a long text'".into_sql_str().clone()));
        let made = "SqlStr(Static(";
        for other in [
            AssertSqlSafe(made).into_sql_str(),
            AssertSqlSafe(made.to_owned()).into_sql_str(),
            AssertSqlSafe(Box::<str>::from(made)).into_sql_str(),
            AssertSqlSafe(Arc::<str>::from(made)).into_sql_str(),
            AssertSqlSafe(Arc::new(made.to_owned())).into_sql_str(),
            AssertSqlSafe(made).into_sql_str().clone(),
        ] {
            assert!(!is_static(&other), "{other:?}");
        }
    }
}
