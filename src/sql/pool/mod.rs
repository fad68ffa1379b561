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
//! # TLS
//!
//! Sessions with a server are encrypted if the feature `tls-rustls` or `tls-native-tls` is on and the server supports
//! TLS. Only `?sslmode=verify-full` (MySQL: `?ssl-mode=VERIFY_IDENTITY`) keeps out an attacker in between;
//! `sslrootcert` (`ssl-ca`) names the file of an authority that is not among the public ones. A plain session with
//! another machine is logged at level WARN. If the address asks for TLS,
//! [`Connect::open`](crate::sql::Connect::open) fails at once if the build has no TLS, the server has none, or the
//! certificate is not trusted.
//!
//! # Behind a pooler
//!
//! A pooler that gives each client a session of its own (`PgBouncer`: `pool_mode = session`) works like a direct
//! connection. One that shares sessions (`pool_mode = transaction`) is refused at
//! [`Connect::open`](crate::sql::Connect::open), unless [`Connect::unprepared`](crate::sql::Connect::unprepared) or `statement-cache-capacity=0` in the address declares it. Then
//!
//! - no statement is kept prepared. A statement with values outside a transaction is put into one, which costs two more
//!   round trips; its rows cannot be streamed there;
//! - no session setting is made: limits belong to the role (`ALTER ROLE shop SET statement_timeout = '30s'`);
//! - all pending [`Migrations`](super::Migrations) are one transaction, which is their lock as well. A migration that
//!   runs without a transaction is refused: run it with an address that bypasses the pooler;
//! - features that need a session stay impossible: `LISTEN`, `SET`, temporary tables, advisory locks outside a
//!   transaction.
//!
//! Tested with `PgBouncer` 1.18 in both modes.
//!
//! # Addresses
//!
//! `postgres://user:password@host:5432/name`, `mysql://…` or `mariadb://…`, with the driver's own parameters after a
//! `?`. Special characters of a user or a password are written as `%40` for `@`, and so on. `sqlite:shop.db` is created
//! if it does not exist; `sqlite:shop.db?mode=rw` must exist; `?mode=ro` is only read. `sqlite::memory:` is a new
//! database each time, which ends with its last [`Store`](crate::store::Store).
//!
//! No address is repeated in an error, in a log or by `Debug`, except for the host and the port.

#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod address;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod encryption;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod hopeless;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod server;
pub(super) mod settings;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod shared;
pub(super) mod start;

use super::Sql;
use crate::store::{Error, ErrorKind};

pub(crate) use self::settings::Settings;

/// A database that can be opened from an address of its own kind. Sealed.
pub trait Connects: super::SqlDatabase {
    /// The schemes of its addresses, in lower case.
    #[doc(hidden)]
    const SCHEMES: &'static [&'static str];

    /// Fails if the driver cannot read the address.
    #[doc(hidden)]
    fn check(url: &str) -> Result<(), Error>;

    #[doc(hidden)]
    #[expect(private_interfaces, reason = "nobody else implements or calls it")]
    fn pools(url: &str, settings: &Settings) -> impl Future<Output = Result<Sql<Self>, Error>> + Send;
}

/// The error of a wrong address. The address is not repeated, because it may hold a password.
pub(in crate::sql) fn unreadable(why: impl AsRef<str>) -> Error {
    Error::new(ErrorKind::Configuration).because(format!("the address of the database: {}", why.as_ref()))
}

/// Refuses a parameter that the driver does not know: ignored, a typo in `sslmode` would be a plain session.
#[cfg_attr(
    not(any(feature = "mysql", feature = "postgres", feature = "sqlite")),
    allow(dead_code, reason = "they use it")
)]
pub(in crate::sql) fn refuse_unknown(
    names: impl IntoIterator<Item = impl AsRef<str>>,
    known: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    for name in names {
        let name = name.as_ref();
        if !known(name) {
            // A piece of something else, such as a password, is not repeated.
            let is_name =
                name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-_".contains(&byte));
            let name = if is_name { name } else { "…" };
            return Err(unreadable(format!("its parameter {name} is none that the driver knows")));
        }
    }
    Ok(())
}

/// Whether an address is of a kind of database, whatever the case of its scheme.
pub(in crate::sql) fn is_of<DB: Connects>(url: &str) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|scheme| DB::SCHEMES.contains(&&*scheme))
}

/// Fails if an address is not of the kind of database that the typed road leads to.
pub(in crate::sql) fn expect<DB: Connects>(url: &str) -> Result<(), Error> {
    if is_of::<DB>(url) { Ok(()) } else { Err(unreadable("it is of another kind of database")) }
}
