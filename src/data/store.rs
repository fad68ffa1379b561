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
}

struct Shared {
    backend: Box<dyn Backend>,
    budget: Arc<Budget>,
    detached: Detached,
}

impl Store {
    pub(crate) fn new(backend: impl Backend) -> Self {
        let budget = backend.budget();
        let shared = Shared { backend: Box::new(backend), budget, detached: Detached::default() };
        Self { shared: Arc::new(shared), options: Options::new() }
    }

    /// The same store, whose transactions run with these options.
    #[must_use]
    pub fn with(&self, options: Options) -> Self {
        Self { shared: Arc::clone(&self.shared), options }
    }

    /// The same store for reading only: its sessions take SQLite's readers, its transactions see one moment.
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

    /// Runs the work in a transaction and says how it ended.
    pub fn outcome<'a, F, R, E>(&'a self, work: F) -> impl Future<Output = Outcome<R, E>> + Send + 'a
    where
        for<'r> F: Work<&'r mut Session, Result<R, E>, Fut: Send> + Clone + Send + 'a,
        R: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        run::run(self, self.options, work)
    }

    /// Runs work that may be run only once in a transaction: it is not tried again, and may own what it captures.
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
    /// [`Kind::Other`] if the work panicked.
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

    /// Gives out no more connections, waits for those that are in use and for what was
    /// [detached](Self::detached), and closes them all.
    ///
    /// # Errors
    ///
    /// What was still open after the limit.
    pub async fn close(&self, limit: Duration) -> Result<(), StillOpen> {
        let end = after(limit);
        // What is detached may still need a connection.
        let detached = within(end, self.shared.detached.drained()).await;
        let closed = within(end, self.shared.backend.close()).await;
        if detached.is_ok() && closed.is_ok() {
            return Ok(());
        }
        let figures = self.figures();
        Err(StillOpen { connections: figures.in_use(), detached: self.shared.detached.count() })
    }
}

impl Ground for Store {
    fn open(&self, options: &Options) -> Session {
        Session::new(self.shared.backend.unit(options.read_only), *options)
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
