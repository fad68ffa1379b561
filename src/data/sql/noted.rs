use sqlx::error::BoxDynError;
use sqlx::{Database, Execute, SqlStr};

use super::database::SqlDatabase;
use super::fault::Fault;
use super::lease::Lease;
use crate::data::observe::{QuerySpan, QueryText};

/// A query whose text is noted when the driver asks for it, which is when it is sent, and the only time that it can be
/// had.
pub(super) struct Noted<E> {
    query: E,
    text: QueryText,
}

impl<E> Noted<E> {
    pub(super) fn new<DB: SqlDatabase>(query: E, span: &QuerySpan) -> Self {
        Self { query, text: span.text(DB::SYNTAX) }
    }
}

impl<'q, DB: Database, E: Execute<'q, DB>> Execute<'q, DB> for Noted<E> {
    fn sql(self) -> SqlStr {
        let sql = self.query.sql();
        self.text.note(sql.as_str());
        sql
    }

    fn statement(&self) -> Option<&DB::Statement> {
        self.query.statement()
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        self.query.take_arguments()
    }

    fn persistent(&self) -> bool {
        self.query.persistent()
    }
}

/// A statement of a pool begins.
pub(super) fn span<DB: SqlDatabase>(lease: &Lease<DB>) -> QuerySpan {
    QuerySpan::new(|| QuerySpan::open(DB::SYSTEM, &DB::peer(&lease.pool().connect_options())))
}

/// A statement failed.
pub(super) fn failed<DB: SqlDatabase>(span: &QuerySpan, error: &sqlx::Error) {
    if !span.span().is_disabled() {
        let code = error.as_database_error().and_then(DB::code);
        span.failed(code.as_deref(), Fault::of_driver::<DB>(error).kind);
    }
}
