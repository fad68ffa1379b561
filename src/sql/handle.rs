use std::any::Any;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex};

use sqlx::Pool;

use super::background::Background;
use super::dialect::SqlDatabase;
use super::guard::{Conn, check};
use super::source::ConnectionSource;
use crate::store::outcome::into_result;
use crate::store::retry::Budget;
use crate::store::run::{self, TransactionSource};
use crate::store::unit::{Backend, BoxFuture, Unit};
use crate::store::{Error, Outcome, PoolStats, Resolution, Session, Store, TransactionId, TransactionOptions, Work};

use super::tx::Tx;
use crate::task::Tracker;

/// A database of one kind: one pool, or for SQLite one connection that writes and some that read.
///
/// This is the typed API: its transactions hand out [`Tx<DB>`](Tx), and it makes a [`Store`] for services that name no
/// database.
pub struct Database<DB: SqlDatabase> {
    pub(super) writer: ConnectionSource<DB>,
    pub(super) reader: ConnectionSource<DB>,
    /// Keeps an in-memory database alive. It is never used otherwise; the lock only makes it `Sync`.
    pub(super) anchor: Option<Arc<Mutex<DB::Connection>>>,
    /// The retry budget of its transactions, shared with every [`Store`] over it.
    pub(super) budget: Arc<Budget>,
    /// Its background work, through a [`Store`] or directly.
    pub(super) tasks: Tracker,
    pub(super) background: Background<DB>,
}

impl<DB: SqlDatabase> Database<DB> {
    /// Uses an existing pool of the service.
    ///
    /// This crate does not know how the pool's connections were set up, or in which state they were left. So a session
    /// checks each connection that it takes. This costs a round trip that a pool of [`Connect`](super::Connect) does
    /// not need; a transaction makes sure with its begin, in the same round trip.
    ///
    /// - On `PostgreSQL` and SQLite, a connection may have been left inside a transaction, for instance by a `begin` of
    ///   sqlx that was dropped half-way. Such a connection is closed, or rolled back.
    /// - On MySQL and MariaDB, the server or a previous user of the connection may have turned `autocommit` off or
    ///   chained transactions (`completion_type`). Both are reset, and a transaction that was left open is committed.
    /// - A connection whose session [was changed](Session#what-a-session-leaves-behind) is closed, since its initial
    ///   state is unknown.
    /// - On SQLite, the connection of a pool that has only one gets a progress handler. It stops a statement whose
    ///   caller is gone.
    #[must_use]
    pub fn from_pool(pool: Pool<DB>) -> Self {
        Self::over(ConnectionSource::counted(pool, None))
    }

    /// A database over one pool.
    pub(super) fn over(source: ConnectionSource<DB>) -> Self {
        Self::new(source.clone(), source)
    }

    /// A database with separate connections for writing and for reading.
    pub(super) fn new(writer: ConnectionSource<DB>, reader: ConnectionSource<DB>) -> Self {
        let (budget, tasks, background) = (Arc::default(), Tracker::default(), Background::default());
        let (writer, reader) = (writer.tracked(&tasks), reader.tracked(&tasks));
        Self { writer, reader, anchor: None, budget, tasks, background }
    }

    /// Declares that a pooler shares the sessions of the pool between clients. See
    /// [`Connect::unprepared`](super::Connect::unprepared).
    #[must_use]
    pub fn unprepared(self) -> Self {
        let source = self.writer.unprepared();
        Self { writer: source.clone(), reader: source, ..self }
    }

    /// The pool that writes, for work that does not go through this crate.
    #[must_use]
    pub const fn pool(&self) -> &Pool<DB> {
        self.writer.pool()
    }

    /// The pool that reads: the same one, except for an SQLite file.
    #[must_use]
    pub const fn readers(&self) -> &Pool<DB> {
        self.reader.pool()
    }

    /// The statistics of the pool. If the readers have a pool of their own, and if relays have connections, theirs are
    /// included.
    #[must_use]
    pub fn pool_stats(&self) -> PoolStats {
        let readers = (!self.writer.shares_pool(&self.reader)).then(|| self.reader.pool_stats());
        let others = readers.into_iter().chain(self.background.pool_stats());
        others.fold(self.writer.pool_stats(), |stats, more| stats.plus(&more))
    }

    const fn source(&self, read_only: bool) -> &ConnectionSource<DB> {
        if read_only { &self.reader } else { &self.writer }
    }
}

/// Runs work in a transaction of a pool. See [`Store::transaction`]; but a bare pool has no retry budget, unlike a
/// [`Store`] or a [`Database`].
///
/// # Errors
///
/// The work's own error, or one made from the store's [`Error`].
pub fn transaction<'a, DB, F, R, E>(
    pool: &'a Pool<DB>,
    options: TransactionOptions,
    work: F,
) -> impl Future<Output = Result<R, E>> + Send + 'a
where
    DB: SqlDatabase,
    for<'r> F: Work<&'r mut Tx<DB>, Result<R, E>, Fut: Send> + Clone + Send + 'a,
    R: Send + 'a,
    E: From<Error> + Send + 'a,
{
    into_result(run::run(pool, options, work))
}

impl<DB: SqlDatabase> Database<DB> {
    /// Runs the work in a transaction. See [`Store::transaction`].
    ///
    /// # Errors
    ///
    /// The work's own error, or one made from the store's [`Error`].
    pub fn transaction<'a, F, R, E>(
        &'a self,
        options: TransactionOptions,
        work: F,
    ) -> impl Future<Output = Result<R, E>> + Send + 'a
    where
        for<'r> F: Work<&'r mut Tx<DB>, Result<R, E>, Fut: Send> + Clone + Send + 'a,
        R: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        into_result(self.try_transaction(options, work))
    }

    /// Runs work that may run only once in a transaction. See [`Store::transaction_once`].
    ///
    /// # Errors
    ///
    /// See [`transaction`](Self::transaction).
    pub fn transaction_once<'a, F, R, E>(
        &'a self,
        options: TransactionOptions,
        work: F,
    ) -> impl Future<Output = Result<R, E>> + Send + 'a
    where
        for<'r> F: Work<&'r mut Tx<DB>, Result<R, E>, Fut: Send> + Send + 'a,
        R: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        into_result(run::run_once(self, options, work))
    }

    /// Runs the work in a transaction and says how it ended.
    pub fn try_transaction<'a, F, R, E>(
        &'a self,
        options: TransactionOptions,
        work: F,
    ) -> impl Future<Output = Outcome<R, E>> + Send + 'a
    where
        for<'r> F: Work<&'r mut Tx<DB>, Result<R, E>, Fut: Send> + Clone + Send + 'a,
        R: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        run::run(self, options, work)
    }
}

/// A bare pool: nothing is counted, and it shares no budget.
impl<DB: SqlDatabase> TransactionSource for Pool<DB> {
    fn open(&self, options: &TransactionOptions) -> Session {
        Session::new(Box::new(Conn::new(ConnectionSource::plain(self.clone()), options.read_only)), *options, None)
    }

    fn writer(&self, _: &TransactionOptions) -> Option<u64> {
        None
    }

    fn system(&self) -> Option<&'static str> {
        Some(DB::SYSTEM)
    }

    fn budget(&self) -> Option<&Budget> {
        None
    }

    fn resolve<'a>(&'a self, id: &'a TransactionId) -> BoxFuture<'a, Result<Resolution, Error>> {
        Box::pin(super::resolve::<DB>(self, id))
    }
}

impl<DB: SqlDatabase> TransactionSource for Database<DB> {
    fn open(&self, options: &TransactionOptions) -> Session {
        Session::new(self.unit(options.read_only), *options, Some(self.tasks.clone()))
    }

    fn writer(&self, options: &TransactionOptions) -> Option<u64> {
        self.source(options.read_only).writer()
    }

    fn system(&self) -> Option<&'static str> {
        Some(DB::SYSTEM)
    }

    fn budget(&self) -> Option<&Budget> {
        Some(&self.budget)
    }

    fn resolve<'a>(&'a self, id: &'a TransactionId) -> BoxFuture<'a, Result<Resolution, Error>> {
        Box::pin(super::resolve::<DB>(self.pool(), id))
    }
}

impl<DB: SqlDatabase> Backend for Database<DB> {
    fn unit(&self, read_only: bool) -> Box<dyn Unit> {
        Box::new(Conn::new(self.source(read_only).clone(), read_only))
    }

    fn background_unit(&self, read_only: bool) -> Box<dyn Unit> {
        Box::new(Conn::new(self.background.source(self.source(read_only)), read_only))
    }

    fn writer(&self, read_only: bool) -> Option<u64> {
        self.source(read_only).writer()
    }

    fn system(&self) -> Option<&'static str> {
        Some(DB::SYSTEM)
    }

    fn budget(&self) -> Arc<Budget> {
        Arc::clone(&self.budget)
    }

    fn tasks(&self) -> Tracker {
        self.tasks.clone()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async {
            check::answers(&self.reader).await?;
            if self.writer.shares_pool(&self.reader) {
                return Ok(());
            }
            // Uncounted, so that a check counts once.
            check::answers(&self.writer.uncounted()).await
        })
    }

    fn pool_stats(&self) -> PoolStats {
        self.pool_stats()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        // In a task of its own, so that everything is closed in the end even if the caller stops waiting.
        let (reader, writer) = (self.reader.pool().clone(), self.writer.pool().clone());
        let background = self.background.clone();
        let closing = async move {
            // These calls mark the pools as closed at once, before anything is awaited.
            let (reader, writer) = (reader.close(), writer.close());
            futures_util::future::join3(reader, writer, background.close()).await
        };
        Box::pin(async {
            let _ = tokio::spawn(closing).await;
        })
    }

    fn resolve<'a>(&'a self, id: &'a TransactionId) -> BoxFuture<'a, Result<Resolution, Error>> {
        Box::pin(super::resolve::<DB>(self.pool(), id))
    }
}

impl<DB: SqlDatabase> From<Database<DB>> for Store {
    fn from(sql: Database<DB>) -> Self {
        Self::new(sql)
    }
}

impl<DB: SqlDatabase> From<Pool<DB>> for Store {
    fn from(pool: Pool<DB>) -> Self {
        Database::from_pool(pool).into()
    }
}

impl Store {
    /// The typed API of the same database; `None` if this store is of another kind.
    #[must_use]
    pub fn sql<DB: SqlDatabase>(&self) -> Option<Database<DB>> {
        let backend: &dyn Any = self.backend();
        backend.downcast_ref().cloned()
    }
}

impl Session {
    /// A guarded connection for sqlx's own queries, in a repository of one database.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongStore`](crate::store::ErrorKind::WrongStore) if this is a session of another kind of store;
    /// otherwise the reason why no connection could be had, or why the transaction is doomed.
    pub async fn sql<DB: SqlDatabase>(&mut self) -> Result<&mut Conn<DB>, Error> {
        let conn = self.unit::<Conn<DB>>()?;
        conn.ready().await?;
        Ok(conn)
    }
}

impl<DB: SqlDatabase> Clone for Database<DB> {
    fn clone(&self) -> Self {
        let Self { writer, reader, anchor, budget, tasks, background } = self;
        Self {
            writer: writer.clone(),
            reader: reader.clone(),
            anchor: anchor.clone(),
            budget: Arc::clone(budget),
            tasks: tasks.clone(),
            background: background.clone(),
        }
    }
}

impl<DB: SqlDatabase> fmt::Debug for Database<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Database").field(&self.writer).finish()
    }
}
