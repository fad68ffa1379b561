//! sqlx's `Executor` for guarded connections: each statement runs on the connection, and the guard sees how it ended.

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::TryStreamExt as _;
use sqlx::{Describe, Execute, Executor, SqlStr};

use crate::sql::dialect::{SqlDatabase, Step};
use crate::sql::error::refused::refused;
use crate::sql::error::sent::Sent;
use crate::sql::guard::state::{Parts, Progress};
use crate::sql::guard::stream::Watched;
use crate::sql::guard::{Conn, Known};
use crate::sql::query::{self, Executable, OwnedQuery};
use crate::sql::span::QuerySpan;
use crate::sql::text::{Effect, Reading, Residue};
use crate::store::{Error, Kind};

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
                let (before, again) = (self.known(), query.again());
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
    /// Whether something must be done before a statement may be sent.
    const fn needs_care(&self) -> bool {
        self.must_ask() || self.is_worn() || self.must_establish() || self.must_begin_reading()
    }

    /// The connection, once it is certain that a statement may be sent.
    async fn watched(&mut self) -> Result<Parts<'_, DB>, sqlx::Error> {
        if self.needs_care() {
            Box::pin(self.cared_for()).await.map_err(|error| refused(&error))?;
        }
        self.parts()
    }

    async fn cared_for(&mut self) -> Result<(), Error> {
        self.ready().await?;
        if self.must_begin_reading() { self.begin_reading().await } else { Ok(()) }
    }

    /// The connection, if this text may be sent on it; `alone` says that the text cannot be several statements.
    async fn admitted(&mut self, reading: &Reading, alone: bool) -> Result<Parts<'_, DB>, sqlx::Error> {
        let (effect, residue) = (reading.effect(alone), reading.residue(alone));
        if effect == Effect::None && residue == Residue::None && !self.needs_care() {
            return self.parts();
        }
        self.only_reads(effect, reading)?;
        Box::pin(self.admitted_with(effect, residue)).await
    }

    /// The connection, if it may prepare this text and not run it. SQLite carries out settings when it prepares them.
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

    /// Fails if a session or transaction is for reading only, and the text might do more.
    fn only_reads(&self, effect: Effect, reading: &Reading) -> Result<(), sqlx::Error> {
        if self.reads_only() && (effect == Effect::Unknown || reading.allows_writes()) {
            let why = "this is not known to only read, and the session or transaction is for reading only";
            return Err(refused(&Error::new(Kind::ReadOnly).because(why)));
        }
        Ok(())
    }

    async fn admitted_with(&mut self, effect: Effect, residue: Residue) -> Result<Parts<'_, DB>, sqlx::Error> {
        match effect {
            Effect::None => self.watched().await?,
            Effect::Savepoint if self.in_transaction() => self.watched().await?,
            Effect::Unknown => {
                self.watched().await?;
                self.watch_out().await.map_err(|error| refused(&error))?;
                self.parts()?
            }
            Effect::Savepoint | Effect::Control => {
                let why = "a session begins and ends its transactions itself";
                return Err(refused(&Error::new(Kind::Unsupported).because(why)));
            }
        };
        self.leaves(residue);
        self.parts()
    }

    /// Runs a statement, and hands over every row and result.
    pub(in crate::sql) async fn each_step(
        &mut self,
        mut query: OwnedQuery<DB>,
        take: impl FnMut(Step<DB>),
    ) -> Result<(), sqlx::Error> {
        if self.is_unprepared() {
            query.unprepare();
            if query.is_alone() && self.must_be_alone() {
                // Boxed, so that it does not enlarge every caller's future.
                return Box::pin(self.each_step_alone(query, take)).await;
            }
        }
        self.each_step_here(query, take).await
    }

    /// Like [`each_step`](Self::each_step), in a transaction of its own.
    async fn each_step_alone(&mut self, query: OwnedQuery<DB>, take: impl FnMut(Step<DB>)) -> Result<(), sqlx::Error> {
        self.begin_alone().await?;
        let outcome = self.each_step_here(query, take).await;
        self.end_alone(outcome).await
    }

    /// Like [`each_step`](Self::each_step), on the session as it is.
    async fn each_step_here(
        &mut self,
        mut query: OwnedQuery<DB>,
        mut take: impl FnMut(Step<DB>),
    ) -> Result<(), sqlx::Error> {
        loop {
            let (before, again) = (self.known(), query.again());
            let refused = {
                let mut steps = self.start(&mut query).await?;
                loop {
                    match steps.try_next().await {
                        Ok(Some(step)) => take(step),
                        Ok(None) => return Ok(()),
                        Err(error) => break error,
                    }
                }
            };
            query = self.after_refusal(refused, before, again).await?;
        }
    }

    /// Runs a statement to its end: it may fail after its first row, and outside a transaction its commit may fail.
    pub(in crate::sql) async fn first(&mut self, query: OwnedQuery<DB>) -> Result<Option<DB::Row>, sqlx::Error> {
        let mut first = None;
        self.each_step(query, |step| first = first.take().or(step.right())).await?;
        Ok(first)
    }

    /// Begins a statement.
    async fn start<'e>(&'e mut self, query: &'e mut OwnedQuery<DB>) -> Result<Watched<'e, DB>, sqlx::Error> {
        let reads_only = self.reads_only();
        let alone = query.is_alone();
        let parts = self.admitted(query.reading(), alone).await?;
        let sent = Sent::of(query, reads_only);
        let reading = query.reading().clone();
        let span = span(&parts, &query.sql, &reading);
        Ok(Watched::start(parts, span, sent, Executable(query), &reading))
    }

    /// Begins a statement whose rows are handed out as they arrive.
    async fn start_streaming<'e>(&'e mut self, query: &'e mut OwnedQuery<DB>) -> Result<Watched<'e, DB>, sqlx::Error> {
        if self.is_unprepared() {
            if query.is_alone() && self.must_be_alone() {
                self.refuse_unprepared("where a pooler shares sessions, rows are streamed in a transaction")?;
            }
            query.unprepare();
        }
        self.start(query).await
    }

    /// Returns the statement for another attempt after an error, if it was refused before any of it ran. The driver
    /// then prepares it anew, because it has forgotten all statements that it kept.
    async fn after_refusal(
        &mut self,
        error: sqlx::Error,
        before: Known,
        again: Option<OwnedQuery<DB>>,
    ) -> Result<OwnedQuery<DB>, sqlx::Error> {
        // If the server refuses everything after an error, the transaction has ended, and all of it must be run again.
        // If the error came from within a procedure, other statements of the procedure may have run.
        if !self.is_stale() || !self.is_watched() || DB::ERROR_ENDS_TRANSACTION && self.in_transaction() {
            return Err(error);
        }
        if Box::pin(self.forget_statements()).await.is_err() {
            return Err(error);
        }
        let again = again.ok_or(error)?;
        self.knows(before);
        Ok(again)
    }
}

/// Opens the span of a statement.
fn span<DB: SqlDatabase>(parts: &Parts<'_, DB>, sql: &SqlStr, reading: &Reading) -> QuerySpan {
    let span = QuerySpan::new(|| QuerySpan::open(DB::SYSTEM, &DB::peer(&parts.lease.pool().connect_options())));
    span.sent(sql.as_str(), DB::SYNTAX, reading);
    span
}
