//! Converting values to `PostgreSQL` and back.

use sqlx::encode::IsNull;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgQueryResult, PgRow, PgTypeInfo, PgTypeKind, PgValueRef};
use sqlx::{Arguments, Column as _, Decode, Encode, Postgres, Row as _, Type, TypeInfo, ValueRef};
use uuid::Uuid;

use crate::body::BoxError;
use crate::sql::dialect::sealed::Values;
use crate::sql::statement::column::sealed::Columns;
use crate::sql::statement::value::{Value, ValueType};
use crate::sql::statement::{Row, Rows};
use crate::time::Timestamp;

impl Values for Postgres {
    /// The protocol counts values in 16 bits.
    const MOST_VALUES: usize = 65_535;

    fn add(arguments: &mut PgArguments, value: Value<'_>) -> Result<(), BoxError> {
        match value {
            Value::Null(of) => null(arguments, of),
            Value::Bool(value) => arguments.add(value),
            Value::I64(value) => arguments.add(value),
            Value::F64(value) => arguments.add(value),
            Value::Text(value) => arguments.add(&*value),
            Value::Bytes(value) => arguments.add(&*value),
            Value::Uuid(value) => arguments.add(value),
            Value::Timestamp(value) => arguments.add(Instant(value)),
        }
    }

    fn affected(result: &PgQueryResult) -> u64 {
        result.rows_affected()
    }

    fn row(row: PgRow) -> Row {
        Row(Rows::Postgres(row))
    }
}

fn null(arguments: &mut PgArguments, of: ValueType) -> Result<(), BoxError> {
    match of {
        ValueType::Bool => arguments.add(None::<bool>),
        ValueType::I64 => arguments.add(None::<i64>),
        ValueType::F64 => arguments.add(None::<f64>),
        ValueType::Text => arguments.add(None::<&str>),
        ValueType::Bytes => arguments.add(None::<&[u8]>),
        ValueType::Uuid => arguments.add(None::<Uuid>),
        ValueType::Timestamp => arguments.add(None::<Instant>),
    }
}

/// `timestamptz`: microseconds since 2000-01-01.
struct Instant(Timestamp);

const EPOCH_MILLIS: i64 = 946_684_800_000;

impl Type<Postgres> for Instant {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("timestamptz")
    }
}

impl Encode<'_, Postgres> for Instant {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxError> {
        // The years 0000 to 9999 are far from an overflow.
        let micros = (self.0.as_unix_millis() - EPOCH_MILLIS) * 1_000;
        Encode::<Postgres>::encode(micros, buffer)
    }
}

fn decode<'r, T: Decode<'r, Postgres>>(value: PgValueRef<'r>) -> Option<T> {
    T::decode(value).ok()
}

fn is<T: Type<Postgres>>(value: &PgValueRef<'_>) -> bool {
    T::compatible(&value.type_info())
}

fn named(value: &PgValueRef<'_>, name: &str) -> bool {
    value.type_info().as_ref().name() == name
}

/// Reads a value of the column's declared type.
fn read<'r, T: Type<Postgres> + Decode<'r, Postgres>>(row: &'r PgRow, at: usize) -> Option<T> {
    let value = row.try_get_raw(at).ok()?;
    if is::<T>(&value) { decode(value) } else { None }
}

impl Columns for PgRow {
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
        read(self, at)
    }

    fn i64(&self, at: usize) -> Option<i64> {
        let value = self.try_get_raw(at).ok()?;
        if is::<i64>(&value) || is::<i32>(&value) || is::<i16>(&value) {
            return decode(value);
        }
        if named(&value, "NUMERIC") { numeric(value.as_bytes().ok()?) } else { None }
    }

    fn f64(&self, at: usize) -> Option<f64> {
        read::<f64>(self, at).or_else(|| read::<f32>(self, at).map(f64::from))
    }

    fn text(&self, at: usize) -> Option<&str> {
        let value = self.try_get_raw(at).ok()?;
        let text = is::<&str>(&value) || matches!(value.type_info().kind(), PgTypeKind::Enum(_));
        if text { value.as_str().ok() } else { None }
    }

    fn bytes(&self, at: usize) -> Option<&[u8]> {
        read(self, at)
    }

    fn uuid(&self, at: usize) -> Option<Uuid> {
        read(self, at)
    }

    fn timestamp(&self, at: usize) -> Option<Timestamp> {
        let value = self.try_get_raw(at).ok()?;
        if !is::<Instant>(&value) {
            return None;
        }
        let micros: i64 = decode(value)?;
        Timestamp::from_unix_millis(micros.div_euclid(1_000).checked_add(EPOCH_MILLIS)?)
    }
}

/// A `numeric` that is a whole number, such as a sum: a head of four 16-bit numbers, then digits to the base 10,000;
/// the head gives the weight of the first digit.
fn numeric(bytes: &[u8]) -> Option<i64> {
    let mut numbers = bytes.chunks_exact(2).map(|pair| pair.try_into().map(u16::from_be_bytes).unwrap_or_default());
    let (count, weight, sign, _scale) = (numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()?);
    let negative = match sign {
        0x0000 => false,
        0x4000 => true,
        // Not a number, or infinite.
        _ => return None,
    };
    let weight = i32::from(weight.cast_signed());
    let mut whole = 0_i128;
    for place in 0..i32::from(count).max(weight + 1) {
        let digit = i128::from(numbers.next().unwrap_or(0));
        if place <= weight {
            whole = whole.checked_mul(10_000)?.checked_add(digit)?;
        } else if digit != 0 {
            return None;
        }
    }
    i64::try_from(if negative { -whole } else { whole }).ok()
}
