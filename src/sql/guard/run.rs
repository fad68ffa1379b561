//! Running statements: each is read, admitted, sent and watched, and the guard sees how it ended.

use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::sql::dialect::{SqlDatabase, Step};
use crate::sql::error::guard_error::guard_error;
use crate::sql::error::sent::Sent;
use crate::sql::guard::Conn;
use crate::sql::guard::state::{Parts, Progress, State, Suspect, Watch};
use crate::sql::guard::stream::StatementStream;
use crate::sql::query::{Bound, Executable, OwnedQuery};
use crate::sql::span::{QuerySpan, is_listened};
use crate::sql::statement::value::Value;
use crate::sql::statement::{Row, Statement};
use crate::sql::text::{Effect, Reading, Residue};
use crate::store::unit::{BoxFuture, Seen};
use crate::store::{Error, ErrorKind, Session};

/// Converts a unit to the [`Runner`] of its connection, whichever database that is of. Each connection hands out its
/// own, as the interface of its unit.
pub(super) struct RunnerOf(for<'a> fn(&'a mut (dyn Any + 'static)) -> Option<&'a mut (dyn Runner + 'static)>);

/// The session's connection, for any of the databases.
fn runner(on: &mut Session) -> Result<&mut (dyn Runner + 'static), Error> {
    let runner = on.interface::<RunnerOf>().and_then(|(RunnerOf(runner), unit)| runner(unit));
    runner.ok_or_else(|| Error::new(ErrorKind::WrongStore).because("a statement needs a session of an SQL database"))
}

/// The knowledge about a transaction before a statement, to be restored if the statement is sent again.
#[derive(Clone, Copy)]
pub(super) struct Known(Seen, Suspect);

impl Statement<'_> {
    /// Runs the statement.
    ///
    /// Returns how many rows were written: an update counts every row that it matched, even those that it left
    /// unchanged.
    ///
    /// # Errors
    ///
    /// The database's error; [`ErrorKind::Configuration`] if there are more or fewer values than placeholders, and
    /// [`ErrorKind::WrongStore`] if the session is not one of an SQL database. In the last two cases, nothing was sent.
    pub async fn execute(self, on: &mut Session) -> Result<u64, Error> {
        runner(on)?.execute(self).await
    }

    /// Runs the statement and returns the first row, if there is one.
    ///
    /// # Errors
    ///
    /// See [`execute`](Self::execute).
    pub async fn fetch_optional(self, on: &mut Session) -> Result<Option<Row>, Error> {
        runner(on)?.fetch_optional(self).await
    }

    /// Runs the statement and returns the first row.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::RowNotFound`] if there is none; otherwise see [`execute`](Self::execute).
    pub async fn fetch_one(self, on: &mut Session) -> Result<Row, Error> {
        self.fetch_optional(on).await?.ok_or_else(|| Error::new(ErrorKind::RowNotFound))
    }

    /// Runs the statement and returns all rows at once.
    ///
    /// # Errors
    ///
    /// See [`execute`](Self::execute).
    pub async fn fetch_all(self, on: &mut Session) -> Result<Vec<Row>, Error> {
        runner(on)?.fetch_all(self).await
    }
}

/// A guarded connection of whichever database it is.
pub(in crate::sql) trait Runner: Send {
    fn execute<'a>(&'a mut self, statement: Statement<'a>) -> BoxFuture<'a, Result<u64, Error>>;

    fn fetch_optional<'a>(&'a mut self, statement: Statement<'a>) -> BoxFuture<'a, Result<Option<Row>, Error>>;

    fn fetch_all<'a>(&'a mut self, statement: Statement<'a>) -> BoxFuture<'a, Result<Vec<Row>, Error>>;
}

impl<DB: SqlDatabase> Runner for Conn<DB> {
    fn execute<'a>(&'a mut self, statement: Statement<'a>) -> BoxFuture<'a, Result<u64, Error>> {
        Box::pin(async move {
            let Some(query) = query::<DB>(statement)? else { return Ok(0) };
            self.ensure_ready().await?;
            let mut result = DB::QueryResult::default();
            let done = self.each_step(query, |step| result.extend(step.left())).await;
            done.map(|()| DB::affected(&result)).map_err(Error::of_driver::<DB>)
        })
    }

    fn fetch_optional<'a>(&'a mut self, statement: Statement<'a>) -> BoxFuture<'a, Result<Option<Row>, Error>> {
        Box::pin(async move {
            let Some(query) = query::<DB>(statement)? else { return Ok(None) };
            self.ensure_ready().await?;
            let row = self.first(query).await;
            row.map(|row| row.map(DB::row)).map_err(Error::of_driver::<DB>)
        })
    }

    fn fetch_all<'a>(&'a mut self, statement: Statement<'a>) -> BoxFuture<'a, Result<Vec<Row>, Error>> {
        Box::pin(async move {
            let Some(query) = query::<DB>(statement)? else { return Ok(Vec::new()) };
            self.ensure_ready().await?;
            let mut rows = Vec::new();
            let done = self.each_step(query, |step| rows.extend(step.right().map(DB::row))).await;
            done.map(|()| rows).map_err(Error::of_driver::<DB>)
        })
    }
}

/// The statement as it is sent; `None` if there is nothing to do.
fn query<DB: SqlDatabase>(statement: Statement<'_>) -> Result<Option<OwnedQuery<DB>>, Error> {
    let finished = statement.finish(DB::SYNTAX, DB::MOST_VALUES, is_listened)?;
    let Some((text, values)) = finished else { return Ok(None) };
    let mut arguments = DB::Arguments::default();
    // The size in bytes is a guess: most values are short.
    sqlx::Arguments::reserve(&mut arguments, values.len(), 16 * values.len());
    let bound = Bound::of(&values);
    for value in values {
        if let Value::F64(number) = value
            && let Some(why) = DB::refuses(number)
        {
            return Err(Error::new(ErrorKind::Unsupported).because(why));
        }
        let added = DB::add(&mut arguments, value);
        added.map_err(|error| Error::new(ErrorKind::InvalidValue).because(error.to_string()))?;
    }
    let sql = match text.sql {
        Cow::Borrowed(sql) => sql.into_sql_str(),
        // Built only from texts of the program. It is shared, because error messages keep it.
        Cow::Owned(sql) => AssertSqlSafe(Arc::<str>::from(sql)).into_sql_str(),
    };
    Ok(Some(OwnedQuery::fixed(sql, text.reading, arguments, bound, text.common)))
}

impl<DB: SqlDatabase> Conn<DB> {
    const RUNS: &'static RunnerOf = &RunnerOf(|unit| unit.downcast_mut::<Self>().map(|conn| conn as &mut dyn Runner));

    /// The conversion of a unit to this connection's [`Runner`].
    pub(super) fn runs() -> &'static RunnerOf {
        Self::RUNS
    }

    /// Whether there is a connection on which a statement can be sent at once: the usual case inside a transaction.
    const fn is_ready(&self) -> bool {
        let State { armed, unwatched, established, statement, .. } = self.state;
        let is_established = armed || (established || !self.source.is_taken()) && !unwatched && !self.read_only;
        is_established
            && self.held.is_some()
            && self.lazy_begin.is_none()
            && self.seen.doomed.is_none()
            && matches!((self.suspect, statement), (Suspect::No, Progress::Ended))
    }

    /// Makes sure that there is a connection.
    async fn ensure_ready(&mut self) -> Result<(), Error> {
        if self.is_ready() { Ok(()) } else { self.ready().await }
    }

    /// Whether something must be done before a statement may be sent.
    const fn needs_preparation(&self) -> bool {
        !self.is_ready() && (self.must_ask() || self.is_worn() || self.must_establish() || self.must_begin_reading())
    }

    /// The connection, once it is certain that a statement may be sent.
    pub(super) async fn watched(&mut self) -> Result<Parts<'_, DB>, sqlx::Error> {
        if self.needs_preparation() {
            Box::pin(self.prepare()).await.map_err(|error| guard_error(&error))?;
        }
        self.parts()
    }

    async fn prepare(&mut self) -> Result<(), Error> {
        self.ready().await?;
        if self.must_begin_reading() { self.begin_reading().await } else { Ok(()) }
    }

    /// The connection, if this text may be sent on it; `alone` says that the text cannot be several statements.
    async fn admitted(&mut self, reading: &Reading, alone: bool) -> Result<Parts<'_, DB>, sqlx::Error> {
        let (effect, residue) = (reading.effect(alone), reading.residue(alone));
        if effect == Effect::None && residue == Residue::None && !self.needs_preparation() {
            return self.parts();
        }
        self.only_reads(effect, reading)?;
        Box::pin(self.admitted_with(effect, residue)).await
    }

    /// Fails if a session or transaction is for reading only, and the text might do more.
    pub(super) fn only_reads(&self, effect: Effect, reading: &Reading) -> Result<(), sqlx::Error> {
        if self.read_only && (effect == Effect::Unknown || reading.allows_writes()) {
            let why = "this statement may write, and the session or transaction is read-only";
            return Err(guard_error(&Error::new(ErrorKind::ReadOnly).because(why)));
        }
        Ok(())
    }

    async fn admitted_with(&mut self, effect: Effect, residue: Residue) -> Result<Parts<'_, DB>, sqlx::Error> {
        match effect {
            Effect::None => self.watched().await?,
            Effect::Savepoint if self.in_transaction() => self.watched().await?,
            Effect::Unknown => {
                self.watched().await?;
                self.set_probe().await.map_err(|error| guard_error(&error))?;
                self.parts()?
            }
            Effect::Savepoint | Effect::Control => {
                let why = "a session begins and ends its transactions itself";
                return Err(guard_error(&Error::new(ErrorKind::Unsupported).because(why)));
            }
        };
        self.leaves(residue);
        self.parts()
    }

    /// The parts that a statement needs: the connection, what is known of it, and the place to note an error.
    pub(in crate::sql) fn parts(&mut self) -> Result<Parts<'_, DB>, sqlx::Error> {
        if self.seen.doomed.is_some() || self.state.gave_up() {
            self.check_usable().map_err(|error| guard_error(&error))?;
        }
        self.undone = None;
        let Self { source, held, state, seen, suspect, held_errors, first, .. } = self;
        match held {
            Some(connection) => {
                let watch = Watch { state, seen, suspect, held: held_errors, first };
                Ok(Parts { connection, watch, source })
            }
            None => Err(sqlx::Error::PoolClosed),
        }
    }

    pub(super) const fn known(&self) -> Known {
        Known(self.seen, self.suspect)
    }

    /// Restores what was known before.
    pub(super) fn restore(&mut self, Known(seen, suspect): Known) {
        (self.seen, self.suspect) = (seen, suspect);
        if seen.doomed.is_none() && suspect == Suspect::No {
            self.first = None;
        }
    }

    /// Runs a statement, and hands over every row and result.
    pub(in crate::sql) async fn each_step(
        &mut self,
        mut query: OwnedQuery<DB>,
        take: impl FnMut(Step<DB>),
    ) -> Result<(), sqlx::Error> {
        if self.source.is_unprepared() {
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
            let (before, again) = (self.known(), self.again(&query));
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
    pub(super) async fn start<'e>(
        &'e mut self,
        query: &'e mut OwnedQuery<DB>,
    ) -> Result<StatementStream<'e, DB>, sqlx::Error> {
        let reads_only = self.read_only;
        let alone = query.is_alone();
        let parts = self.admitted(query.reading(), alone).await?;
        let sent = Sent::of(query, reads_only);
        let reading = query.reading().clone();
        let span = span(&parts, &query.sql, &reading);
        Ok(StatementStream::start(parts, span, sent, Executable(query), &reading))
    }

    /// A copy of the statement, where it could be sent again.
    pub(super) fn again(&self, query: &OwnedQuery<DB>) -> Option<OwnedQuery<DB>> {
        // See `after_refusal`.
        if DB::ERROR_ENDS_TRANSACTION && self.in_transaction() { None } else { query.again() }
    }

    /// Returns the statement for another attempt after an error, if it was refused before any of it ran. The driver
    /// then prepares it anew, because it has forgotten all statements that it kept.
    pub(super) async fn after_refusal(
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
        self.restore(before);
        Ok(again)
    }
}

/// Opens the span of a statement.
fn span<DB: SqlDatabase>(parts: &Parts<'_, DB>, sql: &SqlStr, reading: &Reading) -> QuerySpan {
    let span = QuerySpan::new(|| QuerySpan::open(DB::SYSTEM, &DB::peer(&parts.source.pool().connect_options())));
    span.sent(sql.as_str(), DB::SYNTAX, reading);
    span
}
