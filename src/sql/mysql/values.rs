//! Converting values to MySQL and MariaDB, and back.

use sqlx::mysql::{MySqlArguments, MySqlQueryResult, MySqlRow, MySqlValueRef};
use sqlx::{Arguments, Column as _, Decode, MySql, Row as _, Type, TypeInfo, ValueRef};
use uuid::Uuid;

use crate::body::BoxError;
use crate::sql::dialect::sealed::Values;
use crate::sql::statement::column::sealed::Columns;
use crate::sql::statement::value::{Value, ValueType};
use crate::sql::statement::{Row, Rows};
use crate::time::Timestamp;

impl Values for MySql {
    /// The protocol counts values in 16 bits.
    const MOST_VALUES: usize = 65_535;

    fn refuses(number: f64) -> Option<&'static str> {
        (!number.is_finite()).then_some("MySQL stores finite numbers only")
    }

    fn add(arguments: &mut MySqlArguments, value: Value<'_>) -> Result<(), BoxError> {
        match value {
            Value::Null(of) => null(arguments, of),
            Value::Bool(value) => arguments.add(value),
            Value::I64(value) => arguments.add(value),
            Value::F64(value) => arguments.add(value),
            Value::Text(value) => arguments.add(&*value),
            Value::Bytes(value) => arguments.add(&*value),
            Value::Uuid(value) => arguments.add(value),
            // The driver marks a value as a DATETIME only for types of other crates. The server converts a text
            // wherever it expects a DATETIME.
            Value::Timestamp(value) => arguments.add(value.to_string().trim_end_matches('Z')),
        }
    }

    fn affected(result: &MySqlQueryResult) -> u64 {
        result.rows_affected()
    }

    fn row(row: MySqlRow) -> Row {
        Row(Rows::MySql(row))
    }
}

fn null(arguments: &mut MySqlArguments, of: ValueType) -> Result<(), BoxError> {
    match of {
        ValueType::Bool => arguments.add(None::<bool>),
        ValueType::I64 => arguments.add(None::<i64>),
        ValueType::F64 => arguments.add(None::<f64>),
        ValueType::Text | ValueType::Timestamp => arguments.add(None::<&str>),
        ValueType::Bytes => arguments.add(None::<&[u8]>),
        ValueType::Uuid => arguments.add(None::<Uuid>),
    }
}

fn decode<'r, T: Decode<'r, MySql>>(value: MySqlValueRef<'r>) -> Option<T> {
    T::decode(value).ok()
}

fn is<T: Type<MySql>>(value: &MySqlValueRef<'_>) -> bool {
    T::compatible(&value.type_info())
}

/// Reads a value of the column's declared type.
fn read<'r, T: Type<MySql> + Decode<'r, MySql>>(row: &'r MySqlRow, at: usize) -> Option<T> {
    let value = row.try_get_raw(at).ok()?;
    if is::<T>(&value) { decode(value) } else { None }
}

impl Columns for MySqlRow {
    fn position(&self, name: &str) -> Option<usize> {
        self.try_column(name).ok().map(|column| column.ordinal())
    }

    fn name(&self, at: usize) -> Option<&str> {
        self.columns().get(at).map(|column| column.name())
    }

    fn type_name(&self, at: usize) -> Option<String> {
        Some(self.columns().get(at)?.type_info().name().to_owned())
    }

    fn is_null(&self, at: usize) -> bool {
        self.try_get_raw(at).is_ok_and(|value| value.is_null())
    }

    fn bool(&self, at: usize) -> Option<bool> {
        self.i64(at).map(|number| number != 0)
    }

    fn i64(&self, at: usize) -> Option<i64> {
        let value = self.try_get_raw(at).ok()?;
        if is::<i64>(&value) {
            return decode(value);
        }
        if is::<u64>(&value) {
            return decode::<u64>(value)?.try_into().ok();
        }
        if value.type_info().as_ref().name() == "DECIMAL" { decimal(decode(value)?) } else { None }
    }

    fn f64(&self, at: usize) -> Option<f64> {
        read(self, at)
    }

    fn text(&self, at: usize) -> Option<&str> {
        read(self, at)
    }

    fn bytes(&self, at: usize) -> Option<&[u8]> {
        // The same types are texts or bytes, depending on their collation.
        let value = self.try_get_raw(at).ok()?;
        if is::<&[u8]>(&value) && !is::<&str>(&value) { decode(value) } else { None }
    }

    /// MariaDB's own UUID type takes 16 bytes and returns 36 characters.
    fn uuid(&self, at: usize) -> Option<Uuid> {
        match self.bytes(at) {
            Some(bytes) => Uuid::from_slice(bytes).ok(),
            None => Uuid::parse_str(self.text(at)?).ok(),
        }
    }

    fn timestamp(&self, at: usize) -> Option<Timestamp> {
        let value = self.try_get_raw(at).ok()?;
        match value.type_info().name() {
            "DATETIME" | "TIMESTAMP" => datetime(decode(value)?),
            // The result of a function over texts.
            _ => format!("{}Z", self.text(at)?.replacen(' ', "T", 1)).parse().ok(),
        }
    }
}

/// A `DECIMAL` that is a whole number, such as a sum.
fn decimal(text: &str) -> Option<i64> {
    match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole.parse().ok(),
        Some(_) => None,
        None => text.parse().ok(),
    }
}

/// Reads a time of the binary protocol: the number of bytes that follow, then year, month and day, then the time, then
/// the microseconds. Parts at the end that are zero are left out.
fn datetime(bytes: &[u8]) -> Option<Timestamp> {
    let (year, month, day, rest) = match bytes {
        [_, low, high, month, day, rest @ ..] => (u16::from_le_bytes([*low, *high]), month, day, rest),
        _ => return None,
    };
    let (hour, minute, second, rest) = match rest {
        [hour, minute, second, rest @ ..] => (*hour, *minute, *second, rest),
        _ => (0, 0, 0, rest),
    };
    let micros = rest.try_into().map_or(0, u32::from_le_bytes);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z").parse().ok()
}
