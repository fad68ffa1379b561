//! Beginning, ending and nesting transactions.

use std::any::Any;
use std::time::Duration;

use sqlx::{AssertSqlSafe, SqlSafeStr};
use sqlx_core::transaction::TransactionManager;

use crate::sql::SqlDatabase;
use crate::sql::error::live_errors::LiveErrors;
use crate::sql::guard::Conn;
use crate::sql::guard::state::{Progress, Suspect};
use crate::sql::text::Residue;
use crate::store::lazy_begin::LazyBegin;
use crate::store::unit::{BoxFuture, CommitError, Seen, Unit};
use crate::store::{Error, ErrorKind, TransactionId, TransactionOptions};

impl<DB: SqlDatabase> Conn<DB> {
    /// See [`Unit::begin`].
    pub(in crate::sql) async fn begin(
        &mut self,
        options: &TransactionOptions,
        left: Option<Duration>,
    ) -> Result<(), Error> {
        self.forget();
        if self.needs_another() {
            // Not boxed, like sqlx's own `begin`: a box of that size costs more than everything else here.
            self.take().await?;
        }
        self.begin_here(options, left).await
    }

    /// Resets the state: a new transaction knows nothing of earlier ones.
    fn forget(&mut self) {
        self.seen = Seen::default();
        self.first = None;
        self.undone = None;
        self.held_errors = LiveErrors::default();
        self.saved.clear();
        self.id = None;
        if self.state.unwatched || self.state.reading {
            // The connection may be inside a transaction already, and would stay in that one whatever the options say.
            self.release();
        }
    }

    async fn begin_here(&mut self, options: &TransactionOptions, left: Option<Duration>) -> Result<(), Error> {
        // Armed before anything is sent: from here on, a dropped connection does not go back as it is.
        self.state.armed = true;
        if options.fresh && !DB::IN_PROCESS {
            Box::pin(self.begin_fresh()).await?;
        }
        if DB::IN_PROCESS && left.is_some() && self.interrupt.is_none() {
            Box::pin(self.make_interruptible()).await?;
        }
        let mut sql = DB::begin(options, left);
        if let Some(before) = DB::BEFORE_BEGIN
            && self.source.is_taken()
            && !self.state.established
        {
            // Sent with the begin, in the same round trip.
            sql = AssertSqlSafe(format!("{before}; {}", sql.as_str())).into_sql_str();
            self.state.established = true;
        }
        let begun = DB::TransactionManager::begin(self.connection()?, Some(sql)).await;
        let begun = match begun {
            Ok(()) if options.resolvable => Box::pin(self.ask_for_id()).await,
            Ok(()) => Ok(()),
            Err(error) => Err(self.note(error)),
        };
        if begun.is_err() {
            self.release();
        }
        begun
    }

    /// Prepares an attempt after one in which the server refused a statement that the driver had kept: other
    /// connections have kept it, too.
    async fn begin_fresh(&mut self) -> Result<(), Error> {
        let forgotten = self.forget_statements().await;
        if forgotten.is_err() {
            self.release();
        }
        forgotten
    }

    /// See [`Unit::commit`].
    pub(in crate::sql) async fn commit(&mut self) -> Result<(), CommitError> {
        // Nothing was sent, so there is nothing to commit.
        if self.seen.doomed.is_none() && self.lazy_begin.take().is_some() {
            self.release();
            return Ok(());
        }
        self.undone = None;
        if self.suspect != Suspect::No {
            // An error of the check itself is an error before the commit.
            let asked = Box::pin(self.ask()).await;
            if let Err(error) = asked {
                return Err(self.give_up(error).await);
            }
        }
        if !self.depth_agrees() {
            self.seen.doomed.get_or_insert(ErrorKind::TransactionLost);
        }
        if let Err(error) = self.check_usable() {
            return Err(self.give_up(error).await);
        }
        let connection = self.connection().map_err(CommitError::RolledBack)?;
        let committed = DB::TransactionManager::commit(connection).await;
        match committed {
            Ok(()) => {
                self.state.ended();
                self.release();
                Ok(())
            }
            Err(error) => {
                let definite = matches!(error, sqlx::Error::Database(_));
                let error = self.note(error);
                if definite && DB::is_definite(error.kind()) {
                    // On SQLite, a failed commit, for instance by a deferred constraint, leaves the transaction open.
                    return Err(self.give_up(error).await);
                }
                self.release();
                Err(CommitError::Unknown(error))
            }
        }
    }

    async fn ask_for_id(&mut self) -> Result<(), Error> {
        let id = DB::transaction_id(self.connection()?).await;
        self.id = id.map_err(|error| self.note(error))?.map(TransactionId);
        Ok(())
    }

    async fn give_up(&mut self, error: Error) -> CommitError {
        match Unit::rollback(self).await {
            Err(lost) if lost.kind() == ErrorKind::TransactionLost => CommitError::RolledBack(lost),
            _ => CommitError::RolledBack(error),
        }
    }

    async fn undo(&mut self) -> Result<(), Error> {
        // The driver cannot roll back now: the connection is closed or cleared, which undoes the transaction.
        if self.state.statement != Progress::Ended || !self.depth_agrees() {
            self.release();
            return Ok(());
        }
        let undone = DB::TransactionManager::rollback(self.connection()?).await;
        if undone.is_ok() {
            self.state.ended();
            if self.state.stale {
                let _ = Box::pin(self.forget_statements()).await;
            }
        }
        self.release();
        undone.map_err(Error::of_driver::<DB>)
    }
}

impl<DB: SqlDatabase> Unit for Conn<DB> {
    fn begin<'a>(
        &'a mut self,
        options: &'a TransactionOptions,
        left: Option<Duration>,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            self.forget();
            self.connected().await?;
            self.begin_here(options, left).await
        })
    }

    fn interface(&self) -> Option<&'static dyn Any> {
        Some(Self::runs())
    }

    fn defer(&mut self, begin: LazyBegin) -> Result<(), LazyBegin> {
        self.lazy_begin = Some(begin);
        Ok(())
    }

    fn commit_for(&self) -> Option<Duration> {
        DB::COMMIT_FOR
    }

    fn commit(&mut self) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(Self::commit(self))
    }

    fn rollback(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            // Nothing was sent, so there is nothing to undo.
            if self.lazy_begin.take().is_some() {
                self.release();
                return Ok(());
            }
            let was_committed = self.was_committed().await;
            let undone = self.undo().await;
            if was_committed { Err(Error::new(ErrorKind::TransactionLost)) } else { undone }
        })
    }

    fn may_be_kept(&self) -> bool {
        self.suspect == Suspect::Probed
    }

    fn savepoint(&mut self, depth: u32) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            self.ready().await?;
            self.check_usable()?;
            self.undone = None;
            self.run(AssertSqlSafe(format!("SAVEPOINT buttress_{depth}")).into_sql_str()).await?;
            self.saved.truncate(place(depth));
            self.saved.push(self.seen.retryable);
            Ok(())
        })
    }

    fn release(&mut self, depth: u32) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            self.ready().await?;
            self.check_usable()?;
            self.run(AssertSqlSafe(format!("RELEASE SAVEPOINT buttress_{depth}")).into_sql_str()).await
        })
    }

    fn rollback_to(&mut self, depth: u32) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            self.check_usable()?;
            if self.suspect == Suspect::Probed {
                self.rollback_to_probe().await?;
            }
            // A savepoint still exists after a rollback to it: without its release, each failure would leave one more.
            let sql = format!("ROLLBACK TO SAVEPOINT buttress_{depth}; RELEASE SAVEPOINT buttress_{depth}");
            self.run(AssertSqlSafe(sql).into_sql_str()).await?;
            // The rollback undid every failure since the savepoint: if the transaction were gone, so would be the
            // savepoint.
            self.is_intact();
            self.seen.last = None;
            let standing = self.saved.get(place(depth)).copied().flatten();
            self.undone = self.seen.retryable.filter(|_| standing.is_none()).or(self.undone);
            self.seen.retryable = standing;
            if self.state.stale {
                self.forget_statements().await?;
            }
            Ok(())
        })
    }

    fn doom(&mut self, kind: ErrorKind) {
        if self.seen.doomed.is_none() && kind == ErrorKind::Aborted && !DB::ERROR_ENDS_TRANSACTION {
            // The earlier failure did not end the transaction.
            self.first = None;
        }
        self.seen.doomed.get_or_insert(kind);
    }

    fn failed_before(&self, kind: ErrorKind) -> Error {
        Self::failed_before(self, kind)
    }

    fn abandon(&mut self) {
        self.let_go();
    }

    fn reset_on_release(&mut self) {
        self.leaves(Residue::Settings);
    }

    fn writer(&self) -> Option<u64> {
        self.source.writer()
    }

    /// A failure that a savepoint has undone counts only if the work ends with its error. A serialization failure
    /// always counts: it is about the whole transaction, and the work has read data that is out of date.
    fn seen(&self) -> Seen {
        let counts = |kind: &ErrorKind| *kind == ErrorKind::Serialization || self.held_errors.is_any();
        Seen { retryable: self.seen.retryable.or(self.undone.filter(counts)), ..self.seen }
    }

    fn transaction_id(&self) -> Option<TransactionId> {
        self.id.clone()
    }
}

/// The index of a savepoint among those that are set; the first has the depth 1.
const fn place(depth: u32) -> usize {
    depth.saturating_sub(1) as usize
}
