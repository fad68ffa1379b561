//! The tables of the outbox.

use std::sync::LazyLock;

use sqlx::migrate::Migrator;

use super::Outbox;
use crate::sql::{Migrations, own_set};
use crate::store::{Error, Store};

/// The tables in `PostgreSQL`'s words, for a migration of the service's own. Running it again does nothing.
pub const POSTGRES: &str = concat!(include_str!("schema/postgres.sql"), include_str!("schema/postgres_due.sql"));
/// The tables in the words of MySQL and MariaDB. See [`POSTGRES`].
pub const MYSQL: &str = concat!(include_str!("schema/mysql.sql"), include_str!("schema/mysql_due.sql"));
/// The tables in SQLite's words. See [`POSTGRES`].
pub const SQLITE: &str = concat!(include_str!("schema/sqlite.sql"), include_str!("schema/sqlite_due.sql"));

/// Where it is kept what was done to them.
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
    /// Makes the tables, and brings them up to date with this version of the crate; where that was done before, it does
    /// nothing. Several instances of a service may do it at once. See [`Migrations`].
    ///
    /// A service whose tables are made by somebody else has them made as [`POSTGRES`], [`MYSQL`] and [`SQLITE`] say.
    ///
    /// # Errors
    ///
    /// As for [`Migrations::run`].
    pub async fn migrate(&self, store: &Store) -> Result<(), Error> {
        let migrations = Migrations::new().postgres(&ON_POSTGRES).mysql(&ON_MYSQL).sqlite(&ON_SQLITE);
        migrations.repeatable().run(store).await
    }
}
