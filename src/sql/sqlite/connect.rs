use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Pool, Sqlite};
use sqlx_core::url::form_urlencoded;

use crate::sql::Database;
use crate::sql::pool::settings::millis;
use crate::sql::pool::start::reached;
use crate::sql::pool::{Connects, Settings, expect, refuse_unknown, unreadable};
use crate::sql::source::ConnectionSource;
use crate::store::unit::BoxFuture;
use crate::store::{Error, ErrorKind, writer_guard};

/// How long to wait for other processes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The parameters that the driver knows.
const PARAMETERS: [&str; 4] = ["cache", "immutable", "mode", "vfs"];

/// The file, or the memory, that an address names.
pub(in crate::sql) struct Place {
    options: SqliteConnectOptions,
    mode: Mode,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Memory,
    /// A file that is only read.
    ReadOnly,
    /// A file that must exist.
    Existing,
    /// A file that is created if it does not exist.
    Create,
}

pub(in crate::sql) fn address(url: &str) -> Result<Place, Error> {
    let path = url.split_once(':').map_or("", |(_, path)| path);
    let (file, parameters) = path.split_once('?').unwrap_or((path, ""));
    let file = file.trim_start_matches("//");
    let mut mode = if file == ":memory:" { Mode::Memory } else { Mode::Create };
    let names = form_urlencoded::parse(parameters.as_bytes()).map(|(name, _)| name);
    refuse_unknown(names, |name| PARAMETERS.contains(&name))?;
    for (name, value) in form_urlencoded::parse(parameters.as_bytes()) {
        mode = match (&*name, &*value) {
            ("mode", "memory") => Mode::Memory,
            ("mode", "ro") | ("immutable", "true" | "1") => Mode::ReadOnly,
            ("mode", "rw") => Mode::Existing,
            _ => mode,
        };
    }
    // Without a name, SQLite would give each connection a database of its own.
    if file.is_empty() && mode != Mode::Memory {
        return Err(unreadable("it names no file"));
    }
    let options = format!("sqlite:{path}").parse();
    let options = options.map_err(|_| unreadable("the driver does not know the value of one of its parameters"))?;
    Ok(Place { options, mode })
}

impl Connects for Sqlite {
    const SCHEMES: &'static [&'static str] = &["sqlite"];

    fn check(url: &str) -> Result<(), Error> {
        address(url).map(drop)
    }

    #[expect(private_interfaces, reason = "nobody else implements or calls it")]
    async fn pools(url: &str, settings: &Settings) -> Result<Database<Self>, Error> {
        expect::<Self>(url)?;
        let Place { options, mode } = address(url)?;
        let busy = Duration::from_millis(millis(settings.lock_timeout.or(Some(BUSY_TIMEOUT))).into());
        let options = options.busy_timeout(busy).foreign_keys(true);
        match mode {
            Mode::Memory => memory(options, settings).await,
            Mode::ReadOnly => reading(options, settings).await,
            Mode::Existing | Mode::Create => file(options.create_if_missing(mode == Mode::Create), settings).await,
        }
    }
}

/// One connection that writes and some that read.
async fn file(options: SqliteConnectOptions, settings: &Settings) -> Result<Database<Sqlite>, Error> {
    // FULL, so that committed data survives a power cut, too.
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    // The writer first: it creates the file, and the journal that the readers need.
    let writer = started(pool(1, options.clone(), settings), settings).await?;
    let reader = pool(settings.readers, options.pragma("query_only", "ON"), settings);
    let reader = started(reader, settings).await?;
    let (writer, reader) = (
        ConnectionSource::counted(writer, Some(writer_guard::new_id())).opened("", false),
        ConnectionSource::counted(reader, None).opened("", true),
    );
    Ok(Database::new(writer, reader))
}

/// A read-only file: all connections only read, so no connection waits for another.
async fn reading(options: SqliteConnectOptions, settings: &Settings) -> Result<Database<Sqlite>, Error> {
    started(pool(settings.readers, options, settings), settings).await.map(Database::from_pool)
}

/// One connection for everything: connections to a shared memory lock each other's tables instead of waiting.
async fn memory(options: SqliteConnectOptions, settings: &Settings) -> Result<Database<Sqlite>, Error> {
    // A unique name, by which SQLite shares a memory between connections if the name has this prefix.
    let options = options.filename(format!("file:buttress-memory-{}", writer_guard::new_id())).shared_cache(true);
    // An in-memory database ends with its last connection, and a pool may have to replace its only one.
    let anchor = options.connect().await.map_err(Error::of_driver::<Sqlite>)?;
    let pool = started(pool(1, options, settings), settings).await?;
    let source = ConnectionSource::counted(pool, Some(writer_guard::new_id())).opened("", false);
    let anchor = Some(Arc::new(Mutex::new(anchor)));
    Ok(Database { anchor, ..Database::new(source.clone(), source) })
}

/// A pool that never closes its connections: a connection to a file costs nothing to keep.
fn pool(connections: u32, options: SqliteConnectOptions, settings: &Settings) -> Pool<Sqlite> {
    let pool = settings.pool().max_connections(connections).min_connections(0);
    pool.idle_timeout(None).max_lifetime(None).connect_lazy_with(options)
}

/// Makes the first connection, with retries: the first connection of one process changes the file, and other processes
/// find it locked.
async fn started(pool: Pool<Sqlite>, settings: &Settings) -> Result<Pool<Sqlite>, Error> {
    if !settings.lazy {
        let attempt = || -> BoxFuture<'_, _> {
            Box::pin(async { pool.acquire().await.map(drop).map_err(Error::of_driver::<Sqlite>) })
        };
        let file = format!("the database file {}", pool.connect_options().get_filename().display());
        reached(settings, &file, may_come, attempt).await?;
    }
    Ok(pool)
}

/// Whether the failure may pass soon: another process is changing the file.
fn may_come(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::LockTimeout | ErrorKind::Deadlock)
}
