use std::time::{Duration, Instant};

use futures_core::future::BoxFuture;
use sqlx::migrate::{AppliedMigration, Migrate, MigrateError, Migration};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, SqlSafeStr as _};

use crate::sql::migrate::lock::Task;
use crate::sql::mysql::SYNTAX;
use crate::sql::text::describe;
use crate::sql::text::script::statements;

type Done<'e, T> = BoxFuture<'e, Result<T, MigrateError>>;

/// The steps of sqlx's migrator, under a lock that was taken before.
///
/// A statement that changes tables commits itself and everything before it. So each statement is sent alone, and before
/// it is sent, its number is stored in the column `execution_time` of the set's table. After a kill, the stored
/// statement was begun, and all before it were done. sqlx itself stores -1 there while a migration runs.
pub(in crate::sql) struct Steps<'c> {
    connection: &'c mut MySqlConnection,
    task: Task,
    /// The place in a migration where it failed.
    pub(in crate::sql) place: Option<String>,
}

/// The number that is stored for a statement.
fn mark(statement: usize) -> i64 {
    -1 - i64::try_from(statement).unwrap_or(i64::MAX - 1)
}

/// The statement that a stored number stands for; `None` if sqlx itself wrote it.
fn marked(number: i64) -> Option<usize> {
    usize::try_from(-1 - number).ok().filter(|statement| *statement > 0)
}

impl<'c> Steps<'c> {
    pub(in crate::sql) const fn new(connection: &'c mut MySqlConnection, task: Task) -> Self {
        Self { connection, task, place: None }
    }

    /// Restarts a migration that was cut off, or reports where that was.
    async fn resume(&mut self, table: &str) -> Result<Option<i64>, MigrateError> {
        if self.task.migrations.repeatable {
            let forget = format!("DELETE FROM {table} WHERE success = FALSE");
            self.connection.execute(AssertSqlSafe(forget)).await?;
            return Ok(None);
        }
        let cut = format!("SELECT version, execution_time FROM {table} WHERE success = FALSE ORDER BY version LIMIT 1");
        let cut: Option<(i64, i64)> = sqlx::query_as(AssertSqlSafe(cut)).fetch_optional(&mut *self.connection).await?;
        let Some((version, number)) = cut else { return Ok(None) };
        let script = self.task.migrator.iter().find(|migration| migration.version == version);
        let statement = script.and_then(|script| place(script.sql.as_str(), marked(number)?));
        let place = statement.map_or_else(
            || String::from("at an unknown statement"),
            |statement| format!("at its {statement}: what is before that is done, and that may be"),
        );
        self.place = Some(format!(
            "{place}. Do the rest by hand and set success = TRUE for it in {table}, or undo what it did and delete it there"
        ));
        Ok(Some(version))
    }

    async fn apply_here(&mut self, table: &str, migration: &Migration) -> Result<Duration, MigrateError> {
        let begun = Instant::now();
        let mut tx = self.connection.begin().await?;
        let insert = format!(
            "INSERT INTO {table} (version, description, success, checksum, execution_time) VALUES (?, ?, FALSE, ?, ?)"
        );
        let insert = sqlx::query(AssertSqlSafe(insert)).bind(migration.version).bind(&*migration.description);
        insert.bind(&*migration.checksum).bind(mark(1)).execute(&mut *tx).await?;
        for (at, statement) in statements(migration.sql.as_str(), &SYNTAX).into_iter().enumerate() {
            if at > 0 {
                let progress = format!("UPDATE {table} SET execution_time = ? WHERE version = ?");
                let progress = sqlx::query(AssertSqlSafe(progress)).bind(mark(at + 1)).bind(migration.version);
                progress.execute(&mut *tx).await?;
            }
            let done = tx.execute(AssertSqlSafe(statement.to_owned()).into_sql_str()).await;
            if let Err(error) = done {
                self.place = place(migration.sql.as_str(), at + 1);
                return Err(MigrateError::ExecuteMigration(error, migration.version));
            }
        }
        let took = begun.elapsed();
        let end = format!("UPDATE {table} SET success = TRUE, execution_time = ? WHERE version = ?");
        let end = sqlx::query(AssertSqlSafe(end)).bind(i64::try_from(took.as_nanos()).unwrap_or(i64::MAX));
        end.bind(migration.version).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(took)
    }
}

/// Describes a statement for the operator: `statement 2 of 3, CREATE TABLE orders`.
fn place(script: &str, statement: usize) -> Option<String> {
    let all = statements(script, &SYNTAX);
    let summary = describe(all.get(statement.checked_sub(1)?)?, &SYNTAX).summary.text;
    Some(format!("statement {statement} of {}, {summary}", all.len()))
}

impl Migrate for Steps<'_> {
    fn create_schema_if_not_exists<'e>(&'e mut self, schema: &'e str) -> Done<'e, ()> {
        self.connection.create_schema_if_not_exists(schema)
    }

    fn ensure_migrations_table<'e>(&'e mut self, table: &'e str) -> Done<'e, ()> {
        self.connection.ensure_migrations_table(table)
    }

    fn dirty_version<'e>(&'e mut self, table: &'e str) -> Done<'e, Option<i64>> {
        Box::pin(self.resume(table))
    }

    fn list_applied_migrations<'e>(&'e mut self, table: &'e str) -> Done<'e, Vec<AppliedMigration>> {
        self.connection.list_applied_migrations(table)
    }

    /// The lock was taken before.
    fn lock(&mut self) -> Done<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn unlock(&mut self) -> Done<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn apply<'e>(&'e mut self, table: &'e str, migration: &'e Migration) -> Done<'e, Duration> {
        Box::pin(self.apply_here(table, migration))
    }

    fn revert<'e>(&'e mut self, table: &'e str, migration: &'e Migration) -> Done<'e, Duration> {
        self.connection.revert(table, migration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_for_a_statement() {
        assert_eq!([1, 2, 300].map(|statement| marked(mark(statement))), [Some(1), Some(2), Some(300)]);
        assert_eq!([-1, 0, 77].map(marked), [None; 3], "sqlx's own");
    }

    #[test]
    fn a_place_names_no_value() {
        let script = "CREATE TABLE a (n INT); INSERT INTO a VALUES ('secret; -- ', 4711)";
        assert_eq!(place(script, 2).as_deref(), Some("statement 2 of 2, INSERT a"));
        assert_eq!(place(script, 3), None);
    }
}
