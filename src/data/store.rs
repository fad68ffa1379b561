use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::deadline::{after, within};
use super::detach::Detached;
use super::outcome::folded;
use super::retry::Budget;
use super::run::{self, Ground};
use super::unit::{Backend, BoxFuture};
use super::{Error, Figures, Kind, Options, Outcome, Resolution, Session, StillOpen, TransactionId, Work};

/// A database, or the memory, as services see it. Cloning it shares it. See the [chapter](super).
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
    options: Options,
    /// Whether it takes its connections beside those that requests wait for.
    background: bool,
}

struct Shared {
    backend: Box<dyn Backend>,
    budget: Arc<Budget>,
    detached: Detached,
}

impl Store {
    pub(crate) fn new(backend: impl Backend) -> Self {
        let (budget, detached) = (backend.budget(), backend.detached());
        let shared = Shared { backend: Box::new(backend), budget, detached };
        Self { shared: Arc::new(shared), options: Options::new(), background: false }
    }

    /// The same store, whose transactions run with these options. One that was made [to read only](Self::read_only) stays
    /// so.
    #[must_use]
    pub fn with(&self, options: Options) -> Self {
        let options = if self.options.read_only { options.read_only() } else { options };
        Self { shared: Arc::clone(&self.shared), options, background: self.background }
    }

    /// The same store, for work in the background: where there is a server, it has connections of its own.
    #[cfg_attr(not(feature = "outbox"), expect(dead_code, reason = "for the outbox"))]
    pub(crate) fn in_background(&self) -> Self {
        Self { background: true, ..self.clone() }
    }

    /// The same store for reading only: its sessions take SQLite's readers, its transactions see one moment.
    ///
    /// The database refuses every write, with [`Kind::ReadOnly`]. That is a mistake of the program and answered with a
    /// masked 500; a server that takes no writes from anybody has the same kind, and is a 503. In a transaction it costs
    /// nothing. Out of one, each statement is sent in a transaction of its own that reads, which takes one round trip
    /// more on `PostgreSQL`, MySQL and MariaDB; a setting of the session would leak to strangers behind a pooler. SQLite's
    /// readers cannot write; another connection to SQLite is kept from it with `query_only`. What may commit, such as
    /// `CALL` on MySQL, is refused before it is sent.
    #[must_use]
    pub fn read_only(&self) -> Self {
        self.with(self.options.read_only())
    }

    /// A session out of a transaction: each statement is a transaction of its own.
    #[must_use]
    pub fn session(&self) -> Session {
        self.open(&self.options)
    }

    /// Runs the work in a transaction. It is committed when the work gives `Ok`, rolled back when it gives an error or is
    /// dropped, and run again when the database asks for it; so the work must do nothing outside the store that may not
    /// be done twice ([`Session::after_commit`] is the place for that).
    ///
    /// The work is written `async |tx| …`; of `|tx| async move { … }` the compiler says that an implementation of
    /// `AsyncFnOnce` is not general enough, because the future of such a closure cannot borrow `tx`.
    ///
    /// ```
    /// use buttress::data::{Error, Memory, Store};
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
    /// The work's own error, or one made of the store's [`Error`]. Nothing was kept, unless its kind is
    /// [`UnknownCommit`](Kind::UnknownCommit), or [`TransactionLost`](Kind::TransactionLost), which takes the place of the
    /// work's own where some of the work was committed behind its back.
    pub fn transaction<'a, F, R, E>(&'a self, work: F) -> impl Future<Output = Result<R, E>> + Send + 'a
    where
        for<'r> F: Work<&'r mut Session, Result<R, E>, Fut: Send> + Clone + Send + 'a,
        R: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        folded(run::run(self, self.options, work))
    }

    /// Runs the work, written `async |tx| …`, in a transaction and says how it ended.
    pub fn outcome<'a, F, R, E>(&'a self, work: F) -> impl Future<Output = Outcome<R, E>> + Send + 'a
    where
        for<'r> F: Work<&'r mut Session, Result<R, E>, Fut: Send> + Clone + Send + 'a,
        R: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        run::run(self, self.options, work)
    }

    /// Runs work that may be run only once, written `async |tx| …` as for [`transaction`](Self::transaction), in a
    /// transaction: it is not tried again, and may own what it captures.
    ///
    /// # Errors
    ///
    /// As [`transaction`](Self::transaction).
    pub fn once<'a, F, R, E>(&'a self, work: F) -> impl Future<Output = Result<R, E>> + Send + 'a
    where
        for<'r> F: Work<&'r mut Session, Result<R, E>, Fut: Send> + Send + 'a,
        R: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        folded(run::run_once(self, self.options, work))
    }

    /// Runs `work` to its end even if the caller goes away, as a request's handler does when its client leaves.
    /// [`close`](Self::close) waits for it.
    ///
    /// # Errors
    ///
    /// [`Kind::Other`] if the work panicked; [`Kind::PoolClosed`] if the store is closed: then it was not begun.
    ///
    /// # Panics
    ///
    /// Out of a Tokio runtime.
    pub fn detached<F>(&self, work: F) -> impl Future<Output = Result<F::Output, Error>> + Send + use<F>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.shared.detached.spawn(work)
    }

    /// How its transactions run.
    pub(crate) const fn options(&self) -> &Options {
        &self.options
    }

    /// What goes on without its caller.
    pub(crate) fn detaching(&self) -> &Detached {
        &self.shared.detached
    }

    /// Asks what became of a transaction whose commit was cut, with the
    /// [`transaction_id`](Error::transaction_id) of its error.
    ///
    /// # Errors
    ///
    /// [`Kind::Unsupported`] where the database cannot tell (all but `PostgreSQL`); else why it could not be asked.
    pub async fn resolve(&self, id: &TransactionId) -> Result<Resolution, Error> {
        self.shared.backend.resolve(id).await
    }

    /// Whether the database answers in time, for a readiness probe. Of SQLite both are asked, who reads and who writes; a
    /// writer that a session is busy with is not waited for, and one that nobody has and that does not come back is
    /// reported.
    ///
    /// # Errors
    ///
    /// Why it does not; [`Kind::DeadlineExceeded`] if it said nothing.
    pub async fn check(&self, limit: Duration) -> Result<(), Error> {
        let check = tokio::time::timeout(limit, self.shared.backend.check());
        check.await.unwrap_or_else(|_| Err(Error::new(Kind::DeadlineExceeded)))
    }

    /// Figures of the pool, for metrics.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.shared.backend.figures()
    }

    #[cfg_attr(not(feature = "sqlx"), expect(dead_code, reason = "for SQL databases"))]
    pub(crate) fn backend(&self) -> &dyn Backend {
        &*self.shared.backend
    }

    /// Ends what goes on in the store, and closes it: relays of an outbox stop; what was [detached](Self::detached), the
    /// ends of requests' transactions and [after-commit hooks](Session::after_commit) are waited for; then no more
    /// connections are given out, those that are in use are waited for, with the hooks that they leave behind, and all
    /// are closed.
    ///
    /// # Errors
    ///
    /// What was still open after the limit. It goes on; `close` may be called again to wait for it.
    pub async fn close(&self, limit: Duration) -> Result<(), StillOpen> {
        let (end, detached) = (after(limit), &self.shared.detached);
        // Some of it is for what comes after them.
        detached.close_within(limit / 4 * 3);
        // What is detached may still need a connection.
        let drained = within(end, detached.drained()).await;
        let closed = within(end, self.shared.backend.close()).await;
        if drained.is_ok() && closed.is_ok() && within(end, detached.closed()).await.is_ok() {
            return Ok(());
        }
        let figures = self.figures();
        Err(StillOpen { connections: figures.in_use(), detached: detached.count() })
    }
}

impl Ground for Store {
    fn open(&self, options: &Options) -> Session {
        let Shared { backend, detached, .. } = &*self.shared;
        let unit =
            if self.background { backend.background_unit(options.read_only) } else { backend.unit(options.read_only) };
        Session::new(unit, *options, Some(detached.clone()))
    }

    fn writer(&self, options: &Options) -> Option<u64> {
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

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.shared.backend).finish()
    }
}
