use std::borrow::BorrowMut;
use std::fmt::{self, Write as _};
use std::iter;

use sqlx::error::BoxDynError;
use sqlx::{Database, Execute, SqlSafeStr as _, SqlStr};

use super::dialect::SqlDatabase;
use super::span;
use super::statement::value::Value;
use super::text::Reading;
use super::text::kept::Kept;

/// The values that go with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sql) enum Bound {
    Nothing,
    /// Whole numbers and the like alone.
    WholeNumbers,
    /// One of them is not finite: no input gives such a number.
    NotFinite,
    /// Anything that a client may have sent.
    Anything,
}

impl Bound {
    pub(in crate::sql) fn of(values: &[Value<'_>]) -> Self {
        let is_whole =
            |value: &Value<'_>| matches!(value, Value::Null(_) | Value::Bool(_) | Value::I64(_) | Value::Timestamp(_));
        let is_not_finite = |value: &Value<'_>| matches!(value, Value::F64(number) if !number.is_finite());
        match values {
            [] => Self::Nothing,
            _ if values.iter().any(is_not_finite) => Self::NotFinite,
            _ if values.iter().all(is_whole) => Self::WholeNumbers,
            _ => Self::Anything,
        }
    }
}

/// A query with its parts: its text has to be read before it is sent, and sqlx hands it out only once.
pub(in crate::sql) struct OwnedQuery<DB: Database> {
    pub(in crate::sql) sql: SqlStr,
    /// The reading of the text, once it was read.
    reading: Option<Reading>,
    /// Whether the text was built only from texts of the program.
    pub(super) fixed: bool,
    /// The kinds of its values, where they are known.
    pub(super) bound: Option<Bound>,
    statement: Option<DB::Statement>,
    pub(in crate::sql) arguments: Result<Option<DB::Arguments>, Option<BoxDynError>>,
    pub(in crate::sql) persistent: bool,
}

/// The texts of sqlx's own queries that the program has sent.
static READ: Kept<Reading> = Kept::new();

/// Reads a text, unless it is one of the program's that was read before.
pub(in crate::sql) fn read<DB: SqlDatabase>(sql: &SqlStr) -> Reading {
    let text = sql.as_str();
    let read = |kept| Reading::of(text, DB::SYNTAX, kept || span::is_listened());
    READ.get(DB::SYNTAX.system, &iter::once(text), || is_static(sql), read).map_or_else(|own| own, Reading::borrowed)
}

impl<DB: Database> OwnedQuery<DB> {
    /// One of sqlx's own queries.
    pub(in crate::sql) fn of<'q>(mut query: impl Execute<'q, DB>) -> Self {
        let arguments = query.take_arguments().map_err(Some);
        let (statement, persistent) = (query.statement().cloned(), query.persistent());
        Self { sql: query.sql(), reading: None, fixed: false, bound: None, statement, arguments, persistent }
    }

    /// A query whose text was put together of the program's words, and read.
    pub(in crate::sql) fn fixed(
        sql: SqlStr,
        reading: Reading,
        arguments: DB::Arguments,
        bound: Bound,
        persistent: bool,
    ) -> Self {
        let (reading, bound, arguments) = (Some(reading), Some(bound), Ok(Some(arguments)));
        Self { sql, reading, fixed: true, bound, statement: None, arguments, persistent }
    }
}

impl<DB: SqlDatabase> OwnedQuery<DB> {
    /// The reading of its text.
    pub(in crate::sql) fn reading(&mut self) -> &Reading {
        let Self { sql, reading, .. } = self;
        reading.get_or_insert_with(|| read::<DB>(sql))
    }

    /// Keeps it from being prepared for longer than it runs.
    pub(in crate::sql) const fn unprepare(&mut self) {
        self.persistent = false;
    }

    /// Whether it cannot be several statements. With arguments, even none, it is prepared.
    pub(in crate::sql) const fn is_alone(&self) -> bool {
        DB::PREPARES_ONE && matches!(self.arguments, Ok(Some(_)))
    }

    /// A copy to send again, in case the server refuses the prepared statement that it has kept.
    pub(in crate::sql) fn again(&self) -> Option<Self> {
        let kept = self.persistent && !DB::IN_PROCESS && matches!(self.arguments, Ok(Some(_)));
        kept.then(|| self.clone())
    }
}

/// An error of the arguments is reported once: the copy has none.
impl<DB: SqlDatabase> Clone for OwnedQuery<DB> {
    fn clone(&self) -> Self {
        Self {
            sql: self.sql.clone(),
            reading: self.reading.clone(),
            fixed: self.fixed,
            bound: self.bound,
            statement: self.statement.clone(),
            arguments: self.arguments.as_ref().map(Clone::clone).map_err(|_| None),
            persistent: self.persistent,
        }
    }
}

/// A query on its way to a driver. It is owned if the stream outlives the code that makes it; otherwise it is borrowed,
/// so that its arguments, which are large, are not moved once more.
pub(in crate::sql) struct Executable<T>(pub(in crate::sql) T);

impl<'q, DB: Database, T: BorrowMut<OwnedQuery<DB>> + Send + 'q> Execute<'q, DB> for Executable<T> {
    fn sql(mut self) -> SqlStr {
        std::mem::replace(&mut self.0.borrow_mut().sql, "".into_sql_str())
    }

    fn statement(&self) -> Option<&DB::Statement> {
        self.0.borrow().statement.as_ref()
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        match &mut self.0.borrow_mut().arguments {
            Ok(arguments) => Ok(arguments.take()),
            Err(error) => Err(error.take().unwrap_or_else(|| "the arguments were taken before".into())),
        }
    }

    fn persistent(&self) -> bool {
        self.0.borrow().persistent
    }
}

/// Whether a text is a `&'static str`. sqlx shows this only in its `Debug` output. If that output changes, no text is
/// taken for the program's own, which is safe.
pub(in crate::sql) fn is_static(sql: &SqlStr) -> bool {
    let mut head = Head(String::new());
    // `Head` ends the output early with an error.
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
