//! The address and the settings of a database, whichever it is.

use std::fmt;
use std::time::Duration;

use super::driver::Driver;
use super::pool::settings::MOST_CONNECTIONS;
use super::pool::{Connects, Settings, unreadable};
use crate::sql::{DRIVERS, Database};
use crate::store::{Error, Store};

/// Opens a database: its address and settings. See [opening databases](super#opening-databases).
#[derive(Clone)]
#[must_use = "nothing is opened before `open`"]
pub struct Connect {
    url: String,
    driver: &'static Driver,
    settings: Settings,
}

impl Connect {
    /// Reads the [address](super#addresses).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::store::ErrorKind::Configuration). The error does not repeat the address,
    /// which may hold a password.
    pub fn to(url: &str) -> Result<Self, Error> {
        let driver = DRIVERS.iter().find(|driver| (driver.is_of)(url)).ok_or_else(|| unreadable(missing(url)))?;
        (driver.check)(url)?;
        Ok(Self { url: url.to_owned(), driver, settings: Settings::DEFAULT })
    }

    /// The service's name in `PostgreSQL`'s list of sessions. Defaults to the address's own, or to the name of the
    /// program.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.name = Some(name.into());
        self
    }

    /// The most connections of a server's pool, from 1 to 10,000. SQLite has one connection that writes, and
    /// [readers](Self::readers). Defaults to 10.
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.settings.max_connections = connections.clamp(1, MOST_CONNECTIONS);
        self
    }

    /// How many idle connections are kept open. Defaults to 0.
    pub fn min_connections(mut self, connections: u32) -> Self {
        self.settings.min_connections = connections;
        self
    }

    /// How many connections to an SQLite file only read, beside the one that writes: from 1 to 10,000. Defaults to 4.
    pub fn readers(mut self, connections: u32) -> Self {
        self.settings.readers = connections.clamp(1, MOST_CONNECTIONS);
        self
    }

    /// How long a task waits for a connection before [`PoolExhausted`](crate::store::ErrorKind::PoolExhausted),
    /// including the time to open a new one. Defaults to 5 seconds.
    pub fn acquire_timeout(mut self, limit: Duration) -> Self {
        self.settings.acquire_timeout = limit;
        self
    }

    /// How long an idle connection is kept; `None` for ever. Defaults to 10 minutes.
    pub fn idle_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.settings.idle_timeout = limit.into();
        self
    }

    /// How old a connection may become; `None` for any age. Defaults to 30 minutes.
    pub fn max_lifetime(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.settings.max_lifetime = limit.into();
        self
    }

    /// How long a connection may be idle before it is tested when it is taken. Defaults to 30 seconds.
    pub fn ping_after(mut self, idle: Duration) -> Self {
        self.settings.ping_after = idle;
        self
    }

    /// How long the server lets a statement run; `None` for as long as it takes. SQLite has no such limit. Defaults to
    /// 30 seconds.
    pub fn statement_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.settings.statement_timeout = limit.into();
        self
    }

    /// How long `PostgreSQL` and MariaDB let a transaction wait for its next statement before they end the connection;
    /// `None` for ever. Defaults to 60 seconds.
    pub fn idle_in_transaction_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.settings.idle_in_transaction_timeout = limit.into();
        self
    }

    /// How long the server lets a statement wait for a lock; `None` keeps the server's own limit. On SQLite, how long
    /// to wait for other processes; `None` means 5 seconds there. Defaults to `None`.
    pub fn lock_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.settings.lock_timeout = limit.into();
        self
    }

    /// How long [`open`](Self::open) tries to reach a server that is not available yet. Defaults to 30 seconds.
    pub fn start_within(mut self, limit: Duration) -> Self {
        self.settings.start_within = limit;
        self
    }

    /// Connects at the first use, not at [`open`](Self::open).
    pub fn lazy(mut self) -> Self {
        self.settings.lazy = true;
        self
    }

    /// For a pooler between this program and `PostgreSQL` that shares sessions (`pool_mode = transaction`): no
    /// statement is kept prepared, and no setting is left for the next client. The address can say the same with
    /// `statement-cache-capacity=0`. See [behind a pooler](super#behind-a-pooler).
    pub fn unprepared(mut self) -> Self {
        self.settings.unprepared = true;
        self
    }

    /// Opens the database. A server that is not available yet, or takes no connections yet, is retried for a while. A
    /// wrong password, a database that does not exist, an untrusted certificate and the like are errors at once.
    ///
    /// # Errors
    ///
    /// The reason why no connection could be made; [`ErrorKind::Configuration`](crate::store::ErrorKind::Configuration)
    /// if waiting would not help, which includes a pooler that shares sessions without
    /// [`unprepared`](Self::unprepared).
    pub async fn open(&self) -> Result<Store, Error> {
        (self.driver.open)(&self.url, &self.settings).await
    }

    /// Opens the database for the typed API.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::store::ErrorKind::Configuration) if the address is of another kind of
    /// database; otherwise see [`open`](Self::open).
    pub async fn open_as<DB: Connects>(&self) -> Result<Database<DB>, Error> {
        DB::pools(&self.url, &self.settings).await
    }
}

/// Leaves out the address.
impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").field("system", &self.driver.system).field("settings", &self.settings).finish()
    }
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

impl Store {
    /// Opens the database of an address, with the defaults. See [`Connect`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::store::ErrorKind::Configuration) if the address is wrong; otherwise the
    /// reason why no connection could be made.
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
