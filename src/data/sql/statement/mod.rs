//! Statements that are written once and run on every SQL database, in a transaction and out of one.

mod build;
mod column;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
mod run;
mod scan;
#[cfg(feature = "sqlite")]
mod sqlite;
mod text;
mod value;

use std::fmt;

use self::column::sealed::Columns;
use self::run::Runner;
use crate::data::{Error, Kind, Session};

pub use self::build::{RowValues, Statement, sql};
pub use self::column::{Column, ColumnIndex, FromColumn};
pub use self::value::{IntoValue, ToValue, Value, ValueType};

/// A row of an answer, as its database gave it. See the [module](self).
pub struct Row(Rows);

enum Rows {
    #[cfg(feature = "postgres")]
    Postgres(sqlx::postgres::PgRow),
    #[cfg(feature = "mysql")]
    MySql(sqlx::mysql::MySqlRow),
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::sqlite::SqliteRow),
}

impl Row {
    fn columns(&self) -> &dyn Columns {
        match self.0 {
            #[cfg(feature = "postgres")]
            Rows::Postgres(ref row) => row,
            #[cfg(feature = "mysql")]
            Rows::MySql(ref row) => row,
            #[cfg(feature = "sqlite")]
            Rows::Sqlite(ref row) => row,
        }
    }
}

/// The names of its columns, and not what is in them.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.columns();
        f.debug_list().entries((0..).map_while(|at| columns.name(at))).finish()
    }
}

/// The connection of the session, of whichever database it is.
fn runner(on: &mut Session) -> Result<&mut dyn Runner, Error> {
    #[cfg(feature = "postgres")]
    if on.is::<super::Conn<sqlx::Postgres>>() {
        return Ok(on.unit::<super::Conn<sqlx::Postgres>>()?);
    }
    #[cfg(feature = "mysql")]
    if on.is::<super::Conn<sqlx::MySql>>() {
        return Ok(on.unit::<super::Conn<sqlx::MySql>>()?);
    }
    #[cfg(feature = "sqlite")]
    if on.is::<super::Conn<sqlx::Sqlite>>() {
        return Ok(on.unit::<super::Conn<sqlx::Sqlite>>()?);
    }
    Err(Error::new(Kind::WrongStore).caused_by("a statement needs a session of an SQL database"))
}
