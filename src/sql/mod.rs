//! SQL databases, on sqlx.

#![cfg_attr(
    not(any(feature = "mysql", feature = "postgres", feature = "sqlite")),
    allow(unused, reason = "it is for databases, and none is named")
)]

mod background;
mod cleanup;
mod connect;
mod dialect;
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

/// The meaning of an error of any database: no two databases claim the same error.
fn fault_of_any(error: &dyn DatabaseError) -> Fault {
    use self::dialect::sealed::Dialect as _;

    if let Some(fault) = error::refused::fault(error) {
        return fault;
    }
    #[cfg(feature = "postgres")]
    if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        return sqlx::Postgres::fault(error);
    }
    #[cfg(feature = "mysql")]
    if error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>().is_some() {
        return sqlx::MySql::fault(error);
    }
    #[cfg(feature = "sqlite")]
    if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        return sqlx::Sqlite::fault(error);
    }
    ErrorKind::Other.into()
}

/// The database's own code for an error: a SQLSTATE or an extended result code, and on MySQL also a number.
fn code_of_any(error: &dyn DatabaseError) -> Option<Cow<'_, str>> {
    #[cfg(feature = "mysql")]
    if let Some(mysql) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        let number = mysql.number();
        return Some(mysql.code().map_or_else(|| number.to_string(), |state| format!("{number} ({state})")).into());
    }
    error.code()
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
    let none = || Error::new(ErrorKind::Unsupported).because("there are no migrations for this kind of store");
    #[cfg(feature = "postgres")]
    if let Some(sql) = store.sql::<sqlx::Postgres>() {
        return migrate::on_server(store, &sql, migrations.postgres.ok_or_else(none)?, migrations).await;
    }
    #[cfg(feature = "mysql")]
    if let Some(sql) = store.sql::<sqlx::MySql>() {
        return migrate::on_server(store, &sql, migrations.mysql.ok_or_else(none)?, migrations).await;
    }
    #[cfg(feature = "sqlite")]
    if let Some(sql) = store.sql::<sqlx::Sqlite>() {
        return sqlite::migrate::run(store, &sql, migrations.sqlite.ok_or_else(none)?, migrations.wait).await;
    }
    Err(none())
}
