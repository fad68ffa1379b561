//! sqlx's `Executor` for guarded connections: each statement runs on the connection, and the guard hears how it ended.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use sqlx::error::BoxDynError;
use sqlx::{Database, Describe, Execute, Executor, SqlStr};

use super::conn::Conn;
use super::database::{SqlDatabase, Step};
use super::noted::{self, Noted};
use super::refused::refused;
use super::text::{self, Effect};
use super::watch::{Parts, Progress, Watch};
use crate::data::observe::QuerySpan;
use crate::data::{Error, Kind};

impl<'c, DB: SqlDatabase> Executor<'c> for &'c mut Conn<DB> {
    type Database = DB;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<DB::QueryResult, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        Box::pin(async move {
            let mut results = DB::QueryResult::default();
            self.each_step(query, |step| results.extend(step.left())).await?;
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
            self.each_step(query, |step| rows.extend(step.right())).await?;
            Ok(rows)
        })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<DB::Row>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        Box::pin(async move {
            // To its end: a statement may fail after it gave a row, and out of a transaction its commit may.
            let mut first = None;
            self.each_step(query, |step| first = first.take().or(step.right())).await?;
            Ok(first)
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
            let Parts { connection, mut watch, .. } = self.watched().await?;
            watch.state.statement = Progress::Sent;
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
            let Parts { connection, mut watch, .. } = self.watched().await?;
            watch.state.statement = Progress::Sent;
            let outcome = DB::describe(connection, sql).await;
            watch.ended::<DB, _>(&outcome);
            outcome
        })
    }
}

impl<DB: SqlDatabase> Conn<DB> {
    /// The connection, once it is known that a statement may be sent.
    async fn watched(&mut self) -> Result<Parts<'_, DB>, sqlx::Error> {
        if self.must_ask() || self.is_worn() {
            Box::pin(self.ready()).await.map_err(|error| refused(&error))?;
        }
        self.parts()
    }

    /// The connection, if it may be given this text.
    async fn admitted(&mut self, sql: &SqlStr) -> Result<Parts<'_, DB>, sqlx::Error> {
        match text::effect(sql.as_str(), DB::HARMLESS) {
            Effect::None => {}
            Effect::Savepoint if self.in_transaction() => {}
            Effect::Hidden => {
                self.watched().await?;
                Box::pin(self.watch_out()).await.map_err(|error| refused(&error))?;
                return self.parts();
            }
            Effect::Savepoint | Effect::Control => {
                let why = "a session begins and ends its transactions itself";
                return Err(refused(&Error::new(Kind::Unsupported).caused_by(why)));
            }
        }
        self.watched().await
    }

    /// Runs a statement, and hands over all that it gives.
    async fn each_step<'q, E>(&mut self, query: E, mut take: impl FnMut(Step<DB>)) -> Result<(), sqlx::Error>
    where
        E: 'q + Execute<'q, DB>,
    {
        let mut steps = self.start(query).await?;
        while let Some(step) = steps.next().await {
            take(step?);
        }
        Ok(())
    }

    /// Begins a statement.
    async fn start<'e, 'q: 'e, E>(&'e mut self, query: E) -> Result<Watched<'e, DB>, sqlx::Error>
    where
        E: 'q + Execute<'q, DB>,
    {
        let query = Taken::of(query);
        let Parts { connection, watch, lease } = self.admitted(&query.sql).await?;
        watch.state.statement = Progress::Sent;
        let span = noted::span(lease);
        let steps = span.span().in_scope(|| DB::fetch_many(connection, Noted::new::<DB>(query, &span)));
        Ok(Watched { steps, watch, span })
    }
}

/// A query taken apart: its text can be had only once.
struct Taken<DB: Database> {
    sql: SqlStr,
    statement: Option<DB::Statement>,
    arguments: Result<Option<DB::Arguments>, Option<BoxDynError>>,
    persistent: bool,
}

impl<DB: Database> Taken<DB> {
    fn of<'q>(mut query: impl Execute<'q, DB>) -> Self {
        let arguments = query.take_arguments().map_err(Some);
        let (statement, persistent) = (query.statement().cloned(), query.persistent());
        Self { sql: query.sql(), statement, arguments, persistent }
    }
}

impl<DB: Database> Execute<'_, DB> for Taken<DB> {
    fn sql(self) -> SqlStr {
        self.sql
    }

    fn statement(&self) -> Option<&DB::Statement> {
        self.statement.as_ref()
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        match &mut self.arguments {
            Ok(arguments) => Ok(arguments.take()),
            Err(error) => Err(error.take().unwrap_or_else(|| "the arguments were taken before".into())),
        }
    }

    fn persistent(&self) -> bool {
        self.persistent
    }
}

/// The rows and results of a statement. The guard sees how far it came, and so notices if it is dropped.
struct Watched<'e, DB: Database> {
    steps: BoxStream<'e, Result<Step<DB>, sqlx::Error>>,
    watch: Watch<'e>,
    span: QuerySpan,
}

impl<DB: SqlDatabase> Stream for Watched<'_, DB> {
    type Item = Result<Step<DB>, sqlx::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let step = this.span.span().in_scope(|| this.steps.poll_next_unpin(cx));
        match &step {
            Poll::Ready(None) => this.watch.ended::<DB, ()>(&Ok(())),
            Poll::Ready(Some(outcome @ Err(error))) => {
                this.watch.ended::<DB, _>(outcome);
                noted::failed::<DB>(&this.span, error);
            }
            Poll::Ready(Some(Ok(_))) => this.watch.state.statement = Progress::Answering,
            Poll::Pending => {}
        }
        step
    }
}
