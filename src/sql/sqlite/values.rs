//! Converting values to SQLite and back.

use sqlx::sqlite::{SqliteArguments, SqliteQueryResult, SqliteRow, SqliteValueRef};
use sqlx::{Arguments, Column as _, Decode, Row as _, Sqlite, TypeInfo, ValueRef};
use uuid::Uuid;

use crate::body::BoxError;
use crate::sql::dialect::sealed::Values;
use crate::sql::statement::column::sealed::Columns;
use crate::sql::statement::value::Value;
use crate::sql::statement::{Row, Rows};
use crate::time::Timestamp;

impl Values for Sqlite {
    /// `SQLITE_MAX_VARIABLE_NUMBER`
    const MOST_VALUES: usize = 32_766;

    fn refuses(number: f64) -> Option<&'static str> {
        number.is_nan().then_some("SQLite stores what is not a number as NULL")
    }

    fn add(arguments: &mut SqliteArguments, value: Value<'_>) -> Result<(), BoxError> {
        match value {
            Value::Null(_) => arguments.add(None::<i64>),
            Value::Bool(value) => arguments.add(value),
            Value::I64(value) => arguments.add(value),
            Value::F64(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value.into_owned()),
            Value::Bytes(value) => arguments.add(value.into_owned()),
            Value::Uuid(value) => arguments.add(value),
            // Microseconds; the years 0000 to 9999 are far from an overflow.
            Value::Timestamp(value) => arguments.add(value.as_unix_millis() * 1_000),
        }
    }

    fn affected(result: &SqliteQueryResult) -> u64 {
        result.rows_affected()
    }

    fn row(row: SqliteRow) -> Row {
        Row(Rows::Sqlite(row))
    }
}

fn decode<'r, T: Decode<'r, Sqlite>>(value: SqliteValueRef<'r>) -> Option<T> {
    T::decode(value).ok()
}

/// The value, if it is stored as one of these types. A column may hold any type: the type of the stored value counts.
fn stored<'r>(row: &'r SqliteRow, at: usize, as_one_of: &[&str]) -> Option<SqliteValueRef<'r>> {
    let value = row.try_get_raw(at).ok()?;
    let stored = as_one_of.contains(&value.type_info().name()) && !value.is_null();
    stored.then_some(value)
}

impl Columns for SqliteRow {
    fn position(&self, name: &str) -> Option<usize> {
        self.try_column(name).ok().map(|column| column.ordinal())
    }

    fn name(&self, at: usize) -> Option<&str> {
        self.columns().get(at).map(|column| column.name())
    }

    fn type_name(&self, at: usize) -> Option<String> {
        Some(self.try_get_raw(at).ok()?.type_info().name().to_owned())
    }

    fn is_null(&self, at: usize) -> bool {
        self.try_get_raw(at).is_ok_and(|value| value.is_null())
    }

    fn bool(&self, at: usize) -> Option<bool> {
        self.i64(at).map(|number| number != 0)
    }

    fn i64(&self, at: usize) -> Option<i64> {
        decode(stored(self, at, &["INTEGER"])?)
    }

    /// A column without a declared type, or a sum, may hold a whole number as an integer.
    fn f64(&self, at: usize) -> Option<f64> {
        decode(stored(self, at, &["REAL", "INTEGER"])?)
    }

    fn text(&self, at: usize) -> Option<&str> {
        decode(stored(self, at, &["TEXT"])?)
    }

    fn bytes(&self, at: usize) -> Option<&[u8]> {
        decode(stored(self, at, &["BLOB"])?)
    }

    fn uuid(&self, at: usize) -> Option<Uuid> {
        Uuid::from_slice(self.bytes(at)?).ok()
    }

    fn timestamp(&self, at: usize) -> Option<Timestamp> {
        Timestamp::from_unix_millis(self.i64(at)?.div_euclid(1_000))
    }
}
