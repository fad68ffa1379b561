//! sqlx's `Executor` for guarded connections: each statement runs on the connection, and the guard hears how it ended.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use sqlx::{Database, Describe, Either, Execute, Executor, SqlStr};

use super::conn::{Conn, Parts, Watch};
use super::database::{SqlDatabase, Step};
use super::refused::refused;

impl<'c, DB: SqlDatabase> Executor<'c> for &'c mut Conn<DB> {
    type Database = DB;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<DB::QueryResult, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        Box::pin(async move {
            let mut results = DB::QueryResult::default();
            let mut steps = self.start(query).await?;
            while let Some(step) = steps.next().await {
                if let Either::Left(result) = step? {
                    results.extend([result]);
                }
            }
            Ok(results)
        })
    }

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step<DB>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        Box::pin(futures_util::stream::once(self.start(query)).try_flatten())
    }

    fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Vec<DB::Row>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        Box::pin(async move {
            let mut rows = Vec::new();
            let mut steps = self.start(query).await?;
            while let Some(step) = steps.next().await {
                if let Either::Right(row) = step? {
                    rows.push(row);
                }
            }
            Ok(rows)
        })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<DB::Row>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        Box::pin(async move {
            let Parts { connection, mut watch } = self.watched().await?;
            watch.state.busy = true;
            let outcome = DB::fetch_optional(connection, query).await;
            watch.ended::<DB, _>(&outcome);
            outcome
        })
    }

    fn fetch_one<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<DB::Row, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        Box::pin(async move { self.fetch_optional(query).await?.ok_or(sqlx::Error::RowNotFound) })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [DB::TypeInfo],
    ) -> BoxFuture<'e, Result<DB::Statement, sqlx::Error>>
    where
        'c: 'e,
    {
        Box::pin(async move {
            let Parts { connection, mut watch } = self.watched().await?;
            watch.state.busy = true;
            let outcome = DB::prepare_with(connection, sql, parameters).await;
            watch.ended::<DB, _>(&outcome);
            outcome
        })
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<DB>, sqlx::Error>>
    where
        'c: 'e,
    {
        Box::pin(async move {
            let Parts { connection, mut watch } = self.watched().await?;
            watch.state.busy = true;
            let outcome = DB::describe(connection, sql).await;
            watch.ended::<DB, _>(&outcome);
            outcome
        })
    }
}

impl<DB: SqlDatabase> Conn<DB> {
    /// The connection, once it is known that a statement may be sent.
    async fn watched(&mut self) -> Result<Parts<'_, DB>, sqlx::Error> {
        if self.must_ask() {
            Box::pin(self.ask()).await.map_err(|error| refused(&error))?;
        }
        self.parts()
    }

    /// Begins a statement.
    async fn start<'e, 'q: 'e, E>(&'e mut self, query: E) -> Result<Watched<'e, DB>, sqlx::Error>
    where
        E: 'q + Execute<'q, DB>,
    {
        let Parts { connection, watch } = self.watched().await?;
        watch.state.busy = true;
        Ok(Watched { steps: DB::fetch_many(connection, query), watch })
    }
}

impl Watch<'_> {
    /// The statement ended.
    fn ended<DB: SqlDatabase, T>(&mut self, outcome: &Result<T, sqlx::Error>) {
        self.state.busy = false;
        if let Err(error) = outcome {
            self.note::<DB>(error);
        }
    }
}

/// The rows and results of a statement. Dropped before its end, it leaves the connection busy.
struct Watched<'e, DB: Database> {
    steps: BoxStream<'e, Result<Step<DB>, sqlx::Error>>,
    watch: Watch<'e>,
}

impl<DB: SqlDatabase> Stream for Watched<'_, DB> {
    type Item = Result<Step<DB>, sqlx::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let step = self.steps.poll_next_unpin(cx);
        match &step {
            Poll::Ready(None) => self.watch.state.busy = false,
            Poll::Ready(Some(Err(error))) => {
                self.watch.state.busy = false;
                self.watch.note::<DB>(error);
            }
            _ => {}
        }
        step
    }
}
