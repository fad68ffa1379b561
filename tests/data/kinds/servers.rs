//! Errors for which a server has to be filled, closed or shut down: each test has a server of its own.

use std::process::{Command, Stdio};
use std::time::Duration;

use buttress::store::ErrorKind::{
    ConnectionLost, InvalidValue, OutOfResources, PoolExhausted, ReadOnly, StatementTimeout, TooManyConnections,
    UnknownCommit,
};
use buttress::store::{Error, Outcome, Store};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, Executor, MySql, MySqlConnection, PgConnection, Postgres};
use tempfile::TempDir;

use super::{ONCE, answers, is, run};

/// A server that no other test uses; killed when the test ends.
struct Server {
    dir: TempDir,
    url: String,
}

impl Server {
    async fn start(kind: &'static str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Self::script(&["start", kind], &dir);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { dir, url: String::from_utf8(output.stdout).unwrap().trim().to_owned() }
    }

    fn script(action: &[&str], dir: &TempDir) -> Command {
        let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/server"));
        command.args(action).arg(dir.path());
        command
    }

    /// Asks its first process to end.
    fn terminate(&self) {
        let pid = std::fs::read_to_string(self.dir.path().join("pid")).unwrap();
        assert!(Command::new("kill").args(["-TERM", pid.trim()]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Self::script(&["kill"], &self.dir).stderr(Stdio::null()).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    let server = Server::start("postgres").await;
    let options: PgConnectOptions = server.url.parse().unwrap();
    let pool = || PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(1));
    let store = Store::from(pool().connect_lazy_with(options.clone())).with_options(ONCE);

    let locks = "SELECT pg_advisory_xact_lock(n) FROM generate_series(1, 1000000) n";
    answers(&run::<Postgres>(&mut store.session(), locks).await.unwrap_err(), "53200", OutOfResources);

    // It lets current sessions finish, and admits no new ones.
    let result: Result<(), Error> = store
        .transaction_once(async |tx| {
            run::<Postgres>(tx, "SELECT 1").await?;
            server.terminate();
            let refused = loop {
                if let Err(error) = PgConnection::connect_with(&options).await {
                    break Error::from(error);
                }
            };
            answers(&refused, "57P03", ConnectionLost);
            // A pool tries again until its time is up.
            let late = Store::from(pool().connect_lazy_with(options.clone()));
            is(&run::<Postgres>(&mut late.session(), "SELECT 1").await.unwrap_err(), PoolExhausted);
            run::<Postgres>(tx, "SELECT 1").await
        })
        .await;
    result.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb() {
    let server = Server::start("mariadb").await;
    let options: MySqlConnectOptions = server.url.parse().unwrap();
    let mut admin = MySqlConnection::connect_with(&options).await.unwrap();
    for sql in [
        "CREATE USER clerk IDENTIFIED BY 'clerk'",
        "GRANT ALL ON buttress.* TO clerk",
        "CREATE TABLE t (id BIGINT PRIMARY KEY, a LONGTEXT)",
    ] {
        admin.execute(sql).await.unwrap();
    }
    let clerk = options.clone().username("clerk").password("clerk");
    let store = |options: &MySqlConnectOptions| {
        Store::from(MySqlPoolOptions::new().max_connections(1).connect_lazy_with(options.clone())).with_options(ONCE)
    };

    admin.execute("SET GLOBAL read_only = ON").await.unwrap();
    let insert = "INSERT INTO t VALUES (1, 'hushhush')";
    answers(&run::<MySql>(&mut store(&clerk).session(), insert).await.unwrap_err(), "1290", ReadOnly);
    admin.execute("SET GLOBAL read_only = OFF").await.unwrap();

    admin.execute("SET GLOBAL max_allowed_packet = 1024").await.unwrap();
    let large = format!("INSERT INTO t VALUES (1, '{}')", "hushhush".repeat(10_000));
    // The server may hang up before its message has arrived.
    let too_large = loop {
        let error = run::<MySql>(&mut store(&clerk).session(), &large).await.unwrap_err();
        if error.kind() != ConnectionLost {
            break error;
        }
    };
    answers(&too_large, "1153", InvalidValue);
    let swallowed: Outcome<(), Error> = store(&clerk)
        .try_transaction(async |tx| {
            run::<MySql>(tx, "INSERT INTO t VALUES (2, '')").await?;
            run::<MySql>(tx, &large).await.unwrap_err();
            Ok(())
        })
        .await;
    assert!(matches!(swallowed, Outcome::RolledBack(_)), "{swallowed:?}");
    admin.execute("SET GLOBAL max_allowed_packet = 16777216").await.unwrap();

    admin.execute("SET GLOBAL max_connections = 10").await.unwrap();
    let mut held = Vec::new();
    let refused = loop {
        match MySqlConnection::connect_with(&clerk).await {
            Ok(connection) => held.push(connection),
            Err(error) => break Error::from(error),
        }
    };
    answers(&refused, "1040", TooManyConnections);
    drop(held);

    let ended: Result<(), Error> = store(&options)
        .transaction_once(async |tx| {
            run::<MySql>(tx, "SELECT 1").await?;
            server.terminate();
            loop {
                run::<MySql>(tx, "SELECT 1").await?;
            }
        })
        .await;
    is(&ended.unwrap_err(), ConnectionLost);
}

/// A commit that waits for another session, and is cut short in the meantime. Here nothing is kept; but the server
/// reports the same for a commit that is cut short after it was done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_a_commit_that_was_interrupted_is_unknown() {
    let server = Server::start("mariadb").await;
    let options: MySqlConnectOptions = server.url.parse().unwrap();
    let mut admin = MySqlConnection::connect_with(&options).await.unwrap();
    admin.execute("CREATE TABLE t (id BIGINT PRIMARY KEY)").await.unwrap();
    let pool = MySqlPoolOptions::new().max_connections(1).connect_lazy_with(options.clone());
    let store =
        Store::from(MySqlPoolOptions::new().max_connections(1).connect_lazy_with(options.clone())).with_options(ONCE);
    let kill = async || loop {
        let waits = "SELECT id FROM information_schema.processlist WHERE info = 'COMMIT'";
        if let Some(id) = sqlx::query_scalar::<_, i64>(waits).fetch_optional(&pool).await.unwrap() {
            break pool.execute(sqlx::AssertSqlSafe(format!("KILL QUERY {id}"))).await.map(drop).unwrap();
        }
    };
    for (code, kills) in [("1969", false), ("1317", true)] {
        let work = store.try_transaction(async |tx| {
            run::<MySql>(tx, "INSERT INTO t VALUES (1)").await?;
            if !kills {
                run::<MySql>(tx, "SET max_statement_time = 0.2").await?;
            }
            let mut lock = MySqlConnection::connect_with(&options).await?;
            lock.execute("FLUSH TABLES WITH READ LOCK").await?;
            // The lock is held as long as this connection.
            Ok::<_, Error>(lock)
        });
        let interrupt = async {
            if kills {
                kill().await;
            }
        };
        let (outcome, ()) = futures_util::future::join(work, interrupt).await;
        let Outcome::Unknown(error) = outcome else { panic!("nobody knows: {outcome:?}") };
        is(&error, UnknownCommit);
        answers(std::error::Error::source(&error).unwrap().downcast_ref().unwrap(), code, StatementTimeout);
    }
}
