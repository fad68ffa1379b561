use futures_core::future::BoxFuture;
use sqlx::{AssertSqlSafe, Executor as _, MySql, MySqlConnection, Row as _};

use crate::sql::Database;
use crate::sql::migrate::lock::{Lock, Task, key};
use crate::sql::migrate::{Migrates, Migrations, failed, none, on_server};
use crate::sql::mysql::migration_steps::Steps;
use crate::store::{Error, Store};

/// The limits of a session that a migration lifts: `DEFAULT` restores the server's.
fn limits(value: &str) -> String {
    format!(
        "SET SESSION sql_mode = @@sql_mode /*M!100101 , max_statement_time = {value} */ \
         /*M!100300 , idle_transaction_timeout = {value} */ /*!80000 , max_execution_time = {value} */"
    )
}

impl Migrates for MySql {
    fn run<'a>(migrations: &'a Migrations, store: &'a Store, sql: Database<Self>) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let set = migrations.mysql.ok_or_else(none)?;
            on_server(store, &sql, set, migrations).await
        })
    }
}

impl Lock for MySql {
    /// The lock belongs to the whole server, so its name includes the database.
    fn lock(connection: &mut MySqlConnection, _: bool) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        Box::pin(async move {
            let sql = format!("{}; SELECT GET_LOCK('{}', 0)", limits("0"), name(connection).await?);
            let row = connection.fetch_one(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
            Ok(row.try_get::<Option<i64>, _>(0)? == Some(1))
        })
    }

    fn unlock(connection: &mut MySqlConnection, _: bool, _: bool) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        Box::pin(async move {
            let sql = format!("DO RELEASE_LOCK('{}'); {}", name(connection).await?, limits("DEFAULT"));
            connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop)
        })
    }

    fn migrate(connection: &mut MySqlConnection, task: Task) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let mut steps = Steps::new(connection, task);
            let migrated = task.migrator.run_direct(None, &mut steps, false).await;
            migrated.map_err(|error| failed::<Self>(error, steps.place, task.migrator))
        })
    }
}

/// The name of the lock.
async fn name(connection: &mut MySqlConnection) -> Result<String, sqlx::Error> {
    let row = connection.fetch_one(sqlx::raw_sql("SELECT DATABASE()")).await?;
    row.try_get(0).map(|database: Option<String>| format!("{:x}", key(&database.unwrap_or_default())))
}
