use sqlx::error::BoxDynError;
use sqlx::{Database, Execute, SqlSafeStr as _, SqlStr};

use super::database::SqlDatabase;

/// A query taken apart: its text can be had only once, and has to be looked at before it is sent.
pub(super) struct Taken<DB: Database> {
    pub(super) sql: SqlStr,
    statement: Option<DB::Statement>,
    arguments: Result<Option<DB::Arguments>, Option<BoxDynError>>,
    persistent: bool,
}

impl<DB: Database> Taken<DB> {
    pub(super) fn of<'q>(mut query: impl Execute<'q, DB>) -> Self {
        let arguments = query.take_arguments().map_err(Some);
        let (statement, persistent) = (query.statement().cloned(), query.persistent());
        Self { sql: query.sql(), statement, arguments, persistent }
    }
}

impl<DB: SqlDatabase> Taken<DB> {
    /// Whether it cannot be several statements. With arguments, even none, it is prepared.
    pub(super) const fn is_alone(&self) -> bool {
        DB::PREPARES_ONE && matches!(self.arguments, Ok(Some(_)))
    }
}

/// Given to a driver where it lies: arguments are large, and are moved often enough.
impl<'q, DB: Database> Execute<'q, DB> for &'q mut Taken<DB> {
    fn sql(self) -> SqlStr {
        std::mem::replace(&mut self.sql, "".into_sql_str())
    }

    fn statement(&self) -> Option<&DB::Statement> {
        self.statement.as_ref()
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        match &mut self.arguments {
            Ok(arguments) => Ok(arguments.take()),
            Err(error) => Err(error.take().unwrap_or_else(|| "the arguments were taken before".into())),
        }
    }

    fn persistent(&self) -> bool {
        self.persistent
    }
}

/// Given to a driver for good, for a stream that outlives whoever made it.
impl<DB: Database> Execute<'_, DB> for Taken<DB> {
    fn sql(self) -> SqlStr {
        self.sql
    }

    fn statement(&self) -> Option<&DB::Statement> {
        self.statement.as_ref()
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        (&mut &mut *self).take_arguments()
    }

    fn persistent(&self) -> bool {
        self.persistent
    }
}
