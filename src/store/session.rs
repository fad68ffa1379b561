use std::any::{Any, type_name};
use std::fmt;
use std::future::Future;
use std::time::Duration;

use super::deadline::{Elapsed, limited};
use super::hook::Hooks;
use super::lazy_begin::LazyBegin;
use super::unit::{CommitError, Seen, Unit};
use super::writer_guard::WriterGuard;
use super::{Error, ErrorKind, TransactionId, TransactionOptions, Work};
use crate::body::BoxError;
use crate::task::Tracker;
use crate::telemetry::targets::STORE;

/// How long a rollback may take before the connection is given up.
const ROLLBACK_LIMIT: Duration = Duration::from_secs(5);

/// The argument of repository functions: it runs their statements inside a transaction, or each by itself.
///
/// A session names no database and borrows nothing, so that services can pass it on. In a session from
/// [`Store::session`](super::Store::session), each statement is a transaction of its own. In one from
/// [`Store::transaction`](super::Store::transaction), all statements belong to one transaction. A function that takes
/// `&mut Session` runs in both.
///
/// A session outside a transaction takes a connection at its first statement and keeps it until the session is dropped.
///
/// # What a session leaves behind
///
/// Settings, roles, temporary tables, advisory locks and the like belong to a connection, and the next user of that
/// connection could be another tenant. So a connection on which a statement may have changed the session (`SET`,
/// `SELECT set_config(…)`, `SELECT pg_advisory_lock(…)`, `LISTEN`, `CREATE TEMP TABLE`; `SET @x`, `GET_LOCK`, `USE`;
/// `PRAGMA`, `ATTACH`) does not return to the pool as it is. A `PostgreSQL` connection, in a pool that
/// [`Connect`](crate::sql::Connect) opened, is reset in one round trip, and only the next task that needs this
/// connection waits for the reset. Any other connection is closed. The exception is an in-memory database that lives in
/// the connections of an existing pool: it is kept, settings and all.
///
/// `SET LOCAL`, `set_config(…, true)` and `pg_advisory_xact_lock` end with their transaction and cost nothing.
/// Statements that do none of this cost nothing, either. The bodies of your own SQL functions cannot be seen: declare
/// their effect with [`reset_on_release`](Self::reset_on_release).
pub struct Session {
    unit: Box<dyn Unit>,
    /// The options of a transaction that is begun here.
    options: TransactionOptions,
    /// 0 outside a transaction, 1 inside one, more in nested ones.
    depth: u32,
    hooks: Hooks,
    /// Counts the hooks among the store's background work. If the session belongs to no store, it is made with the
    /// first hook.
    tasks: Option<Tracker>,
}

impl Session {
    pub(crate) fn new(unit: Box<dyn Unit>, options: TransactionOptions, tasks: Option<Tracker>) -> Self {
        Self { unit, options, depth: 0, hooks: Hooks::default(), tasks }
    }

    /// Whether this is inside a transaction: everything that is done here is then undone together if it fails.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        self.depth > 0
    }

    /// Declares that a statement changed the session in a way that its text does not show: for instance, it called a
    /// function of your own that calls `set_config`. The connection's next user gets it
    /// [reset](Self#what-a-session-leaves-behind), or gets another connection.
    pub fn reset_on_release(&mut self) {
        self.unit.reset_on_release();
    }

    /// The unit, if this is a session of that kind of store.
    pub(crate) fn unit<U: Unit>(&mut self) -> Result<&mut U, Error> {
        let unit: &mut dyn Any = &mut *self.unit;
        let wrong = || Error::new(ErrorKind::WrongStore).because(type_name::<U>());
        unit.downcast_mut().ok_or_else(wrong)
    }

    /// The unit, and its interface of this type: a higher ring defines the type and runs statements through it.
    pub(crate) fn interface<I: Any>(&mut self) -> Option<(&'static I, &mut (dyn Any + 'static))> {
        let interface = self.unit.interface()?.downcast_ref()?;
        Some((interface, &mut *self.unit))
    }

    /// Registers a hook that runs once the transaction is committed. Hooks run in the order of these calls, one after
    /// the other in a task of their own, inside the caller's span. A hook is dropped when the transaction, or the
    /// nested one that registered it, is rolled back. A hook that fails is logged and changes nothing.
    /// [`Store::close`](super::Store::close) waits for hooks. Work that must happen even if the process is killed
    /// belongs in the outbox.
    ///
    /// Outside a transaction there is no commit to wait for.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] outside a transaction, and for more than 10,000 hooks in one;
    /// [`ErrorKind::PoolClosed`] if the store is closed.
    pub fn after_commit<F, Fut, E>(&mut self, hook: F) -> Result<(), Error>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        if !self.in_transaction() {
            return Err(Error::new(ErrorKind::Unsupported).because("there is no transaction to wait for"));
        }
        self.hooks.push(self.depth, self.tasks.get_or_insert_default(), hook)
    }

    /// Wakes a task once the work done here is committed; outside a transaction, at once.
    pub(crate) fn wake_after_commit(&mut self, task: &std::sync::Arc<tokio::sync::Notify>) {
        if self.in_transaction() { self.hooks.wake(self.depth, task) } else { task.notify_one() }
    }

    /// Runs `work`, written `async |tx| …`, as a part that can fail alone. Inside a transaction, this is a savepoint;
    /// outside one, it is a transaction that is tried once.
    ///
    /// The work's value is returned. An error undoes what the work did, and nothing else. If this future is dropped
    /// half-way, the state of the savepoint is unknown: nothing more can be done in the transaction, and it will be
    /// rolled back.
    ///
    /// # Errors
    ///
    /// The work's error, or the reason why the savepoint could not be made or released.
    pub fn transaction<'a, F, R, E>(&'a mut self, work: F) -> impl Future<Output = Result<R, E>> + Send + 'a
    where
        for<'r> F: Work<&'r mut Self, Result<R, E>, Fut: Send> + Send + 'a,
        E: From<Error> + Send + 'a,
        R: Send + 'a,
    {
        nested(self, |session| session, work)
    }

    pub(crate) async fn begin(&mut self, options: &TransactionOptions, left: Option<Duration>) -> Result<(), Error> {
        self.unit.begin(options, left).await?;
        self.has_begun();
        Ok(())
    }

    /// Marks that all further statements belong to a transaction.
    pub(crate) const fn has_begun(&mut self) {
        self.depth = 1;
    }

    /// Like [`begin`](Self::begin), but nothing is sent before the first statement.
    pub(crate) async fn begin_later(&mut self, begin: LazyBegin) -> Result<(), Error> {
        if let Err(begin) = self.unit.defer(begin) {
            begin.begin(&mut *self.unit).await?;
        }
        self.has_begun();
        Ok(())
    }

    /// Dooms the transaction: nothing more can be done in it, and it will not commit.
    pub(crate) fn doom(&mut self) {
        self.unit.doom(ErrorKind::Aborted);
    }

    /// Commits, and returns the after-commit hooks, if there are any.
    pub(crate) async fn commit(&mut self) -> Result<Option<Hooks>, CommitError> {
        let ended = limited(self.unit.commit_for(), self.committing().commit()).await;
        self.committed(ended)
    }

    /// The unit, when it is about to commit.
    pub(crate) fn committing(&mut self) -> &mut dyn Unit {
        // A nested transaction has not ended: it was dropped half-way, or its future was leaked.
        if self.depth != 1 {
            self.unit.doom(ErrorKind::Aborted);
        }
        &mut *self.unit
    }

    /// Updates the session according to how the commit ended.
    pub(crate) fn committed(
        &mut self,
        ended: Result<Result<(), CommitError>, Elapsed>,
    ) -> Result<Option<Hooks>, CommitError> {
        let committed = ended.unwrap_or_else(|Elapsed| {
            let why = "the commit was not answered in time";
            Err(CommitError::Unknown(Error::new(ErrorKind::ConnectionLost).because(why)))
        });
        if committed.is_err() {
            self.unit.abandon();
        }
        // The transaction has ended in any case. Its hooks are dropped only if it was certainly rolled back.
        self.depth = 0;
        if let Err(CommitError::RolledBack(_)) = committed {
            self.hooks.discard(0);
        }
        committed.map(|()| self.take_hooks())
    }

    /// Undoes everything. An error means that some of it is kept, or may be.
    pub(crate) async fn rollback(&mut self) -> Result<(), Error> {
        self.hooks.discard(0);
        self.depth = 0;
        match limited(Some(ROLLBACK_LIMIT), self.unit.rollback()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) if error.kind() == ErrorKind::TransactionLost => return Err(error),
            // The connection is closed, and its transaction ends with it: the caller's own error is what matters.
            Ok(Err(error)) => {
                tracing::debug!(
                    target: STORE,
                    error = &error as &dyn std::error::Error,
                    "a rollback failed; its connection was closed"
                );
            }
            Err(Elapsed) => return self.abandon(),
        }
        Ok(())
    }

    /// Abandons the transaction, so that everything is undone without a request. An error means that some of it may be
    /// kept.
    pub(crate) fn abandon(&mut self) -> Result<(), Error> {
        let may_be_kept = self.unit.may_be_kept();
        self.unit.abandon();
        if may_be_kept { Err(Error::new(ErrorKind::TransactionLost)) } else { Ok(()) }
    }

    /// Whether any hook is registered for after the commit.
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
            // A savepoint that cannot be released is undone; the transaction around it may go on.
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
        // This failure only dooms the transaction: the caller gets the error because of which the work is undone.
        if let Err(error) = self.unit.rollback_to(self.depth).await {
            self.unit.doom(error.kind());
        }
        Ok(())
    }

    /// Handles a nested transaction that was dropped half-way; `depth` is that of the one around it.
    fn dropped(&mut self, depth: u32) {
        if depth > 0 {
            return self.unit.doom(ErrorKind::Aborted);
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

/// Runs a nested transaction of a handle `H` that is, or has, a session.
pub(crate) async fn nested<H, F, R, E>(handle: &mut H, session: fn(&mut H) -> &mut Session, work: F) -> Result<R, E>
where
    for<'r> F: Work<&'r mut H, Result<R, E>, Fut: Send>,
    E: From<Error>,
{
    let depth = session(handle).depth;
    let mut guard = NestedGuard { handle, session, depth, is_ended: false };
    if let Err(error) = guard.session().enter().await {
        guard.is_ended = true; // nothing was entered
        return Err(error.into());
    }
    let writer = guard.session().unit.writer().filter(|_| depth == 0);
    let result = match writer {
        Some(store) => WriterGuard::new(store).scope(work(&mut *guard.handle)).await,
        None => work(&mut *guard.handle).await,
    };
    let outcome = match result {
        Ok(value) => guard.session().keep().await.map(|()| value).map_err(E::from),
        Err(error) => match guard.session().undo().await {
            Ok(()) => Err(error),
            Err(lost) => Err(lost.into()),
        },
    };
    guard.is_ended = true;
    outcome
}

/// A guard: if it is dropped before the nested transaction has ended, it dooms the transaction around it, or rolls
/// back if there is none.
struct NestedGuard<'a, H> {
    handle: &'a mut H,
    session: fn(&mut H) -> &mut Session,
    depth: u32,
    is_ended: bool,
}

impl<H> NestedGuard<'_, H> {
    fn session(&mut self) -> &mut Session {
        (self.session)(self.handle)
    }
}

impl<H> Drop for NestedGuard<'_, H> {
    fn drop(&mut self) {
        if !self.is_ended {
            let depth = self.depth;
            self.session().dropped(depth);
        }
    }
}
