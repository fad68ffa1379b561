mod reading;
mod standing;
mod unit;
mod unprepared;

use std::fmt;

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, SqlSafeStr, SqlStr};
use tokio::runtime::Handle;

use crate::data::deferred::Deferred;
use crate::data::error::Earlier;
use crate::data::sql::database::{self, SqlDatabase};
use crate::data::sql::fault::Fault;
use crate::data::sql::held::Held;
use crate::data::sql::interrupt::Interrupt;
use crate::data::sql::lease::Lease;
use crate::data::sql::refused::refused;
use crate::data::sql::returned;
use crate::data::sql::text::Residue;
use crate::data::sql::watch::{Parts, Progress, State, Suspect, Watch};
use crate::data::unit::Seen;
use crate::data::{Error, Kind, TransactionId};

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
    /// The failure after which nothing more can be done in the transaction, if that is how it stands.
    first: Option<Earlier>,
    /// A failure that a savepoint has undone. Nothing was done since: it may be on its way to whoever runs the work, if
    /// its error is held.
    undone: Option<Kind>,
    held_errors: Held,
    /// For each savepoint, the failure that stood when it was set.
    saved: Vec<Option<Kind>>,
    /// Whether the transaction is asked, before anything else, if it still stands.
    suspect: Suspect,
    /// Part of the name of the savepoint that tells whether the transaction stands; no text can guess it.
    mark: u64,
    /// Whether nothing may be written, in a transaction or out of one.
    read_only: bool,
    /// What stops the connection, where it would go on for nobody.
    interrupt: Option<Interrupt>,
    /// A transaction that has not begun yet.
    deferred: Option<Deferred>,
    id: Option<TransactionId>,
}

/// What was known of a transaction before a statement.
#[derive(Clone, Copy)]
pub(in crate::data::sql) struct Known(Seen, Suspect);

impl<DB: SqlDatabase> Conn<DB> {
    pub(in crate::data::sql) fn new(lease: Lease<DB>, read_only: bool) -> Self {
        Self {
            lease,
            held: None,
            runtime: None,
            state: State::default(),
            seen: Seen::default(),
            first: None,
            undone: None,
            held_errors: Held::default(),
            saved: Vec::new(),
            suspect: Suspect::No,
            mark: 0,
            read_only,
            interrupt: None,
            deferred: None,
            id: None,
        }
    }

    /// Takes a connection from the pool, unless it has one, and begins what was put off.
    pub(in crate::data::sql) async fn ready(&mut self) -> Result<(), Error> {
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
        if self.must_establish() {
            Box::pin(self.establish()).await?;
        }
        Ok(())
    }

    async fn connected(&mut self) -> Result<(), Error> {
        if self.needs_another() {
            // Its future is large: in a box it does not weigh on everybody's.
            Box::pin(self.take()).await?;
        }
        Ok(())
    }

    /// Whether there is no connection, or none that is of any use.
    const fn needs_another(&self) -> bool {
        self.held.is_none() || self.is_worn()
    }

    async fn take(&mut self) -> Result<(), Error> {
        self.release();
        let acquired = self.lease.acquire().await;
        self.runtime = Handle::try_current().ok();
        self.held = Some(acquired.map_err(|error| self.note(error))?);
        if let Some(single) = self.lease.single() {
            single.taken();
            self.interrupt = single.interrupt();
            if self.interrupt.is_none() {
                Box::pin(self.make_interruptible()).await?;
            }
        }
        if self.read_only && !self.lease.only_reads() {
            self.forbid_writes().await?;
        }
        Ok(())
    }

    /// A statement that is given up from now on ends soon, where nobody but the connection itself could end it.
    async fn make_interruptible(&mut self) -> Result<(), Error> {
        self.state.statement = Progress::Sent;
        let interrupt = DB::interruptible(self.connection()?).await;
        self.state.statement = Progress::Ended;
        self.interrupt = interrupt.map_err(|error| self.note(error))?;
        if let (Some(single), Some(interrupt)) = (self.lease.single(), &self.interrupt) {
            single.looks_at(interrupt);
        }
        Ok(())
    }

    /// Has the driver forget the statements that it keeps.
    pub(in crate::data::sql) async fn forget_statements(&mut self) -> Result<(), Error> {
        self.state.statement = Progress::Sent;
        let forgotten = self.connection()?.clear_cached_statements().await;
        self.state.statement = Progress::Ended;
        forgotten.map_err(|error| self.note(error))?;
        self.state.stale = false;
        Ok(())
    }

    pub(in crate::data::sql) const fn is_stale(&self) -> bool {
        self.state.stale
    }

    /// Whether everything that was done is known.
    pub(in crate::data::sql) fn is_watched(&self) -> bool {
        !self.state.unwatched && self.suspect != Suspect::Marked
    }

    pub(in crate::data::sql) const fn known(&self) -> Known {
        Known(self.seen, self.suspect)
    }

    /// Takes back what was learned since.
    pub(in crate::data::sql) fn knows(&mut self, Known(seen, suspect): Known) {
        (self.seen, self.suspect) = (seen, suspect);
        if seen.doomed.is_none() && suspect == Suspect::No {
            self.first = None;
        }
    }

    /// Out of a transaction, a connection that is broken or in the middle of something is no reason not to take another.
    /// Where a statement may have been put into a transaction of its own, rows that were left unread have left it open.
    pub(in crate::data::sql) const fn is_worn(&self) -> bool {
        let unread = DB::IN_PROCESS && matches!(self.state.statement, Progress::Answering);
        !self.state.armed && (self.seen.doomed.is_some() || self.state.gave_up() || unread)
    }

    /// sqlx's own connection, for what an [`Executor`](sqlx::Executor) cannot do. What goes through it is not watched:
    /// in a transaction, a savepoint is set before, and asked for before the next statement or the commit. If it is gone,
    /// so is the transaction. The connection does not go back into the pool as it is: it is [reset, or
    /// closed](crate::data::Session#what-a-session-leaves-behind).
    ///
    /// # Errors
    ///
    /// As any statement, if there is no connection to be had or the transaction is doomed.
    pub async fn unguarded(&mut self) -> Result<&mut DB::Connection, Error> {
        self.ready().await?;
        self.undone = None;
        if self.must_begin_reading() {
            self.begin_reading().await?;
        }
        self.watch_out().await?;
        self.leaves(Residue::Settings);
        self.connection()
    }

    /// Something is done that may change the session.
    pub(in crate::data::sql) fn leaves(&mut self, residue: Residue) {
        self.state.residue = self.state.residue.max(residue);
    }

    /// Whether the server answers.
    pub(in crate::data::sql) async fn check(&mut self) -> Result<(), Error> {
        self.run("SELECT 1".into_sql_str()).await
    }

    fn connection(&mut self) -> Result<&mut DB::Connection, Error> {
        self.held.as_deref_mut().ok_or_else(|| Error::new(Kind::ConnectionLost))
    }

    /// The parts that a statement needs: the connection, what is known of it, and where to note an error.
    pub(in crate::data::sql) fn parts(&mut self) -> Result<Parts<'_, DB>, sqlx::Error> {
        self.standing().map_err(|error| refused(&error))?;
        self.undone = None;
        let Self { lease, held, state, seen, suspect, held_errors, first, .. } = self;
        match held {
            Some(connection) => {
                let watch = Watch { state, seen, suspect, held: held_errors, first };
                Ok(Parts { connection, watch, lease })
            }
            None => Err(sqlx::Error::PoolClosed),
        }
    }

    pub(in crate::data::sql) const fn in_transaction(&self) -> bool {
        self.state.armed
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
        let Self { state, seen, suspect, held_errors, first, .. } = self;
        Watch { state, seen, suspect, held: held_errors, first }.note::<DB>(&error, Fault::of_driver::<DB>(&error));
        Fault::of_driver::<DB>(&error).into_error_after(error, self.first.clone())
    }

    /// Gives the connection back, or gets rid of it, from inside the runtime.
    fn release(&mut self) {
        let state = std::mem::take(&mut self.state);
        self.suspect = Suspect::No;
        self.seen.doomed = None;
        self.first = None;
        let interrupt = self.interrupt.take();
        if let Some(connection) = self.held.take() {
            if let Some(single) = self.lease.single() {
                single.given_back();
            }
            if let Some(interrupt) = interrupt.as_ref().filter(|_| !state.is_clean()) {
                interrupt.set(true);
            }
            returned::give_back(connection, state, &self.lease, interrupt);
        }
    }

    /// As [`release`](Self::release), from anywhere.
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
