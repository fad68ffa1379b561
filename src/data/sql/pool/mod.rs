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
//! | connections | 10, for at most 30 min, 10 min idle | | | 1 that writes and 4 that read, for ever |
//! | waiting for one | 5 s | | | |
//! | test | a ping after 30 s of idleness | | | |
//! | session | UTC | `application_name`, `statement_timeout` 30 s, `idle_in_transaction_session_timeout` 60 s, `client_connection_check_interval` 5 s | `STRICT_ALL_TABLES`, `max_statement_time` (MariaDB) or `max_execution_time` (MySQL) 30 s, `innodb_snapshot_isolation` (MariaDB) | WAL, foreign keys, `synchronous` FULL, `busy_timeout` 5 s, readers cannot write |
//!
//! What a server does not know is not set. `PostgreSQL` is told after it is connected, because `PgBouncer` refuses
//! settings before.

mod connect;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
mod settings;
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
    /// By the scheme; `None` for what this build has no driver for.
    fn of(url: &str) -> Option<Self> {
        match url.split_once(':')?.0 {
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
    fn accepts(self, url: &str) -> bool {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres => postgres::address(url).is_some(),
            #[cfg(feature = "mysql")]
            Self::MySql => mysql::address(url).is_some(),
            #[cfg(feature = "sqlite")]
            Self::Sqlite => sqlite::address(url).is_some(),
        }
    }

    async fn open(self, url: &str, settings: &Settings) -> Result<Store, Error> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres => sql::<sqlx::Postgres>(url, settings).await.map(Store::from),
            #[cfg(feature = "mysql")]
            Self::MySql => sql::<sqlx::MySql>(url, settings).await.map(Store::from),
            #[cfg(feature = "sqlite")]
            Self::Sqlite => sql::<sqlx::Sqlite>(url, settings).await.map(Store::from),
        }
    }
}

/// A database that an address of its own kind leads to. Sealed.
pub trait Connects: super::SqlDatabase {
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "nobody else implements or calls it")]
    fn pools(url: &str, settings: &Settings) -> impl Future<Output = Result<Option<Sql<Self>>, Error>> + Send;
}

async fn sql<DB: Connects>(url: &str, settings: &Settings) -> Result<Sql<DB>, Error> {
    DB::pools(url, settings).await?.ok_or_else(unreadable)
}

/// An address is not repeated in an error: it may hold a password.
fn unreadable() -> Error {
    Error::new(Kind::Configuration).caused_by("the address is none of a database that this program knows")
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
