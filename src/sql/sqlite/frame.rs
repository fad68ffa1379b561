//! Statements that select their columns with `*`.
//!
//! The driver keeps the columns of a statement as they were when it was prepared, although SQLite re-prepares the
//! statement by itself after another connection has changed the tables. A statement with a `*` then has other columns
//! than the driver believes: with more columns, the driver's thread panics; otherwise the values stand under the wrong
//! names. SQLite notices a change only when a statement begins to run, possibly long after it was prepared, because it
//! may have waited for the connection that changes the tables. So such a statement is not kept, and is prepared in a
//! transaction, after a look at the tables: from then on, they stay as they are.

use sqlx::{AssertSqlSafe, SqlSafeStr as _, Sqlite, SqliteConnection};

use crate::sql::dialect::{Step, execute};
use crate::sql::query::OwnedQuery;
use crate::sql::text::marks::Marks;
use crate::sql::text::{Begins, Reading};

/// A statement that does nothing, since no trigger can have that name. SQLite looks for it in every database that is
/// attached, and reads the tables of each again if they were changed.
const LOOK: &str = "DROP TRIGGER IF EXISTS sqlite_none;\n";

/// The statements around a statement, sent with it.
pub(super) struct Frame {
    /// Begins the transaction, if there is none.
    pub(super) begin: Option<&'static str>,
    /// How many results come before that of the statement.
    before: usize,
    /// How many results have come.
    pub(super) results: usize,
    /// The result of the statement, held until the transaction is committed.
    pub(super) held: Option<Step<Sqlite>>,
    committed: bool,
}

impl Frame {
    /// Adds nothing.
    pub(super) const NONE: Self = Self { begin: None, before: 0, results: 0, held: None, committed: false };
    /// Adds a look at the tables.
    pub(super) const LOOK: Self = Self { before: 1, ..Self::NONE };

    /// The frame of a text, if it needs one. No transaction may be put around one that is `open`, nor around several
    /// statements, of which any may give the rows.
    pub(super) fn around(reading: &Reading, open: bool) -> Option<Self> {
        if reading.has_several() {
            return reading.has_any(Marks::STAR).then_some(Self::LOOK);
        }
        let begin = Rows::of(reading)?.begin();
        Some(if open { Self::LOOK } else { Self { begin: Some(begin), before: 2, ..Self::NONE } })
    }

    /// The query with the statements around it.
    pub(super) fn text(&self, mut query: OwnedQuery<Sqlite>) -> OwnedQuery<Sqlite> {
        let sql = query.sql.as_str();
        let text = match self.begin {
            Some(begin) => format!("{begin};\n{LOOK}{sql}\n;COMMIT"),
            None if self.before > 0 => format!("{LOOK}{sql}"),
            None => return query,
        };
        query.sql = AssertSqlSafe(text).into_sql_str();
        query.persistent = false;
        query
    }

    /// The step, if it belongs to the statement itself and can be passed on at once.
    pub(super) fn inside(&mut self, step: Step<Sqlite>) -> Option<Step<Sqlite>> {
        if step.is_right() || self.before == 0 {
            return Some(step);
        }
        self.results += 1;
        if self.results <= self.before {
            return None;
        }
        if self.begin.is_none() {
            return Some(step);
        }
        self.committed = self.held.is_some();
        self.held.get_or_insert(step);
        None
    }

    /// Whether the statement has ended and its transaction has not: the commit was inside an unclosed comment, or the
    /// driver stopped.
    pub(super) const fn is_open(&self) -> bool {
        self.held.is_some() && !self.committed
    }

    /// Commits, if that is still to be done.
    pub(super) async fn close(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        if !self.is_open() {
            return Ok(());
        }
        match execute::<Sqlite>(connection, "COMMIT".into_sql_str()).await {
            Err(error) => Err(self.undo(connection, error).await),
            committed => committed,
        }
    }

    /// Rolls back a transaction that has begun; returns the error to report.
    pub(super) async fn undo(&self, connection: &mut SqliteConnection, error: sqlx::Error) -> sqlx::Error {
        if self.begin.is_none() || self.results == 0 {
            return error;
        }
        match execute::<Sqlite>(connection, "ROLLBACK".into_sql_str()).await {
            Ok(()) => error,
            Err(sqlx::Error::Database(none)) if none.message().contains("no transaction") => error,
            // The open transaction would be left to the next user of the connection.
            Err(_) => sqlx::Error::WorkerCrashed,
        }
    }
}

/// Whether a transaction could not begin because there is one already.
pub(super) fn is_within(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.message().contains("within a transaction"))
}

/// A statement that returns rows, and whose text does not name all columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    Read,
    Written,
}

impl Rows {
    /// May be wrong for a multiplication, which does no harm.
    fn of(reading: &Reading) -> Option<Self> {
        if !reading.has_any(Marks::STAR) {
            return None;
        }
        let returns = reading.has_any(Marks::RETURNING);
        match reading.begins() {
            Begins::Query => Some(Self::Read),
            Begins::With if !returns => Some(Self::Read),
            Begins::With | Begins::Write => returns.then_some(Self::Written),
            Begins::Other => None,
        }
    }

    /// A write takes the lock at the begin: to a transaction that has read before, SQLite may refuse it at once,
    /// whatever the timeout is.
    const fn begin(self) -> &'static str {
        match self {
            Self::Read => "BEGIN",
            Self::Written => "BEGIN IMMEDIATE",
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::SqliteQueryResult;

    use super::*;
    use crate::sql::sqlite::SYNTAX;

    fn read(sql: &str) -> Reading {
        Reading::of(sql, &SYNTAX, false)
    }

    #[test]
    fn rows_with_unnamed_columns_are_told_by_the_text() {
        for (sql, rows) in [
            ("SELECT a, count(*) FROM t", None),
            ("select count(*), * FROM t", Some(Rows::Read)),
            ("-- all\n/* of it */ SELECT t.* FROM t", Some(Rows::Read)),
            ("WITH c AS (SELECT 1) SELECT * FROM c", Some(Rows::Read)),
            ("INSERT INTO t VALUES (1) RETURNING *", Some(Rows::Written)),
            ("REPLACE INTO t VALUES (1) returning t.*", Some(Rows::Written)),
            ("WITH c AS (SELECT 1) DELETE FROM t RETURNING *", Some(Rows::Written)),
            ("INSERT INTO t SELECT * FROM u", None),
            ("CREATE TABLE t AS SELECT * FROM u", None),
            ("*", None),
        ] {
            assert_eq!(Rows::of(&read(sql)), rows, "{sql}");
        }
    }

    #[test]
    fn a_result_is_told_when_it_is_committed() {
        let result = || Step::<Sqlite>::Left(SqliteQueryResult::default());
        let mut frame = Frame::around(&read("SELECT * FROM t"), false).unwrap();
        assert!((0..3).all(|_| frame.inside(result()).is_none()));
        assert!(frame.is_open());
        assert!(frame.inside(result()).is_none());
        assert!(!frame.is_open() && frame.held.is_some());

        let mut look = Frame::around(&read("SELECT * FROM t"), true).unwrap();
        assert!(look.inside(result()).is_none() && look.inside(result()).is_some() && !look.is_open());

        let several = |sql| Frame::around(&read(sql), false).map(|frame| frame.begin);
        assert_eq!(several("UPDATE t SET n = 1; SELECT * FROM t"), Some(None));
        assert_eq!(several("UPDATE t SET n = 1; SELECT n FROM t"), None);
    }
}
