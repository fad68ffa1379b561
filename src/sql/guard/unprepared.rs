//! Statements behind a pooler that shares sessions. Between two transactions, the pooler may give a client another
//! session. The other session knows nothing of the statements that were prepared on the previous one, or it holds
//! another client's statements under the same names.
//!
//! The driver prepares a statement and runs it in two messages. So a statement with arguments gets a transaction of its
//! own, unless it is inside one; it is prepared without a name, and nothing of it stays.

use sqlx::SqlSafeStr;

use crate::sql::error::guard_error::guard_error;
use crate::sql::guard::Conn;
use crate::sql::guard::state::Progress;
use crate::sql::{SqlDatabase, dialect};
use crate::store::{Error, ErrorKind};

impl<DB: SqlDatabase> Conn<DB> {
    pub(in crate::sql) const fn is_unprepared(&self) -> bool {
        self.source.is_unprepared()
    }

    /// Fails if the session keeps no prepared statements: then nothing can stay prepared, and rows cannot be streamed
    /// outside a transaction.
    pub(in crate::sql) fn refuse_unprepared(&self, what: &'static str) -> Result<(), sqlx::Error> {
        if self.is_unprepared() { Err(guard_error(&Error::new(ErrorKind::Unsupported).because(what))) } else { Ok(()) }
    }

    /// Whether a statement with arguments needs a transaction that is begun for it alone. A read-only session puts each
    /// statement into one anyway.
    pub(in crate::sql) const fn must_be_alone(&self) -> bool {
        self.is_unprepared() && !self.in_transaction() && !self.must_begin_reading()
    }

    /// Begins the transaction of one statement.
    pub(in crate::sql) async fn begin_alone(&mut self) -> Result<(), sqlx::Error> {
        self.ready().await.map_err(|error| guard_error(&error))?;
        // From here on, a dropped connection does not go back as it is.
        self.state.alone = true;
        self.say("BEGIN").await
    }

    /// Ends the transaction of one statement.
    pub(in crate::sql) async fn end_alone(&mut self, outcome: Result<(), sqlx::Error>) -> Result<(), sqlx::Error> {
        let ended = match &outcome {
            Ok(()) => self.say("COMMIT").await,
            Err(_) if self.state.statement == Progress::Ended => self.say("ROLLBACK").await,
            Err(_) => return outcome,
        };
        if ended.is_ok() {
            self.state.alone = false;
        }
        outcome.and(ended)
    }

    async fn say(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        self.state.statement = Progress::Sent;
        let connection = self.connection().map_err(|error| guard_error(&error))?;
        let said = dialect::execute::<DB>(connection, sql.into_sql_str()).await;
        self.parts()?.watch.ended::<DB, _>(&said);
        said
    }
}
