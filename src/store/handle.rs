use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::deadline::{after, within};
use super::outcome::into_result;
use super::retry::Budget;
use super::run::{self, TransactionSource};
use super::unit::{Backend, BoxFuture};
use super::{
    CloseTimeout, Error, ErrorKind, Outcome, PoolStats, Resolution, Session, TransactionId, TransactionOptions, Work,
};
use crate::task::{Probe, ProbeFuture, Tracker};

/// A database, or the memory, as services see it. A clone shares the same database. See the [chapter](super).
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
    options: TransactionOptions,
    /// Whether its sessions use the connections for background work, and not those that requests wait for.
    background: bool,
}

struct Shared {
    backend: Box<dyn Backend>,
    budget: Arc<Budget>,
    tasks: Tracker,
}

/// The name of [spawned](Store::spawn) work among the background work of a store.
const SPAWNED: &str = "spawned work";

impl Store {
    pub(crate) fn new(backend: impl Backend) -> Self {
        let (budget, tasks) = (backend.budget(), backend.tasks());
        let shared = Shared { backend: Box::new(backend), budget, tasks };
        Self { shared: Arc::new(shared), options: TransactionOptions::new(), background: false }
    }

    /// The same store, with these options for its transactions. A store that was made [read-only](Self::read_only)
    /// stays so.
    #[must_use]
    pub fn with_options(&self, options: TransactionOptions) -> Self {
        let options = if self.options.read_only { options.read_only() } else { options };
        Self { shared: Arc::clone(&self.shared), options, background: self.background }
    }

    /// The same store, for background work: on a database server, it has connections of its own.
    pub(crate) fn in_background(&self) -> Self {
        Self { background: true, ..self.clone() }
    }

    /// The same store, read-only: its sessions use SQLite's readers, and its transactions see one snapshot.
    ///
    /// The database refuses every write, with [`ErrorKind::ReadOnly`]. Such a write is a mistake of the program and
    /// answered with a masked 500; a server that takes no writes at all gives the same kind, and is a 503. Inside a
    /// transaction, this costs nothing. Outside one, each statement is sent in a read-only transaction of its own,
    /// which takes one more round trip on `PostgreSQL`, MySQL and MariaDB; a session setting would leak to other
    /// clients behind a pooler. SQLite's readers cannot write; any other SQLite connection is kept from writing with
    /// `query_only`. A statement that may commit, such as `CALL` on MySQL, is refused before it is sent.
    #[must_use]
    pub fn read_only(&self) -> Self {
        self.with_options(self.options.read_only())
    }

    /// A session outside a transaction: each statement is a transaction of its own.
    #[must_use]
    pub fn session(&self) -> Session {
        self.open(&self.options)
    }

    /// Runs the work in a transaction. The transaction is committed when the work returns `Ok`, rolled back when it
    /// returns an error or is dropped, and run again when the database asks for it. So everything that the work does
    /// outside the store must be safe to do twice; what must happen only once belongs in [`Session::after_commit`].
    ///
    /// The work is written `async |tx| …`. For `|tx| async move { … }`, the compiler reports that an implementation of
    /// `AsyncFnOnce` is not general enough, because the future of such a closure cannot borrow `tx`.
    ///
    /// ```
    /// use buttress::store::{Error, Memory, Store};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let store = Store::from(Memory::new(Vec::<String>::new()));
    /// let name = String::from("ann");
    /// let count = store
    ///     .transaction(async |tx| {
    ///         let names = tx.memory::<Vec<String>>()?;
    ///         names.write(|names| names.push(name.clone())).await?;
    ///         Ok::<_, Error>(names.read(Vec::len))
    ///     })
    ///     .await?;
    /// assert_eq!(count, 1);
    /// # Ok::<_, Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// The work's own error, or one made from the store's [`Error`]. Nothing was kept, unless its kind is
    /// [`UnknownCommit`](ErrorKind::UnknownCommit) or [`TransactionLost`](ErrorKind::TransactionLost). The latter
    /// replaces the work's own error if the server committed some of the work by itself.
    pub fn transaction<'a, F, R, E>(&'a self, work: F) -> impl Future<Output = Result<R, E>> + Send + 'a
    where
        for<'r> F: Work<&'r mut Session, Result<R, E>, Fut: Send> + Clone + Send + 'a,
        R: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        into_result(run::run(self, self.options, work))
    }

    /// Runs the work, written `async |tx| …`, in a transaction and says how it ended.
    pub fn try_transaction<'a, F, R, E>(&'a self, work: F) -> impl Future<Output = Outcome<R, E>> + Send + 'a
    where
        for<'r> F: Work<&'r mut Session, Result<R, E>, Fut: Send> + Clone + Send + 'a,
        R: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        run::run(self, self.options, work)
    }

    /// Runs the work in a transaction, once: it is not tried again, and may own what it captures. It is written
    /// `async |tx| …`, as for [`transaction`](Self::transaction).
    ///
    /// # Errors
    ///
    /// See [`transaction`](Self::transaction).
    pub fn transaction_once<'a, F, R, E>(&'a self, work: F) -> impl Future<Output = Result<R, E>> + Send + 'a
    where
        for<'r> F: Work<&'r mut Session, Result<R, E>, Fut: Send> + Send + 'a,
        R: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        into_result(run::run_once(self, self.options, work))
    }

    /// Runs `work` to its end even if its caller is dropped, as the handler of a request is when the client
    /// disconnects. [`close`](Self::close) waits for it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Other`] if the work panicked; [`ErrorKind::PoolClosed`] if the store is closed; then the work was
    /// not begun.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime.
    pub fn spawn<F>(&self, work: F) -> impl Future<Output = Result<F::Output, Error>> + Send + use<F>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let task = self.shared.tasks.begin(SPAWNED).map(|running| running.spawn(work));
        async move {
            let task = task.ok_or_else(|| Error::new(ErrorKind::PoolClosed))?;
            task.await.map_err(|_| Error::new(ErrorKind::Other).because("spawned work panicked"))
        }
    }

    /// The options of its transactions.
    pub(crate) const fn options(&self) -> &TransactionOptions {
        &self.options
    }

    /// The tracker of its background work.
    pub(crate) fn tasks(&self) -> &Tracker {
        &self.shared.tasks
    }

    /// Asks what became of a transaction whose commit was cut off, by the [`transaction_id`](Error::transaction_id) of
    /// its error.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] if the database cannot tell (all but `PostgreSQL`); otherwise the reason why it could
    /// not be asked.
    pub async fn resolve(&self, id: &TransactionId) -> Result<Resolution, Error> {
        self.shared.backend.resolve(id).await
    }

    /// Whether the database answers in time, for a readiness probe. SQLite's readers and its writer are both asked. If
    /// a session uses the writer, the check does not wait for it. If no session uses it and it does not come back, the
    /// check fails.
    ///
    /// # Errors
    ///
    /// The reason why the database does not answer; [`ErrorKind::DeadlineExceeded`] if it did not answer in time.
    pub async fn check(&self, limit: Duration) -> Result<(), Error> {
        let check = tokio::time::timeout(limit, self.shared.backend.check());
        check.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::DeadlineExceeded)))
    }

    /// The pool's statistics, for metrics.
    #[must_use]
    pub fn pool_stats(&self) -> PoolStats {
        self.shared.backend.pool_stats()
    }

    pub(crate) fn backend(&self) -> &dyn Backend {
        &*self.shared.backend
    }

    /// Ends the store's work and closes the store. Outbox relays stop. [Spawned](Self::spawn) work, the ends of
    /// requests' transactions and [after-commit hooks](Session::after_commit) are waited for. Then no more connections
    /// are handed out; those in use are waited for, with the hooks that they leave behind, and all connections are
    /// closed.
    ///
    /// # Errors
    ///
    /// The work that was still open after the limit. It goes on; call `close` again to wait for it.
    pub async fn close(&self, limit: Duration) -> Result<(), CloseTimeout> {
        let (end, tasks) = (after(limit), &self.shared.tasks);
        // The rest of the limit is for the steps that follow.
        tasks.stop_within(limit / 4 * 3);
        // Background work may still need a connection, so it ends first.
        let idle = within(end, tasks.idle()).await;
        let closed = within(end, self.shared.backend.close()).await;
        if idle.is_ok() && closed.is_ok() && within(end, tasks.closed()).await.is_ok() {
            return Ok(());
        }
        Err(CloseTimeout { connections: self.pool_stats().in_use(), unfinished: tasks.unfinished() })
    }
}

impl TransactionSource for Store {
    fn open(&self, options: &TransactionOptions) -> Session {
        let Shared { backend, tasks, .. } = &*self.shared;
        let unit =
            if self.background { backend.background_unit(options.read_only) } else { backend.unit(options.read_only) };
        Session::new(unit, *options, Some(tasks.clone()))
    }

    fn writer(&self, options: &TransactionOptions) -> Option<u64> {
        self.shared.backend.writer(options.read_only)
    }

    fn system(&self) -> Option<&'static str> {
        self.shared.backend.system()
    }

    fn budget(&self) -> Option<&Budget> {
        Some(&self.shared.budget)
    }

    fn resolve<'a>(&'a self, id: &'a TransactionId) -> BoxFuture<'a, Result<Resolution, Error>> {
        self.shared.backend.resolve(id)
    }
}

impl Probe for Store {
    fn probe(&self, limit: Duration) -> ProbeFuture<'_> {
        Box::pin(async move { Ok(self.check(limit).await?) })
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.shared.backend).finish()
    }
}
