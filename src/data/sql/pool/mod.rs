//! Opening databases: from an address and settings, with defaults that are sane for each of them.
//!
//! ```no_run
//! # async fn example() -> Result<(), buttress::data::Error> {
//! use std::time::Duration;
//!
//! use buttress::data::Store;
//! use buttress::data::sql::Connect;
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
//! | waiting for one | 5 s | | | |
//! | test | a ping after 30 s of idleness | | | |
//! | session | UTC | `application_name`, `statement_timeout` 30 s, `idle_in_transaction_session_timeout` 60 s, `client_connection_check_interval` 5 s, `standard_conforming_strings` | `autocommit`, `completion_type` `NO_CHAIN`, `STRICT_ALL_TABLES` and no mode that changes how texts are read, checks of constraints, InnoDB, `max_statement_time` (MariaDB) or `max_execution_time` (MySQL) 30 s, `idle_transaction_timeout` (MariaDB) 60 s, `innodb_snapshot_isolation` (MariaDB) | WAL, foreign keys, `synchronous` FULL, `busy_timeout` 5 s, readers cannot write |
//!
//! A setting that a server does not know is not made. The isolation of transactions that ask for none, and whether they
//! may write, are left as the server, the database or the role has them.
//!
//! # TLS
//!
//! Sessions with a server are encrypted if a feature `tls-rustls` or `tls-native-tls` is on and the server can. Only
//! `?sslmode=verify-full` (MySQL: `?ssl-mode=VERIFY_IDENTITY`) keeps out who stands in between; `sslrootcert` (`ssl-ca`)
//! names the file of an authority that is not among the public ones. A plain session with another machine is a line in the
//! log at level WARN. A build that has no TLS, a server that has none or a certificate that is not trusted ends
//! [`Connect::open`] at once, if the address asks for TLS.
//!
//! # Behind a pooler
//!
//! A pooler that gives each client a session of its own (`PgBouncer`: `pool_mode = session`) is not noticed. One that
//! shares them (`pool_mode = transaction`) is refused at [`Connect::open`], unless [`Connect::unprepared`] or
//! `statement-cache-capacity=0` in the address says that it is meant. Then
//!
//! - nothing is kept prepared. A statement with values out of a transaction is put into one, which costs two round trips
//!   more; its rows cannot be streamed there;
//! - nothing is set for a session: limits belong to the role (`ALTER ROLE shop SET statement_timeout = '30s'`);
//! - all pending [`Migrations`](super::Migrations) are one transaction, which is their lock as well. One that runs in none
//!   is refused: give it an address that leads past the pooler;
//! - what needs a session stays impossible: `LISTEN`, `SET`, temporary tables, advisory locks out of a transaction.
//!
//! Tested with `PgBouncer` 1.18 in both modes.
//!
//! # Addresses
//!
//! `postgres://user:password@host:5432/name`, `mysql://…` or `mariadb://…`, with the driver's own parameters behind a `?`.
//! Special characters of a user or a password are written as `%40` for `@`, and so on. `sqlite:shop.db` is made where it
//! is not there, `sqlite:shop.db?mode=rw` must be there, `?mode=ro` is only read; `sqlite::memory:` is a new database each
//! time, which ends with its last [`Store`].
//!
//! No address is repeated in an error, in a log or by `Debug`, but for the host and the port.

#[cfg(any(feature = "mysql", feature = "postgres"))]
mod address;
mod connect;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod encryption;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod hopeless;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
pub(super) mod postgres;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod server;
mod settings;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod shared;
#[cfg(feature = "sqlite")]
mod sqlite;
mod start;

use super::Sql;
use crate::data::{Error, Kind, Store};

pub use self::connect::Connect;
pub(crate) use self::settings::Settings;

/// Which database an address is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    #[cfg(feature = "postgres")]
    Postgres,
    #[cfg(feature = "mysql")]
    MySql,
    #[cfg(feature = "sqlite")]
    Sqlite,
}

impl System {
    /// By the scheme, whatever its case; `None` for what this build has no driver for.
    fn of(url: &str) -> Option<Self> {
        let (scheme, _) = url.split_once(':')?;
        match &*scheme.to_ascii_lowercase() {
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => Some(Self::Postgres),
            #[cfg(feature = "mysql")]
            "mysql" | "mariadb" => Some(Self::MySql),
            #[cfg(feature = "sqlite")]
            "sqlite" => Some(Self::Sqlite),
            _ => None,
        }
    }

    /// Whether the driver can read the address.
    fn check(self, url: &str) -> Result<(), Error> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres => postgres::address(url).map(drop),
            #[cfg(feature = "mysql")]
            Self::MySql => mysql::address(url).map(drop),
            #[cfg(feature = "sqlite")]
            Self::Sqlite => sqlite::address(url).map(drop),
        }
    }

    async fn open(self, url: &str, settings: &Settings) -> Result<Store, Error> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres => sqlx::Postgres::pools(url, settings).await.map(Store::from),
            #[cfg(feature = "mysql")]
            Self::MySql => sqlx::MySql::pools(url, settings).await.map(Store::from),
            #[cfg(feature = "sqlite")]
            Self::Sqlite => sqlx::Sqlite::pools(url, settings).await.map(Store::from),
        }
    }

    /// The typed road leads to one kind of database.
    fn expected_of(self, url: &str) -> Result<(), Error> {
        if Self::of(url) == Some(self) { Ok(()) } else { Err(unreadable("it is of another kind of database")) }
    }
}

/// A database that an address of its own kind leads to. Sealed.
pub trait Connects: super::SqlDatabase {
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "nobody else implements or calls it")]
    fn pools(url: &str, settings: &Settings) -> impl Future<Output = Result<Sql<Self>, Error>> + Send;
}

/// The reason why no driver takes an address.
fn missing(url: &str) -> String {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let feature = match scheme.as_deref() {
        Some("postgres" | "postgresql") => "postgres",
        Some("mysql" | "mariadb") => "mysql",
        Some("sqlite") => "sqlite",
        _ => return String::from("it begins with none of postgres:, mysql:, mariadb: and sqlite:"),
    };
    format!("this program was built without its driver: turn on the feature `{feature}` of buttress")
}

/// What is wrong with an address. It is not repeated: it may hold a password.
fn unreadable(why: impl AsRef<str>) -> Error {
    Error::new(Kind::Configuration).because(format!("the address of the database: {}", why.as_ref()))
}

/// Refuses a parameter that the driver does not know: ignored, a typo in `sslmode` would be a plain session.
#[cfg_attr(
    not(any(feature = "mysql", feature = "postgres", feature = "sqlite")),
    allow(dead_code, reason = "they use it")
)]
fn refuse_unknown(names: impl IntoIterator<Item = impl AsRef<str>>, known: impl Fn(&str) -> bool) -> Result<(), Error> {
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

impl Store {
    /// Opens the database that an address leads to, with the defaults. See [`Connect`].
    ///
    /// # Errors
    ///
    /// [`Kind::Configuration`] if the address is wrong; else why there is no connection to be had.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Connect::to(url)?.open().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_that_is_missing_is_named_by_its_feature() {
        for (url, feature) in [("POSTGRES://a", "`postgres`"), ("mariadb://a", "`mysql`"), ("sqlite:a", "`sqlite`")] {
            assert!(missing(url).contains(&format!("the feature {feature} of buttress")), "{}", missing(url));
        }
        assert!(!missing("oracle://ann:secret@host").contains("secret"));
    }
}
