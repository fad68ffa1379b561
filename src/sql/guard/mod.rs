pub(super) mod check;
mod executor;
mod reading;
pub(super) mod release;
mod run;
pub(super) mod state;
mod stream;
mod unit;
mod unprepared;
mod verify;

use std::fmt;

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, SqlSafeStr, SqlStr};
use tokio::runtime::Handle;

use crate::sql::classification::Classification;
use crate::sql::dialect::{self, SqlDatabase};
use crate::sql::error::live_errors::LiveErrors;
use crate::sql::guard::state::{Progress, State, Suspect, Watch};
use crate::sql::interrupt::Interrupt;
use crate::sql::source::ConnectionSource;
use crate::sql::text::Residue;
use crate::store::lazy_begin::LazyBegin;
use crate::store::unit::Seen;
use crate::store::{Earlier, Error, ErrorKind, TransactionId};

/// A guarded connection of a pool: an [`Executor`](sqlx::Executor) as `&mut Conn`, for sqlx's own queries.
///
/// It sees every error, so it knows whether the transaction is doomed, and it never returns a connection to the pool
/// that is inside a transaction or in the middle of a statement. It does not deref to sqlx's connection: a raw `begin`
/// there commits the transaction on MySQL, and a failed one undoes it on `PostgreSQL`.
pub struct Conn<DB: SqlDatabase> {
    source: ConnectionSource<DB>,
    held: Option<PoolConnection<DB>>,
    /// The runtime in which the connection was taken. The connection goes back in a task of its own, and the session
    /// may be dropped on any thread.
    runtime: Option<Handle>,
    state: State,
    seen: Seen,
    /// The failure because of which nothing more can be done in the transaction, if there is one.
    first: Option<Earlier>,
    /// A failure that a savepoint has undone, if nothing was done since. While its error is held, the work may be
    /// returning it to the retry loop.
    undone: Option<ErrorKind>,
    held_errors: LiveErrors,
    /// For each savepoint, the retryable failure at the time when it was set.
    saved: Vec<Option<ErrorKind>>,
    /// Whether, and why, the transaction must be checked before the next statement.
    suspect: Suspect,
    /// Part of the name of the savepoint that tells whether the transaction still exists; random, so that no
    /// statement's text can contain it.
    probe: u64,
    /// Whether writes are forbidden, inside a transaction or outside one.
    read_only: bool,
    /// Stops the connection's statement, if it would otherwise run on with no caller.
    interrupt: Option<Interrupt>,
    /// A transaction that has not begun yet.
    lazy_begin: Option<LazyBegin>,
    id: Option<TransactionId>,
}

impl<DB: SqlDatabase> Conn<DB> {
    pub(in crate::sql) fn new(source: ConnectionSource<DB>, read_only: bool) -> Self {
        Self {
            source,
            held: None,
            runtime: None,
            state: State::default(),
            seen: Seen::default(),
            first: None,
            undone: None,
            held_errors: LiveErrors::default(),
            saved: Vec::new(),
            suspect: Suspect::No,
            probe: 0,
            read_only,
            interrupt: None,
            lazy_begin: None,
            id: None,
        }
    }

    /// Takes a connection from the pool, unless there is one, and begins a transaction whose begin was put off.
    pub(in crate::sql) async fn ready(&mut self) -> Result<(), Error> {
        if let Some(lazy_begin) = self.lazy_begin.clone() {
            self.check_usable()?;
            // A begin that failed, or was dropped half-way, is begun again on a fresh connection.
            self.release();
            Box::pin(lazy_begin.begin(self)).await?;
            self.lazy_begin = None;
        }
        self.connected().await?;
        if self.must_ask() {
            Box::pin(self.ask()).await?;
        }
        if self.must_establish() {
            Box::pin(self.establish()).await?;
        }
        Ok(())
    }

    async fn connected(&mut self) -> Result<(), Error> {
        if self.needs_another() {
            // Its future is large: boxed, it does not enlarge every caller's future.
            Box::pin(async { self.take().await }).await?;
        }
        Ok(())
    }

    /// Whether there is no connection, or only a useless one.
    const fn needs_another(&self) -> bool {
        self.held.is_none() || self.is_worn()
    }

    async fn take(&mut self) -> Result<(), Error> {
        self.release();
        let acquired = self.source.acquire().await;
        self.runtime = Handle::try_current().ok();
        self.held = Some(acquired.map_err(|error| self.note(error))?);
        if let Some(single) = self.source.single() {
            single.taken();
            self.interrupt = single.interrupt();
            if self.interrupt.is_none() {
                Box::pin(self.make_interruptible()).await?;
            }
        }
        if self.read_only && !self.source.only_reads() {
            self.forbid_writes().await?;
        }
        Ok(())
    }

    /// Makes the connection interruptible, if the database runs inside this process and only the connection itself can
    /// stop a statement: from now on, a statement that is given up ends soon.
    async fn make_interruptible(&mut self) -> Result<(), Error> {
        self.state.statement = Progress::Sent;
        let interrupt = DB::interruptible(self.connection()?).await;
        self.state.statement = Progress::Ended;
        self.interrupt = interrupt.map_err(|error| self.note(error))?;
        if let (Some(single), Some(interrupt)) = (self.source.single(), &self.interrupt) {
            single.looks_at(interrupt);
        }
        Ok(())
    }

    /// Makes the driver forget the statements that it keeps.
    pub(in crate::sql) async fn forget_statements(&mut self) -> Result<(), Error> {
        self.state.statement = Progress::Sent;
        let forgotten = self.connection()?.clear_cached_statements().await;
        self.state.statement = Progress::Ended;
        forgotten.map_err(|error| self.note(error))?;
        self.state.stale = false;
        Ok(())
    }

    pub(in crate::sql) const fn is_stale(&self) -> bool {
        self.state.stale
    }

    /// Whether everything that was done was seen by the guard.
    pub(in crate::sql) fn is_watched(&self) -> bool {
        !self.state.unwatched && self.suspect != Suspect::Probed
    }

    /// Whether the connection should be replaced. Outside a transaction, a connection that is broken or in the middle
    /// of a statement can simply be replaced by another. On SQLite, a statement may have been put into a transaction of
    /// its own, and rows that were left unread have left that transaction open.
    pub(in crate::sql) const fn is_worn(&self) -> bool {
        let unread = DB::IN_PROCESS && matches!(self.state.statement, Progress::Answering);
        !self.state.armed && (self.seen.doomed.is_some() || self.state.gave_up() || unread)
    }

    /// sqlx's own connection, for operations that an [`Executor`](sqlx::Executor) does not offer. Statements that go
    /// through it are not watched. In a transaction, a savepoint is set first, and checked before the next statement or
    /// the commit: if it is gone, so is the transaction. The connection does not go back into the pool as it is: it is
    /// [reset, or closed](crate::store::Session#what-a-session-leaves-behind).
    ///
    /// # Errors
    ///
    /// As for any statement, if no connection could be had or the transaction is doomed.
    pub async fn unguarded(&mut self) -> Result<&mut DB::Connection, Error> {
        self.ready().await?;
        self.undone = None;
        if self.must_begin_reading() {
            self.begin_reading().await?;
        }
        self.set_probe().await?;
        self.leaves(Residue::Settings);
        self.connection()
    }

    /// Records that a statement may change the session.
    pub(in crate::sql) fn leaves(&mut self, residue: Residue) {
        self.state.residue = self.state.residue.max(residue);
    }

    /// Whether the server answers.
    pub(in crate::sql) async fn check(&mut self) -> Result<(), Error> {
        self.run("SELECT 1".into_sql_str()).await
    }

    fn connection(&mut self) -> Result<&mut DB::Connection, Error> {
        self.held.as_deref_mut().ok_or_else(|| Error::new(ErrorKind::ConnectionLost))
    }

    pub(in crate::sql) const fn in_transaction(&self) -> bool {
        self.state.armed
    }

    /// Runs one of the guard's own statements.
    async fn run(&mut self, sql: SqlStr) -> Result<(), Error> {
        self.state.statement = Progress::Sent;
        let outcome = dialect::execute::<DB>(self.connection()?, sql).await;
        self.state.statement = Progress::Ended;
        outcome.map_err(|error| self.note(error))
    }

    /// Notes and converts an error of the driver.
    fn note(&mut self, error: sqlx::Error) -> Error {
        let Self { state, seen, suspect, held_errors, first, .. } = self;
        Watch { state, seen, suspect, held: held_errors, first }
            .note::<DB>(&error, Classification::of_driver::<DB>(&error));
        Classification::of_driver::<DB>(&error).into_error_after(error, self.first.clone())
    }

    /// Gives the connection back, or gets rid of it. Must be called inside the runtime.
    fn release(&mut self) {
        let state = std::mem::take(&mut self.state);
        self.suspect = Suspect::No;
        self.seen.doomed = None;
        self.first = None;
        let interrupt = self.interrupt.take();
        if let Some(connection) = self.held.take() {
            if let Some(single) = self.source.single() {
                single.given_back();
            }
            if let Some(interrupt) = interrupt.as_ref().filter(|_| !state.is_clean()) {
                interrupt.set(true);
            }
            release::give_back(connection, state, &self.source, interrupt);
        }
    }

    /// Like [`release`](Self::release), but from any thread.
    fn let_go(&mut self) {
        let runtime = self.held.as_ref().and_then(|_| self.runtime.clone());
        let _inside = runtime.as_ref().map(Handle::enter);
        self.release();
    }
}

impl<DB: SqlDatabase> Drop for Conn<DB> {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl<DB: SqlDatabase> fmt::Debug for Conn<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conn").field("database", &DB::NAME).field("state", &self.state).finish_non_exhaustive()
    }
}
