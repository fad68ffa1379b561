//! SQL databases, on sqlx.

#![cfg_attr(
    not(any(feature = "mysql", feature = "postgres", feature = "sqlite")),
    allow(unused, reason = "it is for databases, and none is named")
)]

mod background;
mod cleanup;
mod connect;
mod dialect;
mod driver;
mod error;
mod fault;
#[cfg(fuzzing)]
pub mod fuzzing;
mod guard;
mod handle;
mod interrupt;
mod lease;
mod migrate;
#[cfg(feature = "mysql")]
mod mysql;
pub mod pool;
#[cfg(feature = "postgres")]
mod postgres;
mod query;
mod span;
#[cfg(feature = "sqlite")]
mod sqlite;
pub mod statement;
mod text;
mod tx;

use std::borrow::Cow;

use sqlx::Pool;
use sqlx::error::DatabaseError;

use self::driver::Driver;
use self::fault::Fault;
use crate::store::{Error, ErrorKind, Resolution, Store, TransactionId};

#[doc(inline)]
pub use self::connect::Connect;
pub use self::dialect::SqlDatabase;
pub use self::error::DriverError;
pub use self::guard::Conn;
pub use self::handle::{Sql, transaction};
pub use self::migrate::Migrations;
#[cfg(feature = "outbox")]
pub(crate) use self::migrate::own_set;
pub use self::pool::Connects;
pub use self::statement::{
    Column, ColumnIndex, FromColumn, IntoValue, Row, RowValues, Statement, ToValue, Value, ValueType, sql,
};
pub use self::tx::Tx;

/// The databases of this build: the one place in which all of them are named.
const DRIVERS: &[Driver] = &[
    #[cfg(feature = "postgres")]
    Driver::of::<sqlx::Postgres>(),
    #[cfg(feature = "mysql")]
    Driver::of::<sqlx::MySql>(),
    #[cfg(feature = "sqlite")]
    Driver::of::<sqlx::Sqlite>(),
];

/// The meaning of an error of any database.
fn fault_of_any(error: &dyn DatabaseError) -> Fault {
    let own = error::refused::fault(error).or_else(|| DRIVERS.iter().find_map(|driver| (driver.fault)(error)));
    own.unwrap_or_else(|| ErrorKind::Other.into())
}

/// The database's own code for an error: a SQLSTATE or an extended result code, and on MySQL also a number.
fn code_of_any(error: &dyn DatabaseError) -> Option<Cow<'_, str>> {
    DRIVERS.iter().find_map(|driver| (driver.code)(error)).or_else(|| error.code())
}

/// Asks what became of a transaction.
async fn resolve<DB: SqlDatabase>(pool: &Pool<DB>, id: &TransactionId) -> Result<Resolution, Error> {
    let mut connection = pool.acquire().await.map_err(Error::of_driver::<DB>)?;
    let status = DB::status(&mut connection, &id.0).await.map_err(Error::of_driver::<DB>)?;
    match status.as_deref() {
        None => Err(Error::new(ErrorKind::Unsupported)),
        Some("committed") => Ok(Resolution::Committed),
        Some("aborted") => Ok(Resolution::RolledBack),
        Some("in progress") => Ok(Resolution::InProgress),
        Some(_) => Ok(Resolution::Forgotten),
    }
}

/// Runs the migrations for the store's kind of database.
async fn migrate_any(migrations: &Migrations, store: &Store) -> Result<(), Error> {
    match DRIVERS.iter().find_map(|driver| (driver.migrate)(migrations, store)) {
        Some(migration) => migration.await,
        None => Err(migrate::none()),
    }
}
