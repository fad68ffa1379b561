//! Statements that are written once and run on every SQL database, inside a transaction and outside one.
//!
//! [`sql`] takes the words, with `?` in place of values, and runs on a [`Session`]: on a store's session, inside a
//! transaction or outside one, and on a typed [`Tx`](super::Tx), which is a session as well. The database is determined
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
//! # Placeholders
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
//! # Values
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
//!   such a row is not found by the time that was read from it. MySQL is sent a text, which it takes for a time where it
//!   meets one; on the years before 1000 its manual promises nothing.
//! - **Not a number** is refused where it would become `NULL` (SQLite) or an error (MySQL, which has no infinity either):
//!   [`ErrorKind::Unsupported`], and a 500, since no input can hold one.
//! - **Names.** `PostgreSQL` folds names to lower case, so columns are best written that way. Two columns of one name are
//!   told apart with `AS`, or by their place.
//!
//! # What remains different
//!
//! `RETURNING` is `PostgreSQL`'s, SQLite's and, but for `UPDATE`, MariaDB's. `ON CONFLICT` is `INSERT IGNORE` or `ON
//! DUPLICATE KEY UPDATE` on MySQL, where a row that was updated counts as two. Texts are compared by the column's
//! collation. An error that the work ignores ends the transaction on `PostgreSQL`, and undoes the statement alone
//! elsewhere: see [failures that are ignored](crate::store#failures-that-are-ignored).

mod build;
pub(super) mod column;
mod mistake;
mod text;
pub(super) mod value;

use std::fmt;

use self::column::sealed::Columns;

pub use self::build::{RowValues, Statement, sql};
pub use self::column::{Column, ColumnIndex, FromColumn};
#[cfg(fuzzing)]
pub(super) use self::text::placeholders;
pub use self::value::{IntoValue, ToValue, Value, ValueType};

/// A row of an answer, as its database gave it. See the [module](self).
pub struct Row(pub(super) Rows);

pub(super) enum Rows {
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

/// Shows the names of its columns, and not their values.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.columns();
        f.debug_list().entries((0..).map_while(|at| columns.name(at))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_can_be_sent_and_shared() {
        fn shared<T: Send + Sync>() {}
        shared::<Statement<'_>>();
        shared::<RowValues<'_>>();
        shared::<Row>();
        shared::<Column<'_>>();
    }

    #[test]
    fn a_value_is_not_shown() {
        let statement = sql("SELECT ?").bind("secret").push_list(["secret"]);
        let text = format!("{statement:?}");
        assert!(text.contains("SELECT ?") && text.contains("Text") && !text.contains("secret"), "{text}");
    }
}
