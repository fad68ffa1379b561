use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use sqlx::{Describe, Execute, Executor, SqlStr};

use super::dialect::{SqlDatabase, Step};
use super::error::guard_error::guard_error;
use super::guard::Conn;
use crate::store::deadline::limited;
use crate::store::hook::Hooks;
use crate::store::run::TransactionHandle;
use crate::store::session::nested;
use crate::store::unit::CommitError;
use crate::store::{Error, Session, TransactionOptions, Work};

/// A transaction of one kind of database: an [`Executor`](sqlx::Executor) as `&mut Tx<DB>`, and a [`Session`] for
/// functions that name no database.
pub struct Tx<DB: SqlDatabase> {
    session: Session,
    database: PhantomData<fn() -> DB>,
}

impl<DB: SqlDatabase> Tx<DB> {
    /// Runs `work` as a part that can fail on its own: a savepoint. See [`Session::transaction`].
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
        nested(self, |tx| &mut tx.session, work)
    }

    /// The guarded connection.
    ///
    /// # Errors
    ///
    /// The reason why there is no connection: never inside a transaction that has begun.
    pub fn conn(&mut self) -> Result<&mut Conn<DB>, Error> {
        self.session.unit()
    }

    fn executor(&mut self) -> Result<&mut Conn<DB>, sqlx::Error> {
        self.conn().map_err(|error| guard_error(&error))
    }
}

impl<DB: SqlDatabase> TransactionHandle for Tx<DB> {
    fn of(session: Session) -> Self {
        Self { session, database: PhantomData }
    }

    fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    async fn begin(&mut self, options: &TransactionOptions, left: Option<Duration>) -> Result<(), Error> {
        self.conn()?.begin(options, left).await?;
        self.session.has_begun();
        Ok(())
    }

    async fn commit(&mut self) -> Result<Option<Hooks>, CommitError> {
        self.session.committing();
        let conn = self.conn().map_err(CommitError::RolledBack)?;
        let ended = limited(DB::COMMIT_FOR, conn.commit()).await;
        self.session.committed(ended)
    }
}

/// Derefs to a session, not to a connection: nothing can be done through it that the guard does not see.
impl<DB: SqlDatabase> Deref for Tx<DB> {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl<DB: SqlDatabase> DerefMut for Tx<DB> {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}

impl<DB: SqlDatabase> fmt::Debug for Tx<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tx").field(&self.session).finish()
    }
}

fn ready<'e, T: Send + 'e>(error: sqlx::Error) -> BoxFuture<'e, Result<T, sqlx::Error>> {
    Box::pin(std::future::ready(Err(error)))
}

impl<'c, DB: SqlDatabase> Executor<'c> for &'c mut Tx<DB> {
    type Database = DB;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<DB::QueryResult, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        match self.executor() {
            Ok(conn) => conn.execute(query),
            Err(error) => ready(error),
        }
    }

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step<DB>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        match self.executor() {
            Ok(conn) => conn.fetch_many(query),
            Err(error) => futures_util::stream::once(std::future::ready(Err(error))).boxed(),
        }
    }

    fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Vec<DB::Row>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        match self.executor() {
            Ok(conn) => conn.fetch_all(query),
            Err(error) => ready(error),
        }
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<DB::Row>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        match self.executor() {
            Ok(conn) => conn.fetch_optional(query),
            Err(error) => ready(error),
        }
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [DB::TypeInfo],
    ) -> BoxFuture<'e, Result<DB::Statement, sqlx::Error>>
    where
        'c: 'e,
    {
        match self.executor() {
            Ok(conn) => conn.prepare_with(sql, parameters),
            Err(error) => ready(error),
        }
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<DB>, sqlx::Error>>
    where
        'c: 'e,
    {
        match self.executor() {
            Ok(conn) => conn.describe(sql),
            Err(error) => ready(error),
        }
    }
}
