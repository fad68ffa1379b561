//! The tables of the outbox.

use std::sync::LazyLock;

use sqlx::migrate::Migrator;

use super::Outbox;
use crate::sql::{Migrations, own_set};
use crate::store::{Error, Store};

/// The tables for `PostgreSQL`, for a migration of the service's own. Running it again does nothing.
pub const POSTGRES: &str = concat!(include_str!("schema/postgres.sql"), include_str!("schema/postgres_due.sql"));
/// The tables for MySQL and MariaDB. See [`POSTGRES`].
pub const MYSQL: &str = concat!(include_str!("schema/mysql.sql"), include_str!("schema/mysql_due.sql"));
/// The tables for SQLite. See [`POSTGRES`].
pub const SQLITE: &str = concat!(include_str!("schema/sqlite.sql"), include_str!("schema/sqlite_due.sql"));

/// The table that records which of these migrations were applied.
const DONE: &str = "_buttress_outbox_migrations";

static ON_POSTGRES: LazyLock<Migrator> = LazyLock::new(|| {
    own_set(
        DONE,
        &[(1, "outbox", include_str!("schema/postgres.sql")), (2, "due", include_str!("schema/postgres_due.sql"))],
    )
});
static ON_MYSQL: LazyLock<Migrator> = LazyLock::new(|| {
    own_set(DONE, &[(1, "outbox", include_str!("schema/mysql.sql")), (2, "due", include_str!("schema/mysql_due.sql"))])
});
static ON_SQLITE: LazyLock<Migrator> = LazyLock::new(|| {
    own_set(
        DONE,
        &[(1, "outbox", include_str!("schema/sqlite.sql")), (2, "due", include_str!("schema/sqlite_due.sql"))],
    )
});

impl Outbox {
    /// Creates the tables, and brings them up to date with this version of the crate; if they are up to date, it does
    /// nothing. Several instances of a service may call it at once. See [`Migrations`].
    ///
    /// If a service's tables are created by other means, create them according to [`POSTGRES`], [`MYSQL`] or
    /// [`SQLITE`].
    ///
    /// # Errors
    ///
    /// See [`Migrations::run`].
    pub async fn migrate(&self, store: &Store) -> Result<(), Error> {
        let migrations = Migrations::new().postgres(&ON_POSTGRES).mysql(&ON_MYSQL).sqlite(&ON_SQLITE);
        migrations.repeatable().run(store).await
    }
}
