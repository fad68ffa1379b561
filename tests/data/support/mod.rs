//! A separate database for each test, on each server.

pub(crate) mod cut;
mod http;
mod inside;
mod log;
pub(crate) mod server;
pub(crate) mod statements;

use std::env;
use std::error::Error as _;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use buttress::sql::{Database, SqlDatabase};
use buttress::store::{Error, Store};
use sqlx::mysql::{MySql, MySqlConnectOptions, MySqlPool, MySqlPoolOptions};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, Postgres};
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Connection, Executor, Pool};

pub(crate) use self::http::{Host, Protocol};
pub(crate) use self::inside::Inside;
pub(crate) use self::log::Log;

/// Turns `async fn name<DB: TestDatabase>()` into one test for each database.
macro_rules! on_every_database {
    ($($(#[$meta:meta])* $name:ident;)*) => {$(
        mod $name {
            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name::<sqlx::Postgres>().await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn mariadb() {
                super::$name::<sqlx::MySql>().await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name::<sqlx::Sqlite>().await;
            }
        }
    )*};
}

/// An error and all its sources.
pub(crate) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// The functions that the tests need of a database besides those of the crate.
pub(crate) trait TestDatabase: SqlDatabase {
    /// A new, empty database, with room for `connections`.
    fn fresh(connections: u32) -> impl Future<Output = Fresh<Self>> + Send;

    /// Runs statements without the crate, on a pool.
    fn run(pool: &Pool<Self>, sql: &str) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Runs statements without the crate, on one connection.
    fn run_on(connection: &mut Self::Connection, sql: &str) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// One number, without the crate.
    fn number(pool: &Pool<Self>, sql: &str) -> impl Future<Output = i64> + Send;

    /// How many transactions are open on the server, in this database; not asked through a pooled connection.
    fn open_transactions(fresh: &Fresh<Self>) -> impl Future<Output = i64> + Send;

    /// The primary key and one number: `t (id, n)`.
    const TABLE: &'static str = "CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)";
}

/// A database that no other test uses.
pub(crate) struct Fresh<DB: SqlDatabase> {
    pub(crate) sql: Database<DB>,
    pub(crate) store: Store,
    /// A pool of one connection that the crate does not use, to read the committed rows.
    pub(crate) witness: Pool<DB>,
    /// The directory of an SQLite database's file.
    #[allow(dead_code, reason = "it is there as long as the database")]
    pub(crate) dir: Option<tempfile::TempDir>,
}

impl<DB: TestDatabase> Fresh<DB> {
    /// Runs statements without the crate.
    pub(crate) async fn run(&self, sql: &str) {
        DB::run(&self.witness, sql).await.unwrap();
    }

    /// Reads a number without the crate.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        DB::number(&self.witness, sql).await
    }

    /// Fails unless the pool is clean: every connection can be acquired, none is inside a transaction, and writes on
    /// any of them are visible at once.
    pub(crate) async fn pool_is_clean(&self) {
        eventually("no transaction is left open", async || DB::open_transactions(self).await == 0).await;
        self.run("CREATE TABLE IF NOT EXISTS probe (id BIGINT)").await;
        let max = self.sql.pool().options().get_max_connections();
        let mut held = Vec::new();
        for _ in 0..max {
            held.push(self.sql.pool().acquire().await.expect("every connection of the pool is to be had"));
        }
        for connection in &mut held {
            assert!(!connection.is_in_transaction(), "sqlx believes that a pooled connection is in a transaction");
            let before = self.number("SELECT count(*) FROM probe").await;
            DB::run_on(connection, "INSERT INTO probe VALUES (1)").await.expect("a pooled connection works");
            assert_eq!(self.number("SELECT count(*) FROM probe").await, before + 1, "a write is there at once");
        }
        // They have been returned, and are not only on their way.
        for mut connection in held {
            connection.return_to_pool().await;
        }
        // SQLite's readers do not count. A pool counts a returned connection a moment after it can be acquired again.
        eventually("all are back and nobody waits", async || {
            (self.sql.pool().num_idle(), self.store.pool_stats().waiting) == (max as usize, 0)
        })
        .await;
    }
}

/// Waits until a condition holds; fails with its name if it does not within ten seconds.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(10) {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not so after ten seconds: {what}");
}

/// The size of a test: `long` in a soak run, otherwise `short`.
pub(crate) fn soak(short: usize, long: usize) -> usize {
    if env::var_os("BUTTRESS_SOAK").is_some() { long } else { short }
}

/// The error of a test's own work: a store's error, or one that the test makes.
#[derive(Debug)]
pub(crate) enum Failure {
    Data(Error),
    Own,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Data(error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Data(error.into())
    }
}

static NEXT: AtomicU32 = AtomicU32::new(0);

fn name() -> String {
    format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The address of a server. A test without its server fails: it never skips.
pub(crate) fn server(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set; scripts/with-servers COMMAND starts the servers and sets it for the command")
    })
}

impl TestDatabase for Postgres {
    async fn fresh(connections: u32) -> Fresh<Self> {
        let options: PgConnectOptions = server("BUTTRESS_TEST_POSTGRES").parse().unwrap();
        let name = name();
        let mut admin = sqlx::PgConnection::connect_with(&options).await.unwrap();
        admin.execute(sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))).await.unwrap();
        let options = options.database(&name);
        let pool = PgPoolOptions::new().max_connections(connections).connect_with(options.clone()).await.unwrap();
        let witness = PgPool::connect_with(options).await.unwrap();
        let sql = Database::from_pool(pool);
        Fresh { store: Store::from(sql.clone()), sql, witness, dir: None }
    }

    async fn run(pool: &Pool<Self>, sql: &str) -> Result<(), sqlx::Error> {
        pool.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop)
    }

    async fn run_on(connection: &mut Self::Connection, sql: &str) -> Result<(), sqlx::Error> {
        connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop)
    }

    async fn number(pool: &Pool<Self>, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(format!("SELECT ({sql})::bigint"))).fetch_one(pool).await.unwrap()
    }

    async fn open_transactions(fresh: &Fresh<Self>) -> i64 {
        let sql = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'";
        fresh.number(sql).await
    }
}

impl TestDatabase for MySql {
    async fn fresh(connections: u32) -> Fresh<Self> {
        let options: MySqlConnectOptions = server("BUTTRESS_TEST_MARIADB").parse().unwrap();
        let name = name();
        let mut admin = sqlx::MySqlConnection::connect_with(&options).await.unwrap();
        admin.execute(sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))).await.unwrap();
        let options = options.database(&name);
        let pool = MySqlPoolOptions::new().max_connections(connections).connect_with(options.clone()).await.unwrap();
        let witness = MySqlPool::connect_with(options).await.unwrap();
        let sql = Database::from_pool(pool);
        Fresh { store: Store::from(sql.clone()), sql, witness, dir: None }
    }

    async fn run(pool: &Pool<Self>, sql: &str) -> Result<(), sqlx::Error> {
        pool.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop)
    }

    async fn run_on(connection: &mut Self::Connection, sql: &str) -> Result<(), sqlx::Error> {
        connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop)
    }

    async fn number(pool: &Pool<Self>, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(format!("SELECT CAST(({sql}) AS SIGNED)"))).fetch_one(pool).await.unwrap()
    }

    async fn open_transactions(fresh: &Fresh<Self>) -> i64 {
        i64::try_from(innodb_transactions(&fresh.witness).await.len()).unwrap()
    }
}

/// The server's list of open transactions in this database. Its table `innodb_trx` cannot be used: while any clients
/// query it more often than ten times a second, it keeps showing its first result.
pub(crate) async fn innodb_transactions(pool: &MySqlPool) -> Vec<String> {
    let sessions = sqlx::query_scalar("SELECT id FROM information_schema.processlist WHERE db = database()");
    let sessions: Vec<i64> = sessions.fetch_all(pool).await.unwrap();
    let status: (String, String, String) = sqlx::query_as("SHOW ENGINE INNODB STATUS").fetch_one(pool).await.unwrap();
    let open = status.2.split("---TRANSACTION ").skip(1).filter(|transaction| {
        let session = transaction.split_once("thread id ").and_then(|(_, rest)| rest.split_once(',')?.0.parse().ok());
        transaction.contains(", ACTIVE ") && session.is_some_and(|id| sessions.contains(&id))
    });
    open.map(ToOwned::to_owned).collect()
}

impl TestDatabase for Sqlite {
    async fn fresh(connections: u32) -> Fresh<Self> {
        let dir = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(dir.path().join("test.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new().max_connections(connections).connect_with(options.clone()).await.unwrap();
        let witness = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        let sql = Database::from_pool(pool);
        Fresh { store: Store::from(sql.clone()), sql, witness, dir: Some(dir) }
    }

    async fn run(pool: &Pool<Self>, sql: &str) -> Result<(), sqlx::Error> {
        pool.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop)
    }

    async fn run_on(connection: &mut Self::Connection, sql: &str) -> Result<(), sqlx::Error> {
        connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop)
    }

    async fn number(pool: &Pool<Self>, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
    }

    /// SQLite has no list of transactions; a writing transaction keeps others from writing.
    async fn open_transactions(fresh: &Fresh<Self>) -> i64 {
        match Self::run(&fresh.witness, "BEGIN IMMEDIATE; ROLLBACK").await {
            Ok(()) => 0,
            Err(_) => 1,
        }
    }
}
