use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Pool, Sqlite};

use super::start::started;
use super::{Connects, Settings};
use crate::data::sql::Sql;
use crate::data::sql::lease::Lease;
use crate::data::{Error, mark};

/// How long one waits for other processes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The file, or the memory, that an address names.
pub(super) fn address(url: &str) -> Option<SqliteConnectOptions> {
    let path = url.strip_prefix("sqlite:")?;
    // Without a name, SQLite would give each connection a database of its own.
    let file = path.strip_prefix("//").unwrap_or(path).split('?').next()?;
    (!file.is_empty() || is_in_memory(url)).then(|| url.parse().ok()).flatten()
}

fn is_in_memory(url: &str) -> bool {
    url.contains(":memory:") || url.contains("mode=memory")
}

impl Connects for Sqlite {
    #[expect(private_interfaces, reason = "nobody else implements or calls it")]
    async fn pools(url: &str, settings: &Settings) -> Result<Option<Sql<Self>>, Error> {
        let Some(options) = address(url) else { return Ok(None) };
        let options = options.busy_timeout(settings.lock_timeout.unwrap_or(BUSY_TIMEOUT)).foreign_keys(true);
        if is_in_memory(url) {
            memory(options, settings).await.map(Some)
        } else {
            file(options, settings).await.map(Some)
        }
    }
}

/// One connection that writes and some that read.
async fn file(options: SqliteConnectOptions, settings: &Settings) -> Result<Sql<Sqlite>, Error> {
    // What was committed survives a power cut, too.
    let options =
        options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    // The writer first: it makes the file, and the journal that the readers look into.
    let writer = started(pool(1, options.clone(), settings), settings).await?;
    let reader = pool(settings.readers, options.pragma("query_only", "ON"), settings);
    let reader = started(reader, settings).await?;
    Ok(Sql { writer: Lease::counted(writer, Some(mark::new())), reader: Lease::counted(reader, None), anchor: None })
}

/// One connection for everything: those to a shared memory lock each other's tables instead of waiting.
async fn memory(options: SqliteConnectOptions, settings: &Settings) -> Result<Sql<Sqlite>, Error> {
    // A database in memory ends with its last connection, and a pool may have to replace its only one.
    let anchor = options.connect().await.map_err(Error::of_driver::<Sqlite>)?;
    let pool = started(pool(1, options, settings), settings).await?;
    let lease = Lease::counted(pool, Some(mark::new()));
    Ok(Sql { writer: lease.clone(), reader: lease, anchor: Some(Arc::new(Mutex::new(anchor))) })
}

/// Connections to a file cost nothing to keep.
fn pool(connections: u32, options: SqliteConnectOptions, settings: &Settings) -> Pool<Sqlite> {
    let pool = settings.pool().max_connections(connections).min_connections(0);
    pool.idle_timeout(None).max_lifetime(None).connect_lazy_with(options)
}
