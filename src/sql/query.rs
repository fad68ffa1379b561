use std::borrow::BorrowMut;

use sqlx::error::BoxDynError;
use sqlx::{Database, Execute, SqlSafeStr as _, SqlStr};

use super::dialect::SqlDatabase;

/// The values that went with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sql) enum Bound {
    Nothing,
    /// Whole numbers and the like alone.
    WholeNumbers,
    /// One of them is not finite: no input gives such a number.
    NotFinite,
    /// Whatever a client may have sent.
    Anything,
}

/// A query taken apart: its text can be had only once, and has to be looked at before it is sent.
pub(in crate::sql) struct Taken<DB: Database> {
    pub(in crate::sql) sql: SqlStr,
    /// The text was put together of nothing but texts of the program.
    pub(super) fixed: bool,
    /// The kinds of its values, where they are known.
    pub(super) bound: Option<Bound>,
    statement: Option<DB::Statement>,
    pub(in crate::sql) arguments: Result<Option<DB::Arguments>, Option<BoxDynError>>,
    pub(in crate::sql) persistent: bool,
}

impl<DB: Database> Taken<DB> {
    pub(in crate::sql) fn of<'q>(mut query: impl Execute<'q, DB>) -> Self {
        let arguments = query.take_arguments().map_err(Some);
        let (statement, persistent) = (query.statement().cloned(), query.persistent());
        Self { sql: query.sql(), fixed: false, bound: None, statement, arguments, persistent }
    }
}

impl<DB: SqlDatabase> Taken<DB> {
    /// Keeps it from being prepared for longer than it runs.
    pub(in crate::sql) const fn unprepare(&mut self) {
        self.persistent = false;
    }

    /// Whether it cannot be several statements. With arguments, even none, it is prepared.
    pub(in crate::sql) const fn is_alone(&self) -> bool {
        DB::PREPARES_ONE && matches!(self.arguments, Ok(Some(_)))
    }

    /// The same once more, for a server that may refuse the statement it has kept.
    pub(in crate::sql) fn again(&self) -> Option<Self> {
        let kept = self.persistent && !DB::IN_PROCESS && matches!(self.arguments, Ok(Some(_)));
        kept.then(|| self.clone())
    }
}

/// An error of the arguments is reported once: the copy has none.
impl<DB: SqlDatabase> Clone for Taken<DB> {
    fn clone(&self) -> Self {
        Self {
            sql: self.sql.clone(),
            fixed: self.fixed,
            bound: self.bound,
            statement: self.statement.clone(),
            arguments: self.arguments.as_ref().map(Clone::clone).map_err(|_| None),
            persistent: self.persistent,
        }
    }
}

/// A query on its way to a driver: for good, for a stream that outlives whoever made it, or else where it lies, because
/// arguments are large and are moved often enough.
pub(in crate::sql) struct Given<T>(pub(in crate::sql) T);

impl<'q, DB: Database, T: BorrowMut<Taken<DB>> + Send + 'q> Execute<'q, DB> for Given<T> {
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
