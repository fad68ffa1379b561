//! sqlx's `Executor` for guarded connections: sqlx's own queries take the same way as the statements of a session.

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::TryStreamExt as _;
use sqlx::{Describe, Execute, Executor, SqlStr};

use crate::sql::dialect::{SqlDatabase, Step};
use crate::sql::guard::Conn;
use crate::sql::guard::state::{Parts, Progress};
use crate::sql::guard::stream::StatementStream;
use crate::sql::query::{self, OwnedQuery};
use crate::sql::text::Effect;

impl<'c, DB: SqlDatabase> Executor<'c> for &'c mut Conn<DB> {
    type Database = DB;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<DB::QueryResult, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        let query = OwnedQuery::of(query);
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
        let mut query = OwnedQuery::of(query);
        Box::pin(sqlx_core::try_stream! {
            loop {
                let (before, again) = (self.known(), self.again(&query));
                let refused = {
                    let mut steps = self.start_streaming(&mut query).await?;
                    loop {
                        match steps.try_next().await {
                            Ok(Some(step)) => r#yield!(step),
                            Ok(None) => return Ok(()),
                            Err(error) => break error,
                        }
                    }
                };
                query = self.after_refusal(refused, before, again).await?;
            }
        })
    }

    fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Vec<DB::Row>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        let query = OwnedQuery::of(query);
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
        Box::pin(self.first(OwnedQuery::of(query)))
    }

    fn fetch_one<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<DB::Row, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, DB>,
    {
        let query = OwnedQuery::of(query);
        Box::pin(async move { self.first(query).await?.ok_or(sqlx::Error::RowNotFound) })
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
            let Parts { connection, mut watch, .. } = self.preparing(&sql).await?;
            let outcome = DB::prepare_with(connection, sql.clone(), parameters).await;
            watch.looked_at::<DB, _>(sql, outcome)
        })
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<DB>, sqlx::Error>>
    where
        'c: 'e,
    {
        Box::pin(async move {
            let Parts { connection, mut watch, .. } = self.preparing(&sql).await?;
            let outcome = DB::describe(connection, sql.clone()).await;
            watch.looked_at::<DB, _>(sql, outcome)
        })
    }
}

impl<DB: SqlDatabase> Conn<DB> {
    /// The connection, if it may prepare this text and not run it. SQLite applies settings when it prepares them.
    async fn preparing(&mut self, sql: &SqlStr) -> Result<Parts<'_, DB>, sqlx::Error> {
        self.refuse_unprepared("where a pooler shares sessions, nothing stays prepared")?;
        if DB::IN_PROCESS {
            let reading = query::read::<DB>(sql);
            self.only_reads(Effect::None, &reading)?;
            self.watched().await?;
            self.leaves(reading.residue(false));
        }
        let parts = self.watched().await?;
        parts.watch.state.statement = Progress::Sent;
        Ok(parts)
    }

    /// Begins a statement whose rows are handed out as they arrive.
    async fn start_streaming<'e>(
        &'e mut self,
        query: &'e mut OwnedQuery<DB>,
    ) -> Result<StatementStream<'e, DB>, sqlx::Error> {
        if self.is_unprepared() {
            if query.is_alone() && self.must_be_alone() {
                self.refuse_unprepared("where a pooler shares sessions, rows are streamed in a transaction")?;
            }
            query.unprepare();
        }
        self.start(query).await
    }
}
