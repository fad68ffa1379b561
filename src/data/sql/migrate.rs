//! Bringing the tables of a database up to date, when several instances may start at once.

use std::borrow::Cow;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use super::{Sql, SqlDatabase};
use crate::data::{Error, Kind, Options, Retry, Store};

/// What has to be done to the tables, for each database that a service can run on.
///
/// sqlx's own [`Migrator`]s, which `sqlx::migrate!` makes of a folder each. Of several instances that start at once, one
/// migrates and the others wait for it; one that is stopped half-way leaves no lock behind.
///
/// ```no_run
/// # use sqlx::migrate::Migrator;
/// # async fn example(store: buttress::data::Store) -> Result<(), buttress::data::Error> {
/// use buttress::data::sql::Migrations;
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
/// Each set keeps its own list of what was done: `_sqlx_migrations` for the service's, another table for the crate's own.
#[derive(Debug, Clone, Copy, Default)]
#[must_use = "nothing is done before `run`"]
pub struct Migrations<'a> {
    pub(super) postgres: Option<&'a Migrator>,
    pub(super) mysql: Option<&'a Migrator>,
    pub(super) sqlite: Option<&'a Migrator>,
}

/// How long one waits for another instance that migrates.
const PATIENCE: Duration = Duration::from_secs(60);

impl<'a> Migrations<'a> {
    /// None yet.
    pub const fn new() -> Self {
        Self { postgres: None, mysql: None, sqlite: None }
    }

    /// For `PostgreSQL`.
    pub const fn postgres(mut self, migrator: &'a Migrator) -> Self {
        self.postgres = Some(migrator);
        self
    }

    /// For MySQL and MariaDB.
    pub const fn mysql(mut self, migrator: &'a Migrator) -> Self {
        self.mysql = Some(migrator);
        self
    }

    /// For SQLite.
    pub const fn sqlite(mut self, migrator: &'a Migrator) -> Self {
        self.sqlite = Some(migrator);
        self
    }

    /// Brings the tables of a store up to date.
    ///
    /// # Errors
    ///
    /// [`Kind::Unsupported`] if there are none for this kind of store, [`Kind::LockTimeout`] if another instance migrates
    /// for longer than a minute; else what failed. MySQL keeps what a migration did before it failed.
    pub async fn run(&self, store: &Store) -> Result<(), Error> {
        super::migrate_any(self, store).await
    }
}

/// On a connection of its own, which is closed in the end: its lock and its limits end with it, however that comes.
pub(super) async fn with_lock<DB>(sql: &Sql<DB>, migrator: &Migrator, lock: &Lock<DB>) -> Result<(), Error>
where
    DB: SqlDatabase<Connection: sqlx::migrate::Migrate>,
{
    let mut connection = sql.writer.acquire().await.map_err(Error::of_driver::<DB>)?;
    connection.close_on_drop();
    let run = async |connection: &mut DB::Connection, text: String| {
        super::database::execute::<DB>(connection, AssertSqlSafe(text).into_sql_str()).await
    };
    run(&mut connection, lock.unlimited.to_owned()).await.map_err(Error::of_driver::<DB>)?;
    let end = tokio::time::Instant::now() + PATIENCE;
    while !take::<DB>(&mut *connection, lock).await? {
        if tokio::time::Instant::now() >= end {
            return Err(Error::new(Kind::LockTimeout).caused_by("another instance migrates"));
        }
    }
    migrator.run_direct(None, &mut *connection, false).await.map_err(failed)
}

/// Whether the lock is ours, after a few seconds.
async fn take<DB: SqlDatabase>(connection: &mut DB::Connection, lock: &Lock<DB>) -> Result<bool, Error> {
    match DB::fetch_optional(connection, sqlx::raw_sql(lock.take)).await {
        Ok(row) => Ok(row.is_some_and(|row| (lock.is_taken)(&row))),
        Err(error) => match Error::of_driver::<DB>(error) {
            error if error.kind() == Kind::LockTimeout => Ok(false),
            error => Err(error),
        },
    }
}

/// How a server keeps two from migrating at once.
pub(super) struct Lock<DB: SqlDatabase> {
    /// A migration may take longer than a statement.
    pub(super) unlimited: &'static str,
    /// Takes the lock, or gives up after a while.
    pub(super) take: &'static str,
    /// What it answers when the lock was taken.
    pub(super) is_taken: fn(&DB::Row) -> bool,
}

/// SQLite has one writer: the transaction is the lock.
#[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "for SQLite"))]
pub(super) async fn in_transaction<DB>(store: &Store, migrator: &Migrator) -> Result<(), Error>
where
    DB: SqlDatabase<Connection: sqlx::migrate::Migrate>,
{
    let patient = Options::new().named("migrate").retry(Retry::new().attempts(12));
    store
        .with(patient)
        .transaction(async |tx| {
            let connection = tx.sql::<DB>().await?.unguarded().await?;
            migrator.run_direct(None, connection, false).await.map_err(failed)
        })
        .await
}

fn failed(error: sqlx::migrate::MigrateError) -> Error {
    sqlx::Error::from(error).into()
}

/// A set of the crate's own, kept in a list of its own.
#[allow(dead_code, reason = "for the outbox")]
pub(crate) fn own_set(table: &'static str, steps: &[(i64, &'static str, &'static str)]) -> Migrator {
    let steps = steps.iter().map(|(version, name, sql)| {
        Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, (*sql).into_sql_str(), false)
    });
    let mut migrator = Migrator::with_migrations(steps.collect());
    migrator.dangerous_set_table_name(table);
    migrator
}
