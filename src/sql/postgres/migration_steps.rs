use std::time::Duration;

use futures_core::future::BoxFuture;
use sqlx::migrate::{AppliedMigration, Migrate, MigrateError, Migration};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};

type Done<'e, T> = BoxFuture<'e, Result<T, MigrateError>>;

/// The steps of sqlx's migrator, under a lock that was taken before. If the session is shared, they are all in one
/// transaction, and no statement is prepared under a name: another client may have left one of the same name in the
/// session.
pub(in crate::sql) struct Steps<'c> {
    pub(in crate::sql) connection: &'c mut PgConnection,
    pub(in crate::sql) shared: bool,
    /// The version of a migration that needs a session of its own.
    pub(in crate::sql) apart: Option<i64>,
}

impl Steps<'_> {
    async fn apply_here(&mut self, table: &str, migration: &Migration) -> Result<(), MigrateError> {
        if migration.no_tx {
            self.apart = Some(migration.version);
            return Err(MigrateError::VersionNotPresent(migration.version));
        }
        let script = self.connection.execute(migration.sql.clone()).await;
        script.map_err(|error| MigrateError::ExecuteMigration(error, migration.version))?;
        let insert = format!(
            "INSERT INTO {table} (version, description, success, checksum, execution_time) VALUES ($1, $2, TRUE, $3, -1)"
        );
        let insert = sqlx::query(AssertSqlSafe(insert)).bind(migration.version);
        let insert = insert.bind(&*migration.description).bind(&*migration.checksum).persistent(false);
        insert.execute(&mut *self.connection).await?;
        Ok(())
    }
}

impl Migrate for Steps<'_> {
    fn create_schema_if_not_exists<'e>(&'e mut self, schema: &'e str) -> Done<'e, ()> {
        self.connection.create_schema_if_not_exists(schema)
    }

    fn ensure_migrations_table<'e>(&'e mut self, table: &'e str) -> Done<'e, ()> {
        self.connection.ensure_migrations_table(table)
    }

    fn dirty_version<'e>(&'e mut self, table: &'e str) -> Done<'e, Option<i64>> {
        Box::pin(async move {
            let sql = format!("SELECT version FROM {table} WHERE success = false ORDER BY version LIMIT 1");
            let row = self.connection.fetch_optional(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
            Ok(row.map(|row| row.try_get(0)).transpose()?)
        })
    }

    fn list_applied_migrations<'e>(&'e mut self, table: &'e str) -> Done<'e, Vec<AppliedMigration>> {
        Box::pin(async move {
            let sql = format!("SELECT version, checksum FROM {table} ORDER BY version");
            let rows = self.connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
            let applied = rows.iter().map(|row| {
                let checksum: Vec<u8> = row.try_get(1)?;
                Ok(AppliedMigration { version: row.try_get(0)?, checksum: checksum.into() })
            });
            applied.collect()
        })
    }

    /// The lock was taken before.
    fn lock(&mut self) -> Done<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn unlock(&mut self) -> Done<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn apply<'e>(&'e mut self, table: &'e str, migration: &'e Migration) -> Done<'e, Duration> {
        if self.shared {
            Box::pin(async move { self.apply_here(table, migration).await.map(|()| Duration::ZERO) })
        } else {
            self.connection.apply(table, migration)
        }
    }

    fn revert<'e>(&'e mut self, table: &'e str, migration: &'e Migration) -> Done<'e, Duration> {
        self.connection.revert(table, migration)
    }
}
