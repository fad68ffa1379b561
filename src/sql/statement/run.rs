use std::borrow::Cow;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr};
use sqlx_core::database::HasStatementCache;

use super::Row;
use super::build::Statement;
use super::mistake::Mistake;
use super::value::Value;
use crate::body::BoxError;
use crate::sql::query::{Bound, OwnedQuery};
use crate::sql::span;
use crate::sql::{Conn, SqlDatabase};
use crate::store::unit::BoxFuture;
use crate::store::{Error, Kind, Session};

/// A database that runs statements which name no database.
pub(in crate::sql) trait Portable: SqlDatabase + HasStatementCache {
    /// How many values one statement may have.
    const MOST_VALUES: usize;

    /// Why a number cannot be stored as it is.
    fn refuses(_: f64) -> Option<&'static str> {
        None
    }

    fn add(arguments: &mut Self::Arguments, value: Value<'_>) -> Result<(), BoxError>;

    fn affected(result: &Self::QueryResult) -> u64;

    fn row(row: Self::Row) -> Row;
}

/// A guarded connection of whichever database it is.
pub(in crate::sql) trait Runner: Send {
    fn execute<'a>(&'a mut self, statement: Statement<'a>) -> BoxFuture<'a, Result<u64, Error>>;

    fn fetch_optional<'a>(&'a mut self, statement: Statement<'a>) -> BoxFuture<'a, Result<Option<Row>, Error>>;

    fn fetch_all<'a>(&'a mut self, statement: Statement<'a>) -> BoxFuture<'a, Result<Vec<Row>, Error>>;
}

impl<DB: Portable> Runner for Conn<DB> {
    fn execute<'a>(&'a mut self, statement: Statement<'a>) -> BoxFuture<'a, Result<u64, Error>> {
        Box::pin(async move {
            let Some(query) = query::<DB>(statement)? else { return Ok(0) };
            self.ready().await?;
            let mut result = DB::QueryResult::default();
            let done = self.each_step(query, |step| result.extend(step.left())).await;
            done.map(|()| DB::affected(&result)).map_err(Error::of_driver::<DB>)
        })
    }

    fn fetch_optional<'a>(&'a mut self, statement: Statement<'a>) -> BoxFuture<'a, Result<Option<Row>, Error>> {
        Box::pin(async move {
            let Some(query) = query::<DB>(statement)? else { return Ok(None) };
            self.ready().await?;
            let row = self.first(query).await;
            row.map(|row| row.map(DB::row)).map_err(Error::of_driver::<DB>)
        })
    }

    fn fetch_all<'a>(&'a mut self, statement: Statement<'a>) -> BoxFuture<'a, Result<Vec<Row>, Error>> {
        Box::pin(async move {
            let Some(query) = query::<DB>(statement)? else { return Ok(Vec::new()) };
            self.ready().await?;
            let mut rows = Vec::new();
            let done = self.each_step(query, |step| rows.extend(step.right().map(DB::row))).await;
            done.map(|()| rows).map_err(Error::of_driver::<DB>)
        })
    }
}

/// The statement as it is sent; `None` if there is nothing to do.
fn query<DB: Portable>(statement: Statement<'_>) -> Result<Option<OwnedQuery<DB>>, Error> {
    let finished = statement.finish(DB::SYNTAX, DB::MOST_VALUES, span::is_listened());
    let Some((text, values)) = finished.map_err(wrong)? else { return Ok(None) };
    let mut arguments = DB::Arguments::default();
    sqlx::Arguments::reserve(&mut arguments, values.len(), 16 * values.len());
    let bound = bound(&values);
    for value in values {
        if let Value::F64(number) = value
            && let Some(why) = DB::refuses(number)
        {
            return Err(Error::new(Kind::Unsupported).because(why));
        }
        let added = DB::add(&mut arguments, value);
        added.map_err(|error| Error::new(Kind::InvalidValue).because(error.to_string()))?;
    }
    let sql = match text.sql {
        Cow::Borrowed(sql) => sql.into_sql_str(),
        // Built only from texts of the program. It is shared, because error messages keep it.
        Cow::Owned(sql) => AssertSqlSafe(Arc::<str>::from(sql)).into_sql_str(),
    };
    Ok(Some(OwnedQuery::fixed(sql, text.reading, arguments, bound, text.common)))
}

fn bound(values: &[Value<'_>]) -> Bound {
    let is_whole =
        |value: &Value<'_>| matches!(value, Value::Null(_) | Value::Bool(_) | Value::I64(_) | Value::Timestamp(_));
    let is_not_finite = |value: &Value<'_>| matches!(value, Value::F64(number) if !number.is_finite());
    match values {
        [] => Bound::Nothing,
        _ if values.iter().any(is_not_finite) => Bound::NotFinite,
        _ if values.iter().all(is_whole) => Bound::WholeNumbers,
        _ => Bound::Anything,
    }
}

fn wrong(mistake: Mistake) -> Error {
    let kind = if matches!(mistake, Mistake::TooMany { .. }) { Kind::Unsupported } else { Kind::Configuration };
    Error::new(kind).because(mistake.to_string())
}

impl Statement<'_> {
    /// Runs the statement.
    ///
    /// Returns how many rows were written: an update counts every row that it matched, even those that it left
    /// unchanged.
    ///
    /// # Errors
    ///
    /// The database's error; [`Kind::Configuration`] if there are more or fewer values than placeholders, and
    /// [`Kind::WrongStore`] if the session is not one of an SQL database. In the last two cases, nothing was sent.
    pub async fn execute(self, on: &mut Session) -> Result<u64, Error> {
        super::runner(on)?.execute(self).await
    }

    /// Runs the statement and returns the first row, if there is one.
    ///
    /// # Errors
    ///
    /// See [`execute`](Self::execute).
    pub async fn fetch_optional(self, on: &mut Session) -> Result<Option<Row>, Error> {
        super::runner(on)?.fetch_optional(self).await
    }

    /// Runs the statement and returns the first row.
    ///
    /// # Errors
    ///
    /// [`Kind::RowNotFound`] if there is none; otherwise see [`execute`](Self::execute).
    pub async fn fetch_one(self, on: &mut Session) -> Result<Row, Error> {
        self.fetch_optional(on).await?.ok_or_else(|| Error::new(Kind::RowNotFound))
    }

    /// Runs the statement and returns all rows at once.
    ///
    /// # Errors
    ///
    /// See [`execute`](Self::execute).
    pub async fn fetch_all(self, on: &mut Session) -> Result<Vec<Row>, Error> {
        super::runner(on)?.fetch_all(self).await
    }
}
