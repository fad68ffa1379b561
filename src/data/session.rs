use std::any::type_name;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use super::deadline::{Late, limited};
use super::deferred::Deferred;
use super::detach::Detached;
use super::hook::Hooks;
use super::mark::Held;
use super::unit::{CommitError, Seen, Unit};
use super::{Error, Kind, Options, TransactionId, Work};
use crate::body::BoxError;

/// How long a rollback may take before the connection is given up.
const ROLLBACK_FOR: Duration = Duration::from_secs(5);

/// Where repository functions work: in a transaction, or each statement by itself.
///
/// It names no database and borrows nothing, so that services pass it on. From
/// [`Store::session`](super::Store::session) each statement is a transaction of its own; from
/// [`Store::transaction`](super::Store::transaction) all belong to one. A function that takes `&mut Session` runs in both.
///
/// A session out of a transaction takes a connection at its first statement and keeps it until it is dropped.
///
/// # What a session leaves behind
///
/// Settings, roles, temporary tables, advisory locks and the like belong to a connection, and the next to have it could be
/// another tenant. So a connection on which a statement may have changed the session (`SET`, `SELECT set_config(…)`,
/// `SELECT pg_advisory_lock(…)`, `LISTEN`, `CREATE TEMP TABLE`; `SET @x`, `GET_LOCK`, `USE`; `PRAGMA`, `ATTACH`) is not
/// given back as it is. `PostgreSQL`'s, in a pool that [`Connect`](crate::data::sql::Connect) opened, is reset in one
/// round trip, which nobody waits for but the next one to need it; any other is closed. A database in memory that lives in
/// the connections of a pool which was taken over is kept, settings and all.
///
/// `SET LOCAL`, `set_config(…, true)` and `pg_advisory_xact_lock` end with their transaction and cost nothing; neither do
/// statements that do none of this. Functions of one's own cannot be seen: [`reset_on_release`](Self::reset_on_release)
/// says what they do.
pub struct Session {
    unit: Box<dyn Unit>,
    /// How a transaction runs that is begun here.
    options: Options,
    /// 0 out of a transaction, 1 in one, more in nested ones.
    depth: u32,
    hooks: Hooks,
    /// Among what its hooks are counted: the work of a store, or of nobody.
    detached: Option<Detached>,
}

impl Session {
    pub(crate) fn new(unit: Box<dyn Unit>, options: Options, detached: Option<Detached>) -> Self {
        Self { unit, options, depth: 0, hooks: Hooks::default(), detached }
    }

    /// Whether what is done here is undone together, if it fails.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        self.depth > 0
    }

    /// Says that something done here changes the session in a way that its text does not show, such as a function of
    /// one's own that calls `set_config`: whoever has the connection next gets it
    /// [reset](Self#what-a-session-leaves-behind), or another one.
    pub fn reset_on_release(&mut self) {
        self.unit.reset_on_release();
    }

    /// The unit of one kind of store.
    pub(crate) fn unit<U: Unit>(&mut self) -> Result<&mut U, Error> {
        let unit: &mut dyn std::any::Any = &mut *self.unit;
        let wrong = || Error::new(Kind::WrongStore).because(type_name::<U>());
        unit.downcast_mut().ok_or_else(wrong)
    }

    /// Whether this is a session of one kind of store.
    #[cfg_attr(not(any(feature = "mysql", feature = "postgres", feature = "sqlite")), allow(dead_code))]
    pub(crate) fn is<U: Unit>(&self) -> bool {
        let unit: &dyn std::any::Any = &*self.unit;
        unit.is::<U>()
    }

    /// Does something once the transaction is committed: in the order of these calls, in tasks of their own, in the span
    /// of the caller. It is forgotten when the transaction, or the nested one that asked for it, is rolled back. A hook
    /// that fails is logged and changes nothing. [`Store::close`](super::Store::close) waits for hooks. What must happen
    /// even if the process is killed is a matter for the outbox.
    ///
    /// Out of a transaction there is no commit to wait for.
    ///
    /// # Errors
    ///
    /// [`Kind::Unsupported`] out of a transaction, and for more than 10,000 hooks of one; [`Kind::PoolClosed`] if the
    /// store is closed.
    pub fn after_commit<F, Fut, E>(&mut self, hook: F) -> Result<(), Error>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        if !self.in_transaction() {
            return Err(Error::new(Kind::Unsupported).because("there is no transaction to wait for"));
        }
        self.hooks.push(self.depth, self.detached.get_or_insert_default(), hook)
    }

    /// Wakes somebody once what is done here is committed: out of a transaction, at once.
    #[cfg_attr(not(feature = "outbox"), expect(dead_code, reason = "for the outbox"))]
    pub(crate) fn wake_after_commit(&mut self, whom: &std::sync::Arc<tokio::sync::Notify>) {
        if self.in_transaction() { self.hooks.wake(self.depth, whom) } else { whom.notify_one() }
    }

    /// Runs `work`, written `async |tx| …`, as a part that can fail alone: in a transaction it is a savepoint. Out of one, it is a transaction
    /// that is tried once.
    ///
    /// What the work gives back is given back; an error undoes what the work did, and nothing else. If this future is
    /// dropped half-way, nobody knows what the savepoint holds: then nothing more can be done in the transaction, and it
    /// will be rolled back.
    ///
    /// # Errors
    ///
    /// The work's error, or why the savepoint could not be made or kept.
    pub fn transaction<'a, F, R, E>(&'a mut self, work: F) -> impl Future<Output = Result<R, E>> + Send + 'a
    where
        for<'r> F: Work<&'r mut Self, Result<R, E>, Fut: Send> + Send + 'a,
        E: From<Error> + Send + 'a,
        R: Send + 'a,
    {
        nested(self, |session| session, work)
    }

    pub(crate) async fn begin(&mut self, options: &Options, left: Option<Duration>) -> Result<(), Error> {
        self.unit.begin(options, left).await?;
        self.has_begun();
        Ok(())
    }

    /// What is done from now on belongs to a transaction.
    pub(crate) const fn has_begun(&mut self) {
        self.depth = 1;
    }

    /// As [`begin`](Self::begin), but nothing is sent before there is something to do.
    pub(crate) async fn begin_later(&mut self, begin: Deferred) -> Result<(), Error> {
        if let Err(begin) = self.unit.defer(begin) {
            begin.begin(&mut *self.unit).await?;
        }
        self.has_begun();
        Ok(())
    }

    /// Nothing more can be done in this transaction, and it will not commit.
    pub(crate) fn doom(&mut self) {
        self.unit.doom(Kind::Aborted);
    }

    /// Gives what is to be done after it, if anything is.
    pub(crate) async fn commit(&mut self) -> Result<Option<Hooks>, CommitError> {
        let ended = limited(self.unit.commit_for(), self.committing().commit()).await;
        self.committed(ended)
    }

    /// The unit, which is about to commit.
    pub(crate) fn committing(&mut self) -> &mut dyn Unit {
        if self.depth != 1 {
            self.unit.doom(Kind::Aborted);
        }
        &mut *self.unit
    }

    /// What follows from how a commit ended.
    pub(crate) fn committed(
        &mut self,
        ended: Result<Result<(), CommitError>, Late>,
    ) -> Result<Option<Hooks>, CommitError> {
        let committed = ended.unwrap_or_else(|Late| {
            let why = "the commit was not answered in time";
            Err(CommitError::Unknown(Error::new(Kind::ConnectionLost).because(why)))
        });
        if committed.is_err() {
            self.unit.abandon();
        }
        // However it ended, it ended; only what may have been committed keeps its hooks.
        self.depth = 0;
        if let Err(CommitError::RolledBack(_)) = committed {
            self.hooks.discard(0);
        }
        committed.map(|()| self.take_hooks())
    }

    /// Undoes everything. An error says that some of it is kept, or may be.
    pub(crate) async fn rollback(&mut self) -> Result<(), Error> {
        self.hooks.discard(0);
        self.depth = 0;
        match limited(Some(ROLLBACK_FOR), self.unit.rollback()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) if error.kind() == Kind::TransactionLost => return Err(error),
            // The connection is closed, and with it the transaction: the caller's own error is what matters.
            Ok(Err(error)) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "a rollback failed; its connection was closed"
                );
            }
            Err(Late) => return self.abandon(),
        }
        Ok(())
    }

    /// Leaves everything to be undone without being asked. An error says that some of it may be kept.
    pub(crate) fn abandon(&mut self) -> Result<(), Error> {
        let may_be_kept = self.unit.may_be_kept();
        self.unit.abandon();
        if may_be_kept { Err(Error::new(Kind::TransactionLost)) } else { Ok(()) }
    }

    /// Whether something is to be done after the commit.
    pub(crate) fn has_hooks(&self) -> bool {
        !self.hooks.is_empty()
    }

    pub(crate) fn seen(&self) -> Seen {
        self.unit.seen()
    }

    pub(crate) fn take_hooks(&mut self) -> Option<Hooks> {
        self.has_hooks().then(|| std::mem::take(&mut self.hooks))
    }

    pub(crate) fn transaction_id(&self) -> Option<TransactionId> {
        self.unit.transaction_id()
    }

    async fn enter(&mut self) -> Result<(), Error> {
        if self.depth == 0 {
            let options = self.options;
            return self.begin(&options, options.deadline).await;
        }
        if let Some(kind) = self.seen().doomed {
            return Err(self.unit.failed_before(kind));
        }
        self.unit.savepoint(self.depth).await?;
        self.depth += 1;
        Ok(())
    }

    async fn keep(&mut self) -> Result<(), Error> {
        if self.depth == 1 {
            return self.keep_outermost().await;
        }
        if let Err(error) = self.unit.release(self.depth - 1).await {
            // What cannot be kept is undone; the transaction around it may go on.
            let _ = self.undo().await;
            return Err(error);
        }
        self.hooks.raise(self.depth);
        self.depth -= 1;
        Ok(())
    }

    async fn keep_outermost(&mut self) -> Result<(), Error> {
        let committed = self.commit().await;
        let id = self.transaction_id();
        let committed = committed.map_err(|failed| match failed {
            CommitError::RolledBack(error) => error,
            CommitError::Unknown(cause) => Error::unknown_commit(cause, id),
        });
        match committed {
            Ok(Some(hooks)) => hooks.run().await,
            Ok(None) => {}
            Err(error) => {
                self.hooks.discard(0);
                return Err(error);
            }
        }
        Ok(())
    }

    async fn undo(&mut self) -> Result<(), Error> {
        if self.depth == 1 {
            return self.rollback().await;
        }
        self.hooks.discard(self.depth);
        self.depth -= 1;
        if let Err(error) = self.unit.rollback_to(self.depth).await {
            self.unit.doom(error.kind());
        }
        Ok(())
    }

    /// A nested transaction was dropped half-way; `depth` is that of the one around it.
    fn dropped(&mut self, depth: u32) {
        if depth > 0 {
            return self.unit.doom(Kind::Aborted);
        }
        self.hooks.discard(0);
        self.depth = 0;
        self.unit.abandon();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("unit", &self.unit).field("depth", &self.depth).finish()
    }
}

/// A nested transaction of a handle `H` that is, or has, a session.
pub(crate) async fn nested<H, F, R, E>(handle: &mut H, session: fn(&mut H) -> &mut Session, work: F) -> Result<R, E>
where
    for<'r> F: Work<&'r mut H, Result<R, E>, Fut: Send>,
    E: From<Error>,
{
    let depth = session(handle).depth;
    let mut guard = Entering { handle, session, depth, settled: false };
    if let Err(error) = guard.session().enter().await {
        guard.settled = true; // nothing was entered
        return Err(error.into());
    }
    let writer = guard.session().unit.writer().filter(|_| depth == 0);
    let result = match writer {
        Some(store) => Held::new(store).scope(work(&mut *guard.handle)).await,
        None => work(&mut *guard.handle).await,
    };
    let outcome = match result {
        Ok(value) => guard.session().keep().await.map(|()| value).map_err(E::from),
        Err(error) => match guard.session().undo().await {
            Ok(()) => Err(error),
            Err(lost) => Err(lost.into()),
        },
    };
    guard.settled = true;
    outcome
}

/// Dropped before the nested transaction is settled, it dooms the one around it, or rolls it back if there is none.
struct Entering<'a, H> {
    handle: &'a mut H,
    session: fn(&mut H) -> &mut Session,
    depth: u32,
    settled: bool,
}

impl<H> Entering<'_, H> {
    fn session(&mut self) -> &mut Session {
        (self.session)(self.handle)
    }
}

impl<H> Drop for Entering<'_, H> {
    fn drop(&mut self) {
        if !self.settled {
            let depth = self.depth;
            self.session().dropped(depth);
        }
    }
}
