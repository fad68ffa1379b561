//! Checking whether a transaction still exists.

use sqlx::{AssertSqlSafe, SqlSafeStr};
use sqlx_core::transaction::TransactionManager;

use crate::sql::SqlDatabase;
use crate::sql::guard::Conn;
use crate::sql::guard::state::{Progress, Suspect};
use crate::store::unit::Unit as _;
use crate::store::{Error, ErrorKind};

impl<DB: SqlDatabase> Conn<DB> {
    /// Whether the transaction must be checked before a statement. No check is needed after a failed statement if the
    /// server itself refuses everything after an error.
    pub(in crate::sql) const fn must_ask(&self) -> bool {
        match self.suspect {
            Suspect::No => false,
            Suspect::Failed => !DB::ERROR_ENDS_TRANSACTION,
            Suspect::Probed => true,
        }
    }

    /// Prepares for an operation that the guard does not see.
    pub(in crate::sql) async fn set_probe(&mut self) -> Result<(), Error> {
        if !self.state.armed {
            self.state.unwatched = true;
            return Ok(());
        }
        self.check_usable()?;
        self.probe = fastrand::u64(..);
        self.run_probe("SAVEPOINT").await?;
        self.suspect = Suspect::Probed;
        Ok(())
    }

    async fn run_probe(&mut self, verb: &str) -> Result<(), Error> {
        self.run(AssertSqlSafe(format!("{verb} buttress_{:016x}", self.probe)).into_sql_str()).await
    }

    /// Checks whether the transaction still exists, after an operation that may have ended it.
    pub(in crate::sql) async fn ask(&mut self) -> Result<(), Error> {
        self.check_usable()?;
        if self.suspect == Suspect::Probed {
            return self.release_probe().await;
        }
        self.state.statement = Progress::Sent;
        let answer = DB::is_alive(self.connection()?).await;
        self.state.statement = Progress::Ended;
        match answer {
            Ok(true) => self.is_intact(),
            // The server refuses everything until a rollback to a savepoint, so its answer decides, and the transaction
            // is not doomed here.
            Ok(false) if DB::ERROR_ENDS_TRANSACTION => return Err(self.failed_before(ErrorKind::Aborted)),
            Ok(false) => {
                self.seen.doomed.get_or_insert(ErrorKind::TransactionLost);
            }
            Err(error) => return Err(self.note(error)),
        }
        self.check_usable()
    }

    async fn release_probe(&mut self) -> Result<(), Error> {
        let released = self.run_probe("RELEASE SAVEPOINT").await;
        self.probed(released)
    }

    /// Rolls back to the probe's savepoint. Unlike its release, this also works after an error after which the server
    /// refuses everything else.
    pub(in crate::sql) async fn rollback_to_probe(&mut self) -> Result<(), Error> {
        let undone = self.run_probe("ROLLBACK TO SAVEPOINT").await;
        self.probed(undone)
    }

    /// Interprets the server's answer about the probe's savepoint.
    fn probed(&mut self, found: Result<(), Error>) -> Result<(), Error> {
        match found {
            Ok(()) => self.is_intact(),
            // The savepoint or the transaction does not exist, or the connection is lost.
            Err(error) if error.kind() == ErrorKind::Other || error.is_retryable() => {
                self.seen.doomed = Some(ErrorKind::TransactionLost);
            }
            Err(error) => return Err(error),
        }
        self.check_usable()
    }

    /// Whether the transaction to be rolled back was already committed by something that the guard could not see. If
    /// the server cannot be asked any more, it counts as committed where that is possible.
    pub(in crate::sql) async fn was_committed(&mut self) -> bool {
        if self.suspect != Suspect::Probed {
            return false;
        }
        if self.seen.doomed != Some(ErrorKind::TransactionLost) && self.state.statement == Progress::Ended {
            let _ = self.rollback_to_probe().await;
        }
        let was_committed = self.seen.doomed == Some(ErrorKind::TransactionLost) || self.may_be_kept();
        if was_committed {
            // Whatever failed, work that is kept must not be done again.
            self.seen.retryable = None;
        }
        was_committed
    }

    pub(in crate::sql) fn check_usable(&mut self) -> Result<(), Error> {
        if self.state.armed && self.state.gave_up() {
            self.doom(ErrorKind::Aborted);
        }
        match self.seen.doomed {
            Some(ErrorKind::TransactionLost) => Err(self.told(Error::new(ErrorKind::TransactionLost))),
            Some(kind) => Err(self.failed_before(kind)),
            None => Ok(()),
        }
    }

    /// Records that the transaction still exists: no failure has ended it.
    pub(super) fn is_intact(&mut self) {
        self.suspect = Suspect::No;
        self.first = None;
    }

    /// The error of an operation that an earlier failure prevents, with that failure as its source.
    pub(super) fn failed_before(&self, kind: ErrorKind) -> Error {
        let error = Error::new(ErrorKind::Aborted);
        match kind {
            _ if self.first.is_some() => self.told(error),
            ErrorKind::Aborted if self.seen.doomed.is_some() => {
                error.because("a statement or a nested transaction was dropped before it ended")
            }
            ErrorKind::Aborted => error,
            kind => error.caused_by(Error::new(kind)),
        }
    }

    fn told(&self, error: Error) -> Error {
        match &self.first {
            Some(first) => error.caused_by(first.clone()),
            None => error,
        }
    }

    /// Whether sqlx counts one open transaction, as the guard does. sqlx acts on its own count: above 1, its commit
    /// would only release a savepoint; at 0, it would do nothing.
    pub(in crate::sql) fn depth_agrees(&self) -> bool {
        self.held.as_deref().is_some_and(|connection| DB::TransactionManager::get_transaction_depth(connection) == 1)
    }
}
