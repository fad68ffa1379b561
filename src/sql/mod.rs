//! SQL databases, on sqlx.
//!
//! [`Connect`] opens a database and makes it a [`Store`]; [`sql`] is a statement that runs on each of them;
//! [`Database`] and [`Tx`] are the typed API, for services that name their database.
//!
//! # Statements
//!
//! Statements that are written once and run on every SQL database, inside a transaction and outside one.
//!
//! [`sql`] takes the words, with `?` in place of values, and runs on a [`Session`](crate::store::Session): on a store's session, inside a
//! transaction or outside one, and on a typed [`Tx`], which is a session as well. The database is determined
//! only when the statement runs, so a repository names none and needs no generics:
//!
#![cfg_attr(feature = "sqlite", doc = "```")]
#![cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
//! use buttress::sql::sql;
//! use buttress::store::{Error, Session, Store};
//! use sqlx::sqlite::SqlitePoolOptions;
//!
//! async fn add(on: &mut Session, sku: &str, stock: i64, note: Option<&str>) -> Result<(), Error> {
//!     let insert = sql("INSERT INTO products (sku, stock, note) VALUES (?, ?, ?)");
//!     insert.bind(sku).bind(stock).bind(note).execute(on).await?;
//!     Ok(())
//! }
//!
//! /// Takes some from the stock, if there is enough.
//! async fn take(on: &mut Session, sku: &str, quantity: i64) -> Result<bool, Error> {
//!     let update = sql("UPDATE products SET stock = stock - ? WHERE sku = ? AND stock >= ?");
//!     Ok(update.bind(quantity).bind(sku).bind(quantity).execute(on).await? == 1)
//! }
//!
//! async fn find(on: &mut Session, sku: &str) -> Result<Option<(i64, Option<String>)>, Error> {
//!     let select = sql("SELECT stock, note FROM products WHERE sku = ?").bind(sku);
//!     let Some(row) = select.fetch_optional(on).await? else { return Ok(None) };
//!     Ok(Some((row.get("stock")?, row.get("note")?)))
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
//! let store = Store::from(pool);
//! let table = sql("CREATE TABLE products (sku TEXT PRIMARY KEY, stock INTEGER NOT NULL, note TEXT) STRICT");
//! table.execute(&mut store.session()).await?;
//!
//! store
//!     .transaction(async |tx| {
//!         add(tx, "mug", 3, Some("blue")).await?;
//!         add(tx, "cup", 1, None).await?;
//!         assert!(take(tx, "mug", 2).await?);
//!         Ok::<_, Error>(())
//!     })
//!     .await?;
//! assert!(!take(&mut store.session(), "mug", 2).await?);
//! assert_eq!(find(&mut store.session(), "mug").await?, Some((1, Some("blue".to_owned()))));
//! # Ok::<_, Error>(())
//! # }).unwrap();
//! ```
//!
//! Parts that depend on the input are pushed, as words of the program: a text that came from a client can get into a
//! statement only as a value. Where databases differ, one of them gets words of its own:
//!
#![cfg_attr(feature = "sqlite", doc = "```")]
#![cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
//! use buttress::sql::{Column, FromColumn, ToValue, Value, ValueType, sql};
//! use buttress::store::{Error, Session, Store};
//!
//! #[derive(Debug, Clone, PartialEq)]
//! struct Sku(String);
//!
//! impl ToValue for Sku {
//!     const TYPE: ValueType = ValueType::Text;
//!     fn to_value(&self) -> Value<'_> {
//!         self.0.to_value()
//!     }
//! }
//!
//! impl FromColumn for Sku {
//!     fn from_column(column: Column<'_>) -> Result<Self, Error> {
//!         column.text().map(|text| Sku(text.to_owned()))
//!     }
//! }
//!
//! /// Adds lines to an order, once each.
//! async fn add(on: &mut Session, order: i64, lines: &[(Sku, i64)]) -> Result<u64, Error> {
//!     sql("INSERT INTO lines (order_id, sku, quantity) VALUES")
//!         .mysql("INSERT IGNORE INTO lines (order_id, sku, quantity) VALUES")
//!         .push_rows(lines, |row, (sku, quantity)| row.bind(order).bind(sku).bind(quantity))
//!         .push("ON CONFLICT DO NOTHING")
//!         .mysql("")
//!         .execute(on)
//!         .await
//! }
//!
//! async fn orders(on: &mut Session, of: &[Sku], at_least: Option<i64>) -> Result<Vec<(i64, Sku)>, Error> {
//!     let mut query = sql("SELECT order_id, sku FROM lines WHERE sku IN").push_list(of);
//!     if let Some(quantity) = at_least {
//!         query = query.push("AND quantity >= ?").bind(quantity);
//!     }
//!     let rows = query.push("ORDER BY order_id, sku LIMIT ?").bind(20).fetch_all(on).await?;
//!     rows.iter().map(|row| Ok((row.get("order_id")?, row.get("sku")?))).collect()
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! # let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
//! # let store = Store::from(pool);
//! # let table = "CREATE TABLE lines (order_id INTEGER, sku TEXT, quantity INTEGER, PRIMARY KEY (order_id, sku))";
//! # sql(table).execute(&mut store.session()).await?;
//! let (mug, cup) = (Sku("mug".to_owned()), Sku("cup".to_owned()));
//! let lines = [(mug.clone(), 2), (cup.clone(), 1)];
//! assert_eq!(add(&mut store.session(), 7, &lines).await?, 2);
//! assert_eq!(add(&mut store.session(), 7, &lines).await?, 0);
//! assert_eq!(orders(&mut store.session(), &[mug.clone(), cup], Some(2)).await?, [(7, mug)]);
//! assert_eq!(orders(&mut store.session(), &[], None).await?, []);
//! # Ok::<_, Error>(())
//! # }).unwrap();
//! ```
//!
//! ## Placeholders
//!
//! - A `?` is a placeholder unless it is quoted or in a comment, by the rules of the database that gets the words:
//!   `PostgreSQL`'s dollar quotes and `E'…'`, MySQL's backslashes, backticks and `#` (as long as the session keeps the
//!   defaults: neither `ANSI_QUOTES` nor `NO_BACKSLASH_ESCAPES`), SQLite's square brackets. `PostgreSQL` gets `$1`,
//!   `$2` and so on. Its operators with a question mark are written with two: `tags ??| ARRAY['new']`.
//! - There are as many values as placeholders, bound in their order. Otherwise the statement is not sent, and fails
//!   with [`ErrorKind::Configuration`]; so do quotes that are not closed.
//! - No other placeholder is accepted, on any database: one with a number or a name (`?1`, `$1`, `:name`, `$name`,
//!   SQLite's `#name`, and `@name` except on MySQL, where it is a variable) is the same mistake. `PostgreSQL`'s
//!   operator `@` is written with a space before a name, `@ n`; `::`, `:=`, `a[1:n]`, `@>` and the like keep their
//!   meaning.
//! - The same words must take values of the same types each time: a connection to `PostgreSQL` remembers the types. For
//!   that reason, all whole numbers are of one type.
//!
//! ## Values
//!
//! | Rust | `PostgreSQL` | MySQL, MariaDB | SQLite |
//! |---|---|---|---|
//! | `bool` | `boolean` | `BOOLEAN` | `INTEGER` |
//! | `i64`, also `i32`, `i16`, `u32` | `bigint`, `integer`, `smallint` | `BIGINT`, `INT`, … | `INTEGER` |
//! | `f64` | `double precision`, `real` | `DOUBLE`, `FLOAT` | `REAL` |
//! | `&str`, `String`, `Cow<str>` | `text`, `varchar`, reading also an `enum` | `TEXT`, `VARCHAR`, `ENUM` | `TEXT` |
//! | `&[u8]`, `[u8; N]`, `Vec<u8>`, `Cow<[u8]>` | `bytea` | `BLOB`, `VARBINARY` | `BLOB` |
//! | [`Uuid`](uuid::Uuid) | `uuid` | `BINARY(16)`, MariaDB's `UUID` | `BLOB` |
//! | [`Timestamp`](crate::time::Timestamp) | `timestamptz` | `DATETIME(6)`, in UTC | `INTEGER`, microseconds |
//!
//! An `Option` of any of these is `NULL` or a value. A type of your own implements [`ToValue`] and [`FromColumn`]. A
//! value is read as the type of its column: a text is not taken for a number, and a number that does not fit is an
//! error.
//!
//! - **Sums.** `sum(n)` is a `numeric` on `PostgreSQL` and a `DECIMAL` on MySQL; both are read as `i64` if they are
//!   whole numbers. Averages and other fractions need a cast: `CAST(avg(n) AS DOUBLE PRECISION)`, on MySQL `AS DOUBLE`.
//! - **Casts.** `PostgreSQL` is strict about types. A whole number is a `bigint`, and some functions take only an
//!   `integer`: `substr(name, CAST(? AS integer))`. A text is a `text`, even where an `enum` or `jsonb` is expected:
//!   `CAST(? AS order_status)`.
//! - **Times.** They have milliseconds. A column that was filled by the database's clock has more, which reading drops:
//!   such a row is not found by the time that was read from it. MySQL is sent a text, which it converts where it
//!   expects a time; its manual promises nothing for years before 1000.
//! - **Not a number** is refused where it would become `NULL` (SQLite) or an error (MySQL, which refuses infinity
//!   as well). The error is [`ErrorKind::Unsupported`], and a 500, since no input can hold one.
//! - **Names.** `PostgreSQL` folds names to lower case, so columns are best written that way. Two columns of the same
//!   name are told apart with `AS`, or by their index.
//!
//! ## What remains different
//!
//! `RETURNING` is `PostgreSQL`'s, SQLite's and, but for `UPDATE`, MariaDB's. `ON CONFLICT` is `INSERT IGNORE` or `ON
//! DUPLICATE KEY UPDATE` on MySQL, where a row that was updated counts as two. Texts are compared by the column's
//! collation. An error that the work ignores ends the transaction on `PostgreSQL`, and undoes the statement alone
//! elsewhere: see [failures that are ignored](crate::store#failures-that-are-ignored).
//!
//! # Opening databases
//!
//! Opening databases: from an address and settings, with sane defaults for each of them.
//!
//! ```no_run
//! # async fn example() -> Result<(), buttress::store::Error> {
//! use std::time::Duration;
//!
//! use buttress::store::Store;
//! use buttress::sql::Connect;
//!
//! let store = Store::connect("postgres://shop:secret@localhost/shop").await?;
//!
//! let store = Connect::to("sqlite:shop.db")?
//!     .readers(8)
//!     .statement_timeout(Duration::from_secs(5))
//!     .open()
//!     .await?;
//! store.check(Duration::from_secs(1)).await?;
//! let _ = store.close(Duration::from_secs(10)).await;
//! # Ok(())
//! # }
//! ```
//!
//! | | all | `PostgreSQL` | MySQL, MariaDB | SQLite |
//! |---|---|---|---|---|
//! | connections | 10, for at most 30 min, 10 min idle | | | 1 that writes and 4 that read, for ever; in memory, 1 for all |
//! | wait for a connection | 5 s | | | |
//! | test | a ping after 30 s of idleness | | | |
//! | session | UTC | `application_name`, `statement_timeout` 30 s, `idle_in_transaction_session_timeout` 60 s, `client_connection_check_interval` 5 s, `standard_conforming_strings` | `autocommit`, `completion_type` `NO_CHAIN`, `STRICT_ALL_TABLES` and no mode that changes how texts are read, checks of constraints, InnoDB, `max_statement_time` (MariaDB) or `max_execution_time` (MySQL) 30 s, `idle_transaction_timeout` (MariaDB) 60 s, `innodb_snapshot_isolation` (MariaDB) | WAL, foreign keys, `synchronous` FULL, `busy_timeout` 5 s, readers cannot write |
//!
//! A setting that the server does not know is skipped. The isolation of transactions that set none, and whether they
//! may write, stay as the server, the database or the role has them.
//!
//! ## TLS
//!
//! Sessions with a server are encrypted if the feature `tls-rustls` or `tls-native-tls` is on and the server supports
//! TLS. Only `?sslmode=verify-full` (MySQL: `?ssl-mode=VERIFY_IDENTITY`) keeps out an attacker in between;
//! `sslrootcert` (`ssl-ca`) names the file of an authority that is not among the public ones. A plain session with
//! another machine is logged at level WARN. If the address asks for TLS, [`Connect::open`](Connect::open) fails at once
//! if the build has no TLS, the server has none, or the certificate is not trusted.
//!
//! ## Behind a pooler
//!
//! A pooler that gives each client a session of its own (`PgBouncer`: `pool_mode = session`) works like a direct
//! connection. One that shares sessions (`pool_mode = transaction`) is refused at [`Connect::open`](Connect::open),
//! unless [`Connect::unprepared`](Connect::unprepared) or `statement-cache-capacity=0` in the address declares it. Then
//!
//! - no statement is kept prepared. A statement with values outside a transaction is put into one, which costs two more
//!   round trips; its rows cannot be streamed there;
//! - no session setting is made: limits belong to the role (`ALTER ROLE shop SET statement_timeout = '30s'`);
//! - all pending [`Migrations`] are one transaction, which is their lock as well. A migration that runs without a
//!   transaction is refused: run it with an address that bypasses the pooler;
//! - features that need a session stay impossible: `LISTEN`, `SET`, temporary tables, advisory locks outside a
//!   transaction.
//!
//! Tested with `PgBouncer` 1.18 in both modes.
//!
//! ## Addresses
//!
//! `postgres://user:password@host:5432/name`, `mysql://…` or `mariadb://…`, with the driver's own parameters after a
//! `?`. Special characters of a user or a password are written as `%40` for `@`, and so on. `sqlite:shop.db` is created
//! if it does not exist; `sqlite:shop.db?mode=rw` must exist; `?mode=ro` is only read. `sqlite::memory:` is a new
//! database each time, which ends with its last [`Store`](crate::store::Store).
//!
//! No address is repeated in an error, in a log or by `Debug`, except for the host and the port.

#![cfg_attr(
    not(any(feature = "mysql", feature = "postgres", feature = "sqlite")),
    allow(unused, reason = "it is for databases, and none is named")
)]

mod background;
mod classification;
#[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "servers' connections are closed instead"))]
mod cleanup;
mod connect;
mod dialect;
mod driver;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod guard;
mod handle;
mod interrupt;
mod migrate;
#[cfg(feature = "mysql")]
mod mysql;
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
mod query;
mod source;
mod span;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statement;
mod text;
mod tx;

use std::borrow::Cow;

use sqlx::Pool;
use sqlx::error::DatabaseError;

use self::classification::Classification;
use self::driver::Driver;
use crate::store::{Error, ErrorKind, Resolution, Store, TransactionId};

#[doc(inline)]
pub use self::connect::Connect;
pub use self::dialect::SqlDatabase;
pub use self::error::DriverError;
pub use self::guard::Conn;
pub use self::handle::{Database, transaction};
pub use self::migrate::Migrations;
#[cfg(feature = "outbox")]
pub(crate) use self::migrate::own_set;
#[doc(hidden)]
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
fn classify_any(error: &dyn DatabaseError) -> Classification {
    let own =
        error::guard_error::classify(error).or_else(|| DRIVERS.iter().find_map(|driver| (driver.classify)(error)));
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
