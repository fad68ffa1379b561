use std::fmt;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use sqlx_core::transaction::TransactionManager;
use tokio::runtime::Handle;

use super::database::{self, SqlDatabase};
use super::fault::Fault;
use super::lease::Lease;
use super::refused::refused;
use super::watch::{Parts, Progress, State, Suspect, Watch};
use crate::data::deferred::Deferred;
use crate::data::unit::{BoxFuture, CommitError, Seen, Unit};
use crate::data::{Error, Kind, Options, TransactionId};

/// A guarded connection of a pool: an [`Executor`](sqlx::Executor) as `&mut Conn`, for sqlx's own queries.
///
/// It sees every error, so it knows whether the transaction is doomed, and it never gives a connection back to the pool
/// that is inside a transaction or in the middle of a statement. It does not deref to sqlx's connection: a raw `begin`
/// on that commits the transaction on MySQL, and a failed one undoes it on `PostgreSQL`.
pub struct Conn<DB: SqlDatabase> {
    lease: Lease<DB>,
    held: Option<PoolConnection<DB>>,
    /// Where the connection was taken. It goes back in a task of its own, and the session may be dropped anywhere.
    runtime: Option<Handle>,
    state: State,
    seen: Seen,
    /// Whether the transaction is asked, before anything else, if it still stands.
    suspect: Suspect,
    /// A transaction that has not begun yet.
    deferred: Option<Deferred>,
    id: Option<TransactionId>,
}

impl<DB: SqlDatabase> Conn<DB> {
    pub(super) fn new(lease: Lease<DB>) -> Self {
        Self {
            lease,
            held: None,
            runtime: None,
            state: State::default(),
            seen: Seen::default(),
            suspect: Suspect::No,
            deferred: None,
            id: None,
        }
    }

    /// Takes a connection from the pool, unless it has one, and begins what was put off.
    pub(super) async fn ready(&mut self) -> Result<(), Error> {
        if let Some(deferred) = self.deferred.clone() {
            self.standing()?;
            // A begin that failed, or was dropped half-way, is begun again on a connection that knows nothing of it.
            self.release();
            Box::pin(deferred.begin(self)).await?;
            self.deferred = None;
        }
        self.connected().await?;
        if self.must_ask() {
            Box::pin(self.ask()).await?;
        }
        Ok(())
    }

    async fn connected(&mut self) -> Result<(), Error> {
        if self.is_worn() {
            self.release();
        }
        if self.held.is_none() {
            // Both are rare, and their futures large: in a box they cost nothing to whoever has a connection.
            Box::pin(self.take()).await?;
        }
        Ok(())
    }

    /// Out of a transaction, a connection that is broken or in the middle of something is no reason not to take another.
    pub(super) fn is_worn(&self) -> bool {
        !self.state.armed && (self.seen.doomed.is_some() || self.state.gave_up())
    }

    async fn take(&mut self) -> Result<(), Error> {
        let acquired = self.lease.acquire().await;
        self.runtime = Handle::try_current().ok();
        self.held = Some(acquired.map_err(|error| self.note(error))?);
        Ok(())
    }

    /// sqlx's own connection, for what an [`Executor`](sqlx::Executor) cannot do. What goes through it is not watched:
    /// in a transaction, a savepoint is set before, and asked for before the next statement or the commit. If it is gone,
    /// so is the transaction. Out of a transaction, the connection does not go back into the pool.
    ///
    /// # Errors
    ///
    /// As any statement, if there is no connection to be had or the transaction is doomed.
    pub async fn unguarded(&mut self) -> Result<&mut DB::Connection, Error> {
        self.ready().await?;
        self.watch_out().await?;
        self.connection()
    }

    /// Whether the server answers.
    pub(super) async fn check(&mut self) -> Result<(), Error> {
        self.run("SELECT 1".into_sql_str()).await
    }

    /// Something is going to be done that the guard does not see.
    pub(super) async fn watch_out(&mut self) -> Result<(), Error> {
        if !self.state.armed {
            self.state.unwatched = true;
            return Ok(());
        }
        self.standing()?;
        self.run("SAVEPOINT buttress_mark".into_sql_str()).await?;
        self.suspect = Suspect::Marked;
        Ok(())
    }

    fn connection(&mut self) -> Result<&mut DB::Connection, Error> {
        self.held.as_deref_mut().ok_or_else(|| Error::new(Kind::ConnectionLost))
    }

    /// The parts that a statement needs: the connection, what is known of it, and where to note an error.
    pub(super) fn parts(&mut self) -> Result<Parts<'_, DB>, sqlx::Error> {
        self.standing().map_err(|error| refused(&error))?;
        let Self { lease, held, state, seen, suspect, .. } = self;
        match held {
            Some(connection) => Ok(Parts { connection, watch: Watch { state, seen, suspect }, lease }),
            None => Err(sqlx::Error::PoolClosed),
        }
    }

    /// Whether the transaction has to be asked before a statement. A server that refuses everything after an error by
    /// itself need not be asked about that.
    pub(super) const fn must_ask(&self) -> bool {
        match self.suspect {
            Suspect::No => false,
            Suspect::Failed => !DB::ERROR_ENDS_TRANSACTION,
            Suspect::Marked => true,
        }
    }

    pub(super) const fn in_transaction(&self) -> bool {
        self.state.armed
    }

    /// Whether the transaction still stands, after something that may have ended it.
    pub(super) async fn ask(&mut self) -> Result<(), Error> {
        self.standing()?;
        if self.suspect == Suspect::Marked {
            return self.release_mark().await;
        }
        self.state.statement = Progress::Sent;
        let answer = DB::is_alive(self.connection()?).await;
        self.state.statement = Progress::Ended;
        match answer {
            Ok(true) => self.suspect = Suspect::No,
            // The server refuses everything until a savepoint is rolled back to, and knows better than we do.
            Ok(false) if DB::ERROR_ENDS_TRANSACTION => return Err(Error::new(Kind::Aborted)),
            Ok(false) => {
                self.seen.doomed.get_or_insert(Kind::TransactionLost);
            }
            Err(error) => return Err(self.note(error)),
        }
        self.standing()
    }

    async fn release_mark(&mut self) -> Result<(), Error> {
        match self.run("RELEASE SAVEPOINT buttress_mark".into_sql_str()).await {
            Ok(()) => self.suspect = Suspect::No,
            // There is no such savepoint, or no transaction.
            Err(error) if error.kind() == Kind::Other => {
                self.seen.doomed.get_or_insert(Kind::TransactionLost);
            }
            Err(error) => return Err(error),
        }
        self.standing()
    }

    fn standing(&mut self) -> Result<(), Error> {
        if self.state.armed && self.state.gave_up() {
            self.seen.doomed.get_or_insert(Kind::Aborted);
        }
        match self.seen.doomed {
            Some(kind) => Err(doomed(kind)),
            None => Ok(()),
        }
    }

    /// Runs a statement of the guard's own.
    async fn run(&mut self, sql: SqlStr) -> Result<(), Error> {
        self.state.statement = Progress::Sent;
        let outcome = database::execute::<DB>(self.connection()?, sql).await;
        self.state.statement = Progress::Ended;
        outcome.map_err(|error| self.note(error))
    }

    /// An error of the driver, after it was noted.
    fn note(&mut self, error: sqlx::Error) -> Error {
        let fault = Fault::of_driver::<DB>(&error);
        Watch { state: &mut self.state, seen: &mut self.seen, suspect: &mut self.suspect }
            .note::<DB>(&error, fault.kind);
        fault.into_error(error)
    }

    /// Gives the connection back, or gets rid of it.
    fn release(&mut self) {
        let state = std::mem::take(&mut self.state);
        self.suspect = Suspect::No;
        self.seen.doomed = None;
        if let Some(connection) = self.held.take() {
            let _inside = self.runtime.as_ref().map(Handle::enter);
            if state.is_clean() { drop(connection) } else { DB::abandon(connection) }
        }
    }

    /// sqlx counts transactions, too, and goes by it: with more than one it would release a savepoint instead of
    /// committing, with none do nothing.
    fn depth_agrees(&self) -> bool {
        self.held.as_deref().is_some_and(|connection| DB::TransactionManager::get_transaction_depth(connection) == 1)
    }

    async fn commit(&mut self) -> Result<(), CommitError> {
        if self.seen.doomed.is_none() && self.deferred.take().is_some() {
            self.release();
            return Ok(());
        }
        if self.suspect != Suspect::No {
            // An error of the question itself is an error before the commit.
            let asked = Box::pin(self.ask()).await;
            if let Err(error) = asked {
                return Err(self.give_up(error).await);
            }
        }
        if !self.depth_agrees() {
            self.seen.doomed.get_or_insert(Kind::TransactionLost);
        }
        if let Err(error) = self.standing() {
            return Err(self.give_up(error).await);
        }
        let connection = self.connection().map_err(CommitError::RolledBack)?;
        let committed = DB::TransactionManager::commit(connection).await;
        match committed {
            Ok(()) => {
                self.state = State::default();
                self.release();
                Ok(())
            }
            Err(error) => {
                let definite = matches!(error, sqlx::Error::Database(_));
                let error = self.note(error);
                if definite && DB::is_definite(error.kind()) {
                    // SQLite, and a deferred constraint there, leave the transaction open.
                    return Err(self.give_up(error).await);
                }
                self.release();
                Err(CommitError::Unknown(error))
            }
        }
    }

    async fn begin_here(&mut self, options: &Options, left: Option<Duration>) -> Result<(), Error> {
        let sql = DB::begin(options, left);
        let begun = DB::TransactionManager::begin(self.connection()?, Some(sql)).await;
        begun.map_err(|error| self.note(error))?;
        self.id = None;
        if options.resolvable {
            let id = DB::transaction_id(self.connection()?).await;
            self.id = id.map_err(|error| self.note(error))?.map(TransactionId);
        }
        Ok(())
    }

    async fn give_up(&mut self, error: Error) -> CommitError {
        let _ = Unit::rollback(self).await;
        CommitError::RolledBack(error)
    }
}

fn doomed(kind: Kind) -> Error {
    let error = Error::new(kind);
    if matches!(kind, Kind::Aborted | Kind::TransactionLost) {
        error
    } else {
        Error::new(Kind::Aborted).caused_by(error)
    }
}

impl<DB: SqlDatabase> Unit for Conn<DB> {
    fn begin<'a>(&'a mut self, options: &'a Options, left: Option<Duration>) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            self.seen = Seen::default();
            if self.state.unwatched {
                // It may be in a transaction already, and would stay in that one, whatever the options say.
                self.release();
            }
            self.connected().await?;
            // Armed before anything is sent: dropped from here on, the connection does not go back as it is.
            self.state.armed = true;
            let begun = self.begin_here(options, left).await;
            if begun.is_err() {
                self.release();
            }
            begun
        })
    }

    fn defer(&mut self, begin: Deferred) -> Result<(), Deferred> {
        self.deferred = Some(begin);
        Ok(())
    }

    fn commit(&mut self) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(Conn::commit(self))
    }

    fn rollback(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let never_begun = self.deferred.take().is_some();
            if never_begun || self.state.statement != Progress::Ended || !self.depth_agrees() {
                self.release();
                return Ok(());
            }
            let undone = DB::TransactionManager::rollback(self.connection()?).await;
            if undone.is_ok() {
                self.state = State::default();
            }
            self.release();
            undone.map_err(Error::of_driver::<DB>)
        })
    }

    fn savepoint(&mut self, depth: u32) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            self.ready().await?;
            self.standing()?;
            self.run(AssertSqlSafe(format!("SAVEPOINT buttress_{depth}")).into_sql_str()).await
        })
    }

    fn release(&mut self, depth: u32) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            self.ready().await?;
            self.standing()?;
            self.run(AssertSqlSafe(format!("RELEASE SAVEPOINT buttress_{depth}")).into_sql_str()).await
        })
    }

    fn rollback_to(&mut self, depth: u32) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            self.standing()?;
            // Rolled back to, a savepoint is still there: without its release, each failure would leave one more.
            let sql = format!("ROLLBACK TO SAVEPOINT buttress_{depth}; RELEASE SAVEPOINT buttress_{depth}");
            self.run(AssertSqlSafe(sql).into_sql_str()).await?;
            // What went wrong since the savepoint is undone with it: were the transaction gone, so would the savepoint.
            self.suspect = Suspect::No;
            self.seen.last = None;
            Ok(())
        })
    }

    fn doom(&mut self, kind: Kind) {
        self.seen.doomed.get_or_insert(kind);
    }

    fn abandon(&mut self) {
        Self::release(self);
    }

    fn writer(&self) -> Option<u64> {
        self.lease.writer()
    }

    fn seen(&self) -> Seen {
        self.seen
    }

    fn transaction_id(&self) -> Option<TransactionId> {
        self.id.clone()
    }
}

impl<DB: SqlDatabase> Drop for Conn<DB> {
    fn drop(&mut self) {
        self.release();
    }
}

impl<DB: SqlDatabase> fmt::Debug for Conn<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conn").field("database", &DB::NAME).field("state", &self.state).finish_non_exhaustive()
    }
}
