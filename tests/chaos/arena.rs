//! A separate database, whose pool the test can place: behind a proxy, or on a server that is killed.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use buttress::sql::{Connect, Database};
use buttress::store::Store;
use sqlx::mysql::MySqlPoolOptions;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, MySql, Pool, Postgres, Sqlite};

use crate::messages::Protocol;
use crate::proxy::Proxy;
use crate::support::server::{PrivateServer, ServerKind};
use crate::support::{Fresh, TestDatabase};

/// The functions that these tests need of a database in addition to those of the other tests.
pub(crate) trait ChaosDatabase: TestDatabase {
    /// A new database with several connections: SQLite is opened by its address, with a writer beside readers.
    fn roomy() -> impl Future<Output = Fresh<Self>> + Send {
        Self::fresh(12)
    }

    /// Rows of two numbers, read without the crate.
    fn pairs(pool: &Pool<Self>, sql: &str) -> impl Future<Output = Vec<(i64, i64)>> + Send;

    /// Kills in this database, but never the connection that this runs on; without a server it does nothing.
    fn kill(pool: &Pool<Self>, kill: Kill) -> impl Future<Output = ()> + Send;
}

/// The target of a kill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kill {
    /// Any one connection.
    Connection,
    /// The current statement of any one connection.
    Statement,
    /// All connections.
    Connections,
    /// The current statements of all connections.
    Statements,
    /// The connections that commit.
    Committing,
    /// The commits in progress.
    Commits,
}

impl Kill {
    pub(crate) fn any_one() -> Self {
        if fastrand::bool() { Self::Connection } else { Self::Statement }
    }

    const fn spares_connections(self) -> bool {
        matches!(self, Self::Statement | Self::Statements | Self::Commits)
    }

    /// The end of a `SELECT` of connections.
    const fn which(self, one: &'static str, committing: &'static str) -> &'static str {
        match self {
            Self::Connection | Self::Statement => one,
            Self::Connections | Self::Statements => "",
            Self::Committing | Self::Commits => committing,
        }
    }
}

/// A database that is reached over a socket.
pub(crate) trait ServerDatabase: ChaosDatabase {
    const PROTOCOL: Protocol;
    const KIND: ServerKind;

    /// A pool of one connection.
    fn connect(url: &str) -> impl Future<Output = Pool<Self>> + Send;

    /// The address on which the server of a pool listens.
    fn address(pool: &Pool<Self>) -> SocketAddr;

    /// A pool of the same database by another address.
    fn pool_at(pool: &Pool<Self>, address: SocketAddr, connections: u32) -> Pool<Self>;
}

/// A store whose connections go through a proxy, with direct access to the database.
pub(crate) struct Proxied<DB: ServerDatabase> {
    pub(crate) store: Store,
    pub(crate) proxy: Proxy,
    pub(crate) fresh: Fresh<DB>,
}

/// A new database on the server that all tests share.
pub(crate) async fn proxied<DB: ServerDatabase>(connections: u32) -> Proxied<DB> {
    behind_proxy(DB::fresh(1).await, connections).await
}

/// A database on a server that belongs to the test alone.
pub(crate) async fn proxied_on<DB: ServerDatabase>(server: &PrivateServer, connections: u32) -> Proxied<DB> {
    let witness = DB::connect(server.url()).await;
    let sql = Database::from_pool(witness.clone());
    behind_proxy(Fresh { store: Store::from(sql.clone()), sql, witness, dir: None }, connections).await
}

async fn behind_proxy<DB: ServerDatabase>(mut fresh: Fresh<DB>, connections: u32) -> Proxied<DB> {
    let proxy = Proxy::start(DB::address(&fresh.witness), DB::PROTOCOL).await;
    // From here on, `pool_is_clean` is about the pool behind the proxy.
    fresh.sql = Database::from_pool(DB::pool_at(&fresh.witness, proxy.address, connections));
    fresh.store = Store::from(fresh.sql.clone());
    Proxied { store: fresh.store.clone(), proxy, fresh }
}

/// Long enough for a server that restarts.
const ACQUIRE: Duration = Duration::from_secs(15);

impl ChaosDatabase for Postgres {
    async fn pairs(pool: &Pool<Self>, sql: &str) -> Vec<(i64, i64)> {
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap()
    }

    async fn kill(pool: &Pool<Self>, kill: Kill) {
        let function = if kill.spares_connections() { "pg_cancel_backend" } else { "pg_terminate_backend" };
        let which = kill.which("ORDER BY random() LIMIT 1", "AND state = 'active' AND query = 'COMMIT'");
        let sql = format!(
            "SELECT {function}(pid) FROM (
                SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() {which}
            ) AS chosen"
        );
        Self::run(pool, &sql).await.unwrap();
    }
}

impl ServerDatabase for Postgres {
    const PROTOCOL: Protocol = Protocol::Postgres;
    const KIND: ServerKind = ServerKind::Postgres;

    async fn connect(url: &str) -> Pool<Self> {
        PgPoolOptions::new().max_connections(1).connect(url).await.unwrap()
    }

    fn address(pool: &Pool<Self>) -> SocketAddr {
        let options = pool.connect_options();
        SocketAddr::new(options.get_host().parse().unwrap(), options.get_port())
    }

    fn pool_at(pool: &Pool<Self>, address: SocketAddr, connections: u32) -> Pool<Self> {
        let options = pool.connect_options().as_ref().clone().host(&address.ip().to_string()).port(address.port());
        PgPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE).connect_lazy_with(options)
    }
}

impl ChaosDatabase for MySql {
    async fn pairs(pool: &Pool<Self>, sql: &str) -> Vec<(i64, i64)> {
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap()
    }

    async fn kill(pool: &Pool<Self>, kill: Kill) {
        let what = if kill.spares_connections() { "QUERY" } else { "CONNECTION" };
        let which = kill.which("ORDER BY rand() LIMIT 1", "AND info = 'COMMIT'");
        let others = format!(
            "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id() {which}"
        );
        let others: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(others)).fetch_all(pool).await.unwrap();
        for id in others {
            // It may have ended by itself.
            let _ = Self::run(pool, &format!("KILL {what} {id}")).await;
        }
    }
}

impl ServerDatabase for MySql {
    const PROTOCOL: Protocol = Protocol::MySql;
    const KIND: ServerKind = ServerKind::MariaDb;

    async fn connect(url: &str) -> Pool<Self> {
        MySqlPoolOptions::new().max_connections(1).connect(url).await.unwrap()
    }

    fn address(pool: &Pool<Self>) -> SocketAddr {
        let options = pool.connect_options();
        SocketAddr::new(options.get_host().parse().unwrap(), options.get_port())
    }

    fn pool_at(pool: &Pool<Self>, address: SocketAddr, connections: u32) -> Pool<Self> {
        let options = pool.connect_options().as_ref().clone().host(&address.ip().to_string()).port(address.port());
        MySqlPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE).connect_lazy_with(options)
    }
}

impl ChaosDatabase for Sqlite {
    async fn roomy() -> Fresh<Self> {
        let mut fresh = Self::fresh(1).await;
        let file = fresh.witness.connect_options().get_filename().display().to_string();
        fresh.sql = Connect::to(&format!("sqlite:{file}")).unwrap().open_as().await.unwrap();
        fresh.store = Store::from(fresh.sql.clone());
        fresh
    }

    async fn pairs(pool: &Pool<Self>, sql: &str) -> Vec<(i64, i64)> {
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap()
    }

    async fn kill(_: &Pool<Self>, _: Kill) {}
}
