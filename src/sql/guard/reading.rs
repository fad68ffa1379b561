//! Preparing a connection outside a transaction: making sure that each statement is a transaction of its own, and that
//! a read-only session cannot write.

use sqlx::SqlSafeStr;
use sqlx_core::transaction::TransactionManager;

use crate::sql::SqlDatabase;
use crate::sql::guard::Conn;
use crate::sql::guard::state::Progress;
use crate::sql::text::Residue;
use crate::store::Error;

impl<DB: SqlDatabase> Conn<DB> {
    /// Whether it is uncertain that each statement is a transaction of its own, so that its writes are kept when it
    /// ends.
    pub(in crate::sql) const fn must_establish(&self) -> bool {
        let unknown = self.source.is_taken() && !self.state.established;
        !self.state.armed && !self.state.alone && (self.state.unwatched || unknown)
    }

    /// Makes sure that each statement is a transaction of its own. On a database without a statement for that, a
    /// connection that was left inside a transaction is closed and replaced.
    pub(in crate::sql) async fn establish(&mut self) -> Result<(), Error> {
        while self.must_establish() {
            if let Some(sql) = DB::ESTABLISH {
                self.run(sql.into_sql_str()).await?;
            } else if self.is_inside().await? {
                // The code that began the transaction is gone, so a write in it would never be committed.
                self.state.unwatched = true;
                self.release();
                self.connected().await?;
                continue;
            }
            self.state.established = true;
            if std::mem::take(&mut self.state.unwatched) {
                self.leaves(Residue::Lasting);
            }
        }
        Ok(())
    }

    /// Whether the connection is inside a transaction, according to the server: sqlx believes that a transaction has
    /// begun only if the server says so, whatever the statement was.
    async fn is_inside(&mut self) -> Result<bool, Error> {
        self.state.statement = Progress::Sent;
        let begun = DB::TransactionManager::begin(self.connection()?, Some("SELECT 1".into_sql_str())).await;
        self.state.statement = Progress::Ended;
        match begun {
            Ok(()) => Ok(true),
            Err(sqlx::Error::BeginFailed) => Ok(false),
            Err(error) => Err(self.note(error)),
        }
    }

    /// Whether the next statement needs a transaction of its own that keeps it from writing.
    pub(in crate::sql) const fn must_begin_reading(&self) -> bool {
        self.read_only && !self.state.armed && DB::READING.is_some()
    }

    /// Begins that transaction. It ends with the next one, or when the connection goes back.
    pub(in crate::sql) async fn begin_reading(&mut self) -> Result<(), Error> {
        let Some(sql) = DB::READING else { return Ok(()) };
        if self.state.reading {
            // The rollback is only queued here: it is sent with the begin, in one round trip.
            DB::TransactionManager::start_rollback(self.connection()?);
        }
        self.state.reading = true;
        self.state.statement = Progress::Sent;
        let begun = DB::TransactionManager::begin(self.connection()?, Some(sql.into_sql_str())).await;
        self.state.statement = Progress::Ended;
        begun.map_err(|error| self.note(error))
    }

    /// Keeps the connection from writing, where the database has a switch for that.
    pub(in crate::sql) async fn forbid_writes(&mut self) -> Result<(), Error> {
        let Some((forbid, _)) = DB::WRITES else { return Ok(()) };
        self.state.statement = Progress::Sent;
        let forbidden = DB::cannot_write(self.connection()?).await;
        self.state.statement = Progress::Ended;
        // A pool may have set the switch itself: then it is left as it is.
        if forbidden.map_err(|error| self.note(error))? {
            return Ok(());
        }
        // Set before the statement is sent: from here on, a dropped connection must be allowed to write again.
        self.state.forbidden = true;
        self.run(forbid.into_sql_str()).await
    }
}
