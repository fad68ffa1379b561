use std::borrow::Cow;
use std::fmt;

use uuid::Uuid;

use crate::time::Timestamp;

/// A value that is sent to the database.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Value<'q> {
    /// `NULL`, with the type of the missing value: `PostgreSQL` needs to know it.
    Null(ValueType),
    /// A boolean.
    Bool(bool),
    /// A whole number. It has one width, because `PostgreSQL` remembers the types of a text's values: `.bind(20)` in
    /// one place and `.bind(limit)` in another would not go together.
    I64(i64),
    /// A floating-point number.
    F64(f64),
    /// A text.
    Text(Cow<'q, str>),
    /// Bytes.
    Bytes(Cow<'q, [u8]>),
    /// A UUID.
    Uuid(Uuid),
    /// A point in time.
    Timestamp(Timestamp),
}

/// The type of a [`Value`], without its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueType {
    /// See [`Value::Bool`].
    Bool,
    /// See [`Value::I64`].
    I64,
    /// See [`Value::F64`].
    F64,
    /// See [`Value::Text`].
    Text,
    /// See [`Value::Bytes`].
    Bytes,
    /// See [`Value::Uuid`].
    Uuid,
    /// See [`Value::Timestamp`].
    Timestamp,
}

impl Value<'_> {
    /// The type of the value.
    #[must_use]
    pub const fn value_type(&self) -> ValueType {
        match self {
            Self::Null(of) => *of,
            Self::Bool(_) => ValueType::Bool,
            Self::I64(_) => ValueType::I64,
            Self::F64(_) => ValueType::F64,
            Self::Text(_) => ValueType::Text,
            Self::Bytes(_) => ValueType::Bytes,
            Self::Uuid(_) => ValueType::Uuid,
            Self::Timestamp(_) => ValueType::Timestamp,
        }
    }
}

/// Shows the type and not the value: values do not belong in logs.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({:?})", self.value_type())
    }
}

/// A type that can be bound by reference. A type of your own can be, if it says which value it stands for:
///
/// ```
/// use buttress::sql::{ToValue, Value, ValueType};
///
/// struct Sku(String);
///
/// impl ToValue for Sku {
///     const TYPE: ValueType = ValueType::Text;
///     fn to_value(&self) -> Value<'_> {
///         self.0.to_value()
///     }
/// }
/// ```
pub trait ToValue {
    /// The type of the value, even if there is none.
    const TYPE: ValueType;

    /// The value that it stands for, of the type above.
    fn to_value(&self) -> Value<'_>;
}

/// A value for [`bind`](super::Statement::bind): a reference to anything that implements [`ToValue`], a simple value,
/// or an `Option` of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be bound to a statement",
    note = "a type of your own implements `ToValue` and is bound by reference"
)]
pub trait IntoValue<'q> {
    /// The type of the value, even if there is none.
    const TYPE: ValueType;

    /// The value.
    fn into_value(self) -> Value<'q>;
}

impl<'q, T: ToValue + ?Sized> IntoValue<'q> for &'q T {
    const TYPE: ValueType = T::TYPE;

    fn into_value(self) -> Value<'q> {
        self.to_value()
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    const TYPE: ValueType = T::TYPE;

    fn to_value(&self) -> Value<'_> {
        T::to_value(self)
    }
}

impl<T: ToValue + ToOwned + ?Sized> ToValue for Cow<'_, T> {
    const TYPE: ValueType = T::TYPE;

    fn to_value(&self) -> Value<'_> {
        T::to_value(self)
    }
}

impl<T: ToValue> ToValue for Option<T> {
    const TYPE: ValueType = T::TYPE;

    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null(T::TYPE), ToValue::to_value)
    }
}

impl<'q, T: IntoValue<'q>> IntoValue<'q> for Option<T> {
    const TYPE: ValueType = T::TYPE;

    fn into_value(self) -> Value<'q> {
        self.map_or(Value::Null(T::TYPE), IntoValue::into_value)
    }
}

/// Types that are cheap to copy, so they are bound by value and by reference.
macro_rules! copied {
    ($($type:ty => $variant:ident,)*) => {$(
        impl ToValue for $type {
            const TYPE: ValueType = ValueType::$variant;

            fn to_value(&self) -> Value<'_> {
                (*self).into_value()
            }
        }

        impl<'q> IntoValue<'q> for $type {
            const TYPE: ValueType = ValueType::$variant;

            fn into_value(self) -> Value<'q> {
                Value::$variant(self.into())
            }
        }
    )*};
}

copied! {
    bool => Bool,
    i16 => I64,
    i32 => I64,
    i64 => I64,
    u32 => I64,
    f64 => F64,
    Uuid => Uuid,
    Timestamp => Timestamp,
}

impl ToValue for str {
    const TYPE: ValueType = ValueType::Text;

    fn to_value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl ToValue for String {
    const TYPE: ValueType = ValueType::Text;

    fn to_value(&self) -> Value<'_> {
        self.as_str().to_value()
    }
}

impl<'q> IntoValue<'q> for String {
    const TYPE: ValueType = ValueType::Text;

    fn into_value(self) -> Value<'q> {
        Value::Text(Cow::Owned(self))
    }
}

impl<'q> IntoValue<'q> for Cow<'q, str> {
    const TYPE: ValueType = ValueType::Text;

    fn into_value(self) -> Value<'q> {
        Value::Text(self)
    }
}

impl ToValue for [u8] {
    const TYPE: ValueType = ValueType::Bytes;

    fn to_value(&self) -> Value<'_> {
        Value::Bytes(Cow::Borrowed(self))
    }
}

impl<const N: usize> ToValue for [u8; N] {
    const TYPE: ValueType = ValueType::Bytes;

    fn to_value(&self) -> Value<'_> {
        self.as_slice().to_value()
    }
}

impl ToValue for Vec<u8> {
    const TYPE: ValueType = ValueType::Bytes;

    fn to_value(&self) -> Value<'_> {
        self.as_slice().to_value()
    }
}

impl<'q> IntoValue<'q> for Vec<u8> {
    const TYPE: ValueType = ValueType::Bytes;

    fn into_value(self) -> Value<'q> {
        Value::Bytes(Cow::Owned(self))
    }
}

impl<'q> IntoValue<'q> for Cow<'q, [u8]> {
    const TYPE: ValueType = ValueType::Bytes;

    fn into_value(self) -> Value<'q> {
        Value::Bytes(self)
    }
}
