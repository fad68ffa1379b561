//! Bringing the tables of a database up to date while several instances may start at once.
//!
//! sqlx's own lock has no time limit on `PostgreSQL` and deadlocks with `CREATE INDEX CONCURRENTLY` there. On MariaDB,
//! it is requested with a negative timeout, which MariaDB takes for none at all. On SQLite, it does not exist. So this
//! crate takes a lock of its own first.

#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) mod lock;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod server;

use std::borrow::Cow;
use std::time::Duration;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use super::pool::Connects;
use super::{Database, SqlDatabase};
use crate::store::unit::BoxFuture;
use crate::store::{Error, ErrorKind, Store};

/// The migrations of a service, for each database that it can run on.
///
/// They are sqlx's own [`Migrator`]s; `sqlx::migrate!` makes each from a folder:
///
/// ```no_run
/// # use sqlx::migrate::Migrator;
/// # async fn example(store: buttress::store::Store) -> Result<(), buttress::store::Error> {
/// use buttress::sql::Migrations;
///
/// # const EMPTY: Migrator = Migrator::DEFAULT;
/// static POSTGRES: Migrator = EMPTY; // sqlx::migrate!("migrations/postgres")
/// static SQLITE: Migrator = EMPTY; // sqlx::migrate!("migrations/sqlite")
///
/// Migrations::new().postgres(&POSTGRES).sqlite(&SQLITE).run(&store).await?;
/// # Ok(())
/// # }
/// ```
///
/// The service's own `Cargo.toml` has
/// `sqlx = { version = "0.9", default-features = false, features = ["macros", "migrate"] }` for the macro. Cargo does
/// not know that the macro reads the folder, so a new file in it does not cause a rebuild by itself. A `build.rs` does:
///
/// ```no_run
/// // build.rs
/// println!("cargo:rerun-if-changed=migrations");
/// ```
///
/// # Rolling out and back
///
/// While a release is rolled out, instances of the previous release go on working, and some are started: after a crash,
/// by autoscaling, or because the new release is taken back. Such an instance finds an applied migration that is not in
/// its set. It refuses to start, with [`ErrorKind::Configuration`], because the migration may have removed what it
/// needs. If every migration leaves the tables usable for the previous release (first add a column that may be empty,
/// and drop the old one in a later release), allow unknown migrations:
///
/// ```
/// use std::sync::LazyLock;
///
/// use sqlx::migrate::Migrator;
///
/// static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| {
///     let mut set = Migrator::DEFAULT; // sqlx::migrate!("migrations/postgres")
///     set.set_ignore_missing(true);
///     set
/// });
/// ```
///
/// A migration that was changed after it was run is refused nevertheless.
///
/// # Several instances
///
/// If several instances start at once, one migrates and the others wait for it, for at most the [configured
/// time](Self::wait). An instance that is stopped while it waits leaves nothing behind. If a whole process ends, so
/// does its lock.
///
/// On a server, a migration that has begun goes on when its caller leaves, because MySQL cannot undo half of one;
/// [`Store::close`] waits for it. On SQLite it is undone, unless it runs without a transaction.
///
/// # Cut off half-way
///
/// MySQL and MariaDB commit each statement that changes tables. If a process is killed inside a migration, the next run
/// restarts the migration if its set is [repeatable](Self::repeatable). For any other set, it names the migration, the
/// statement at which it stopped, and the table that records this, because an operator has to decide. On the other
/// databases, a migration is done as a whole or not at all, unless it is marked `-- no-transaction`: such a migration
/// is run again.
///
/// SQLite polls for its lock as often as its `lock_timeout` allows. There, a migration that is marked
/// `-- no-transaction` cannot use a lock of the database. It locks an empty file beside the database instead,
/// `shop.db-migrate`, which stays.
///
/// Migrations have no time limits, not even those that a [`Connect`](super::Connect) sets for statements.
///
/// # Several sets
///
/// A set records its applied migrations in a table, and reports an error for entries that it does not know. So a set
/// from elsewhere, like the crate's own, has a table of its own and runs before or after the service's set:
///
/// ```
/// use std::sync::LazyLock;
///
/// use sqlx::SqlSafeStr as _;
/// use sqlx::migrate::{Migration, MigrationType, Migrator};
///
/// static AUDIT: LazyLock<Migrator> = LazyLock::new(|| {
///     let log = "CREATE TABLE audit_log (at BIGINT NOT NULL, what TEXT NOT NULL)".into_sql_str();
///     let mut set = Migrator::with_migrations(vec![Migration::new(1, "log".into(), MigrationType::Simple, log, false)]);
///     set.dangerous_set_table_name("_audit_migrations");
///     set
/// });
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is done before `run`"]
pub struct Migrations {
    pub(super) postgres: Option<&'static Migrator>,
    pub(super) mysql: Option<&'static Migrator>,
    pub(super) sqlite: Option<&'static Migrator>,
    pub(super) wait: Duration,
    pub(super) repeatable: bool,
}

impl Migrations {
    /// An empty set.
    pub const fn new() -> Self {
        Self { postgres: None, mysql: None, sqlite: None, wait: Duration::from_secs(60), repeatable: false }
    }

    /// The migrations for `PostgreSQL`.
    pub const fn postgres(mut self, migrator: &'static Migrator) -> Self {
        self.postgres = Some(migrator);
        self
    }

    /// The migrations for MySQL and MariaDB.
    pub const fn mysql(mut self, migrator: &'static Migrator) -> Self {
        self.mysql = Some(migrator);
        self
    }

    /// The migrations for SQLite.
    pub const fn sqlite(mut self, migrator: &'static Migrator) -> Self {
        self.sqlite = Some(migrator);
        self
    }

    /// How long to wait for another instance that migrates. Defaults to one minute.
    pub const fn wait(mut self, limit: Duration) -> Self {
        self.wait = limit;
        self
    }

    /// Declares that every script may be run again from its beginning, wherever it was cut off, like scripts made of
    /// `CREATE TABLE IF NOT EXISTS` and the like. Then a run on MySQL or MariaDB that was killed half-way is completed
    /// by the next one.
    pub const fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Brings the tables of a store up to date.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] if there are no migrations for this kind of store; [`ErrorKind::LockTimeout`] if
    /// another instance migrates for longer than the wait; [`ErrorKind::Configuration`] if the applied migrations
    /// differ from the set, or if a pooler shares sessions and the pool was not [declared
    /// so](super::Connect::unprepared); otherwise the migration's error. MySQL keeps the part of a migration that ran
    /// before it failed or was cut off, and the next run reports where that was.
    pub async fn run(&self, store: &Store) -> Result<(), Error> {
        super::migrate_any(self, store).await
    }
}

/// A database that migrations can be run on.
pub(in crate::sql) trait Migrates: Connects {
    /// Runs its set.
    fn run<'a>(migrations: &'a Migrations, store: &'a Store, sql: Database<Self>) -> BoxFuture<'a, Result<(), Error>>;
}

/// The error of a store for which there is no set.
pub(in crate::sql) fn none() -> Error {
    Error::new(ErrorKind::Unsupported).because("there are no migrations for this kind of store")
}

impl Default for Migrations {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) use self::server::run as on_server;

/// An error of the migrator, with the driver's inside. It quotes no values. `place` is where in a migration it was, if
/// that is known.
pub(super) fn failed<DB: SqlDatabase>(error: MigrateError, place: Option<String>, set: &Migrator) -> Error {
    match error {
        MigrateError::Execute(error) => Error::of_driver::<DB>(error),
        MigrateError::ExecuteMigration(error, version) => {
            let error = Error::of_driver::<DB>(error);
            let place = place.map(|place| format!(" at its {place}")).unwrap_or_default();
            Error::new(error.kind()).caused_by(Step { migration: named(set, version), place, error })
        }
        MigrateError::Dirty(version) => {
            let place = place.unwrap_or_else(|| String::from("at an unknown statement"));
            Error::new(ErrorKind::Configuration).because(format!("{} ended half-way, {place}", named(set, version)))
        }
        MigrateError::VersionMissing(version) => {
            let why = format!("{} was run before, and is not in the set: by a newer release?", named(set, version));
            Error::new(ErrorKind::Configuration).because(why)
        }
        MigrateError::VersionMismatch(version) => {
            let why = format!("{} was changed after it was run", named(set, version));
            Error::new(ErrorKind::Configuration).because(why)
        }
        other => Error::new(ErrorKind::Configuration).because(format!("{}: {other}", set.table_name)),
    }
}

/// A migration as an operator knows it: by the table of its set, its number and its description.
fn named(set: &Migrator, version: i64) -> String {
    let description = set.iter().find(|migration| migration.version == version).map(|migration| &migration.description);
    let description = description.map(|words| format!(" \"{words}\"")).unwrap_or_default();
    format!("migration {version}{description} of {}", set.table_name)
}

/// The migration that failed.
#[derive(Debug, thiserror::Error)]
#[error("{migration} failed{place}")]
struct Step {
    migration: String,
    place: String,
    #[source]
    error: Error,
}

/// A pause between two attempts to take the lock, random so that instances do not all ask at once.
pub(super) fn pause() -> Duration {
    Duration::from_millis(20).mul_f64(1.0 + 4.0 * fastrand::f64())
}

/// Another instance held the lock for too long.
pub(super) fn waited() -> Error {
    Error::new(ErrorKind::LockTimeout).because("another instance held the lock of migrations for too long")
}

/// One of the crate's own sets, recorded in a table of its own.
#[cfg_attr(not(feature = "outbox"), expect(dead_code, reason = "for the outbox"))]
pub(crate) fn own_set(table: &'static str, steps: &[(i64, &'static str, &'static str)]) -> Migrator {
    let steps = steps.iter().map(|(version, name, sql)| {
        Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, (*sql).into_sql_str(), false)
    });
    let mut migrator = Migrator::with_migrations(steps.collect());
    migrator.dangerous_set_table_name(table);
    // A newer release only adds to the tables, so this one may be started beside it, and ignores migrations that it
    // does not know.
    migrator.set_ignore_missing(true);
    migrator
}
