use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _, Sqlite, SqliteConnection};
use tokio::time::{Instant, sleep};

use crate::sql::Database;
use crate::sql::migrate::{Migrates, Migrations, failed, none, pause, waited};
use crate::store::unit::BoxFuture;
use crate::store::{Error, ErrorKind, Retry, Store, TransactionOptions, writer_guard};

impl Migrates for Sqlite {
    fn run<'a>(migrations: &'a Migrations, store: &'a Store, sql: Database<Self>) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move { run(store, &sql, migrations.sqlite.ok_or_else(none)?, migrations.wait).await })
    }
}

/// SQLite has one writer: a transaction around all migrations is the lock. But a migration that is marked
/// `-- no-transaction` must not run in one: inside a transaction, `PRAGMA foreign_keys = OFF` does nothing, and
/// dropping a table to build it anew would delete the rows that refer to it.
async fn run(store: &Store, sql: &Database<Sqlite>, migrator: &'static Migrator, wait: Duration) -> Result<(), Error> {
    if migrator.iter().any(|migration| migration.no_tx) {
        sql.writer.writer().map_or(Ok(()), writer_guard::check)?;
        let sql = sql.clone();
        store.spawn(async move { one_by_one(&sql, migrator, wait).await }).await?
    } else {
        patiently(wait, || Box::pin(in_transaction(store, migrator))).await
    }
}

async fn in_transaction(store: &Store, migrator: &'static Migrator) -> Result<(), Error> {
    store
        .with_options(TransactionOptions::new().name("migrate").retry(Retry::never()))
        .transaction(async |tx| {
            let connection = tx.sql::<Sqlite>().await?.unguarded().await?;
            migrator.run_direct(None, connection, false).await.map_err(|error| failed::<Sqlite>(error, None, migrator))
        })
        .await
}

/// Runs each migration as its author wrote it, with or without a transaction, under a lock outside the database.
async fn one_by_one(sql: &Database<Sqlite>, migrator: &Migrator, wait: Duration) -> Result<(), Error> {
    let begun = Instant::now();
    let mut connection = sql.writer.acquire().await.map_err(Error::of_driver::<Sqlite>)?;
    let before = "SELECT file, foreign_keys FROM pragma_database_list, pragma_foreign_keys WHERE name = 'main'";
    let before = sqlx::query_as(before).fetch_one(&mut *connection).await;
    let (file, foreign_keys): (String, bool) = before.map_err(Error::of_driver::<Sqlite>)?;
    // An in-memory database belongs to this process alone, and has one connection.
    let lock = if file.is_empty() { None } else { Some(alone(&file, wait).await?) };
    let migrated = loop {
        let migrated = migrator.run_direct(None, &mut *connection, false).await;
        match migrated.map_err(|error| failed::<Sqlite>(error, None, migrator)) {
            Err(error) if is_busy(&error) && begun.elapsed() < wait => sleep(pause()).await,
            outcome => break outcome,
        }
    };
    // A migration may have left more than its changes. The connection is not closed, since an in-memory database would
    // be gone.
    let left_open = connection.execute("ROLLBACK").await.is_ok();
    let restored =
        connection.execute(if foreign_keys { "PRAGMA foreign_keys = ON" } else { "PRAGMA foreign_keys = OFF" });
    restored.await.map_err(Error::of_driver::<Sqlite>)?;
    drop(lock);
    if migrated.is_ok() && left_open {
        return Err(
            Error::new(ErrorKind::Other).because("a migration did not end its transaction, which is rolled back")
        );
    }
    migrated
}

/// A lock on an empty file beside the database's. SQLite itself takes it, and it ends with the process at the latest.
async fn alone(file: &str, wait: Duration) -> Result<SqliteConnection, Error> {
    let options = SqliteConnectOptions::new().filename(format!("{file}-migrate")).create_if_missing(true);
    let options = options.busy_timeout(Duration::ZERO);
    patiently(wait, || {
        Box::pin(async {
            let take = async {
                let mut lock = options.connect().await?;
                lock.execute("BEGIN EXCLUSIVE").await?;
                Ok(lock)
            };
            take.await.map_err(Error::of_driver::<Sqlite>)
        })
    })
    .await
}

/// Retries while other connections keep the database busy.
async fn patiently<'a, T>(wait: Duration, attempt: impl Fn() -> BoxFuture<'a, Result<T, Error>>) -> Result<T, Error> {
    let begun = Instant::now();
    loop {
        match attempt().await {
            Err(error) if is_busy(&error) && begun.elapsed() >= wait => return Err(waited()),
            Err(error) if is_busy(&error) => sleep(pause()).await,
            outcome => return outcome,
        }
    }
}

fn is_busy(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::LockTimeout | ErrorKind::Serialization | ErrorKind::Deadlock | ErrorKind::PoolExhausted
    )
}
