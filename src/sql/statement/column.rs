use std::fmt;

use uuid::Uuid;

use self::sealed::Columns;
use super::Row;
use crate::store::{Error, ErrorKind};
use crate::time::Timestamp;

/// A column, by its name or by its index, counted from 0.
pub trait ColumnIndex: sealed::Find {}

pub(in crate::sql) mod sealed {
    use super::*;

    /// A row of a database, as its driver knows it. `None` means that the column does not exist, or holds a value of
    /// another type.
    pub trait Columns: Send + Sync {
        fn position(&self, name: &str) -> Option<usize>;
        fn name(&self, at: usize) -> Option<&str>;
        fn type_name(&self, at: usize) -> Option<String>;
        fn is_null(&self, at: usize) -> bool;
        fn bool(&self, at: usize) -> Option<bool>;
        fn i64(&self, at: usize) -> Option<i64>;
        fn f64(&self, at: usize) -> Option<f64>;
        fn text(&self, at: usize) -> Option<&str>;
        fn bytes(&self, at: usize) -> Option<&[u8]>;
        fn uuid(&self, at: usize) -> Option<Uuid>;
        fn timestamp(&self, at: usize) -> Option<Timestamp>;
    }

    pub trait Find: Copy + fmt::Display {
        fn find(self, columns: &dyn Columns) -> Option<usize>;
    }
}

impl sealed::Find for &str {
    fn find(self, columns: &dyn Columns) -> Option<usize> {
        columns.position(self)
    }
}

impl sealed::Find for usize {
    fn find(self, columns: &dyn Columns) -> Option<usize> {
        columns.name(self).map(|_| self)
    }
}

impl ColumnIndex for &str {}
impl ColumnIndex for usize {}

impl Row {
    /// Reads the value of a column.
    ///
    /// ```
    /// # use buttress::sql::Row;
    /// # use buttress::store::Error;
    /// fn name(row: &Row) -> Result<(String, Option<i64>), Error> {
    ///     Ok((row.get("name")?, row.get("weight")?))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if there is no such column, or if its value is of another type: a `NULL` that is not read as an `Option`,
    /// a number that does not fit, another type. The error names the column and not the value.
    pub fn get<T: FromColumn>(&self, index: impl ColumnIndex) -> Result<T, Error> {
        T::from_column(self.column(index)?)
    }

    /// A column, to inspect before reading it.
    ///
    /// # Errors
    ///
    /// Fails if there is no such column.
    pub fn column(&self, index: impl ColumnIndex) -> Result<Column<'_>, Error> {
        let columns = self.columns();
        match index.find(columns) {
            Some(at) => Ok(Column { columns, at }),
            None => Err(Error::new(ErrorKind::Other).because(format!("the row has no column {index}"))),
        }
    }
}

/// A column of a row.
#[derive(Clone, Copy)]
pub struct Column<'r> {
    columns: &'r dyn Columns,
    at: usize,
}

/// A type that can be read from a column. A type of your own can be, if it says which value it is made from:
///
/// ```
/// use buttress::store::Error;
/// use buttress::sql::{Column, FromColumn};
///
/// struct Sku(String);
///
/// impl FromColumn for Sku {
///     fn from_column(column: Column<'_>) -> Result<Self, Error> {
///         column.text().map(|text| Sku(text.to_owned()))
///     }
/// }
/// ```
pub trait FromColumn: Sized {
    /// Reads the value.
    ///
    /// # Errors
    ///
    /// Fails if the column holds a value of another type; [`Column::unreadable`] makes the error.
    fn from_column(column: Column<'_>) -> Result<Self, Error>;
}

impl<'r> Column<'r> {
    /// The column's name.
    #[must_use]
    pub fn name(&self) -> &'r str {
        self.columns.name(self.at).unwrap_or_default()
    }

    /// Whether the column holds `NULL`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.columns.is_null(self.at)
    }

    /// Reads a boolean. If the database has no booleans, it reads a number: 0 is false.
    ///
    /// # Errors
    ///
    /// Fails if the column holds a value of another type.
    pub fn bool(&self) -> Result<bool, Error> {
        self.columns.bool(self.at).ok_or_else(|| self.unreadable("a boolean"))
    }

    /// Reads a whole number of any width, if it fits.
    ///
    /// # Errors
    ///
    /// Fails if the column holds a value of another type.
    pub fn i64(&self) -> Result<i64, Error> {
        self.columns.i64(self.at).ok_or_else(|| self.unreadable("an integer"))
    }

    /// Reads a floating-point number.
    ///
    /// # Errors
    ///
    /// Fails if the column holds a value of another type.
    pub fn f64(&self) -> Result<f64, Error> {
        self.columns.f64(self.at).ok_or_else(|| self.unreadable("a floating-point number"))
    }

    /// Reads a text.
    ///
    /// # Errors
    ///
    /// Fails if the column holds a value of another type.
    pub fn text(&self) -> Result<&'r str, Error> {
        self.columns.text(self.at).ok_or_else(|| self.unreadable("a text"))
    }

    /// Reads bytes.
    ///
    /// # Errors
    ///
    /// Fails if the column holds a value of another type.
    pub fn bytes(&self) -> Result<&'r [u8], Error> {
        self.columns.bytes(self.at).ok_or_else(|| self.unreadable("bytes"))
    }

    /// Reads a UUID.
    ///
    /// # Errors
    ///
    /// Fails if the column holds a value of another type.
    pub fn uuid(&self) -> Result<Uuid, Error> {
        self.columns.uuid(self.at).ok_or_else(|| self.unreadable("a UUID"))
    }

    /// Reads a point in time. It is rounded down to milliseconds, towards the past.
    ///
    /// # Errors
    ///
    /// Fails if the column holds a value of another type.
    pub fn timestamp(&self) -> Result<Timestamp, Error> {
        self.columns.timestamp(self.at).ok_or_else(|| self.unreadable("a point in time"))
    }

    /// The error of a column that holds something other than `what`. It names the column and its type, not the value.
    #[must_use]
    pub fn unreadable(&self, what: &str) -> Error {
        let name = self.name();
        let holds =
            if self.is_null() { "no value".to_owned() } else { self.columns.type_name(self.at).unwrap_or_default() };
        let error = Error::new(ErrorKind::Other).because(format!("the column {name} cannot be read as {what}"));
        error.caused_by(format!("it holds {holds}"))
    }
}

impl fmt::Debug for Column<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Column").field(&self.name()).finish()
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(column: Column<'_>) -> Result<Self, Error> {
        if column.is_null() { Ok(None) } else { T::from_column(column).map(Some) }
    }
}

impl FromColumn for bool {
    fn from_column(column: Column<'_>) -> Result<Self, Error> {
        column.bool()
    }
}

impl FromColumn for i16 {
    fn from_column(column: Column<'_>) -> Result<Self, Error> {
        column.i64()?.try_into().map_err(|_| column.unreadable("an integer of 16 bits"))
    }
}

impl FromColumn for i32 {
    fn from_column(column: Column<'_>) -> Result<Self, Error> {
        column.i64()?.try_into().map_err(|_| column.unreadable("an integer of 32 bits"))
    }
}

impl FromColumn for i64 {
    fn from_column(column: Column<'_>) -> Result<Self, Error> {
        column.i64()
    }
}

impl FromColumn for u32 {
    fn from_column(column: Column<'_>) -> Result<Self, Error> {
        column.i64()?.try_into().map_err(|_| column.unreadable("an integer of 32 bits without a sign"))
    }
}

impl FromColumn for f64 {
    fn from_column(column: Column<'_>) -> Result<Self, Error> {
        column.f64()
    }
}

impl FromColumn for String {
    fn from_column(column: Column<'_>) -> Result<Self, Error> {
        column.text().map(ToOwned::to_owned)
    }
}

impl FromColumn for Vec<u8> {
    fn from_column(column: Column<'_>) -> Result<Self, Error> {
        column.bytes().map(ToOwned::to_owned)
    }
}

impl<const N: usize> FromColumn for [u8; N] {
    fn from_column(column: Column<'_>) -> Result<Self, Error> {
        column.bytes()?.try_into().map_err(|_| column.unreadable(&format!("{N} bytes")))
    }
}

impl FromColumn for Uuid {
    fn from_column(column: Column<'_>) -> Result<Self, Error> {
        column.uuid()
    }
}

impl FromColumn for Timestamp {
    fn from_column(column: Column<'_>) -> Result<Self, Error> {
        column.timestamp()
    }
}
