use std::future::Future;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqliteConnection, Transaction};
use tokio::time::{Instant, sleep};

use super::Database;
use crate::repositories::StoreError;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How many requests can read at the same time.
const READERS: u32 = 4;
/// How long one statement waits for a lock that another process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a transaction is tried for before its request fails.
const PATIENCE: Duration = Duration::from_secs(15);

/// The database: one connection that writes and some that read.
///
/// SQLite has one writer at a time. With a single connection for writing, the requests of this process queue for it
/// here instead of finding the database locked.
#[derive(Debug, Clone)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Store {
    /// Opens the database, makes it if it is not there, and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// When it cannot be opened or its tables cannot be made.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        let options = database
            .options()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was committed survives a power cut, too: an order is worth an fsync.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        // Of several processes that start at once, one changes the journal and the others find the database locked.
        let writer = patiently(|| connect(1, options.clone())).await?;
        patiently(|| migrate(&writer)).await?;
        // A database in memory lives in its connection.
        let in_memory = database.is_in_memory();
        let readers = if in_memory { writer.clone() } else { patiently(|| connect(READERS, options.clone())).await? };
        Ok(Self { writer, readers })
    }

    /// Begins to read. All that the session sees is of one moment.
    ///
    /// # Errors
    ///
    /// When the database is not to be had.
    pub async fn read(&self) -> Result<Session, StoreError> {
        Ok(Session(self.readers.begin().await?))
    }

    /// Begins a transaction. It has the write lock from its first moment, so nothing in it can fail for contention;
    /// to get the lock, it waits for other processes and tries again.
    ///
    /// # Errors
    ///
    /// When the database is not to be had, or stays locked.
    pub async fn write(&self) -> Result<Session, StoreError> {
        patiently(|| begin(&self.writer)).await
    }

    /// Closes all connections, once the sessions are done.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Tries again while others keep the database busy.
async fn patiently<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let deadline = Instant::now() + PATIENCE;
    loop {
        match attempt().await {
            Err(StoreError::Busy { .. }) if Instant::now() < deadline => sleep(jitter()).await,
            outcome => return outcome,
        }
    }
}

async fn begin(writer: &SqlitePool) -> Result<Session, StoreError> {
    Ok(Session(writer.begin_with("BEGIN IMMEDIATE").await?))
}

async fn connect(connections: u32, options: SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    let pool = SqlitePoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE);
    // Connections to a file cost nothing to keep, and one to memory must not be dropped.
    Ok(pool.idle_timeout(None).max_lifetime(None).connect_with(options).await?)
}

/// Runs the migrations inside one transaction: of two processes that start at once, one waits for the other.
async fn migrate(writer: &SqlitePool) -> Result<(), StoreError> {
    let mut session = begin(writer).await?;
    MIGRATIONS.run(session.connection()).await.map_err(sqlx::Error::from)?;
    session.commit().await
}

/// 5 to 20 ms: those who wait for the same lock should not all come back at once.
fn jitter() -> Duration {
    Duration::from_millis(5 + u64::from(uuid::Uuid::new_v4().as_bytes()[0]) % 16)
}

/// A transaction, for reading or for writing. Without [`commit`](Self::commit) it leaves nothing behind.
#[derive(Debug)]
pub struct Session(Transaction<'static, Sqlite>);

impl Session {
    /// Makes everything that was written in this session last.
    ///
    /// # Errors
    ///
    /// When the database fails; nothing of the session is kept then.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit().await?)
    }

    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.0
    }
}
