use futures_core::future::BoxFuture;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Postgres, Row as _};

use crate::sql::Database;
use crate::sql::migrate::lock::{Lock, Task, key};
use crate::sql::migrate::{Migrates, Migrations, failed, none, on_server};
use crate::sql::postgres::connect::{Scope, set};
use crate::sql::postgres::migration_steps::Steps;
use crate::store::{Error, ErrorKind, Store};

/// The limits of a session that a migration lifts.
const LIMITS: [&str; 3] = ["statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"];

impl Migrates for Postgres {
    fn run<'a>(migrations: &'a Migrations, store: &'a Store, sql: Database<Self>) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let set = migrations.postgres.ok_or_else(none)?;
            on_server(store, &sql, set, migrations).await
        })
    }
}

impl Lock for Postgres {
    /// Uses simple queries: nothing can be prepared in a shared session.
    fn lock(connection: &mut PgConnection, shared: bool) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        Box::pin(async move {
            let key = database_key(connection).await?;
            let (begin, scope, lock) = if shared {
                ("BEGIN; ", Scope::Transaction, "pg_try_advisory_xact_lock")
            } else {
                ("", Scope::Session, "pg_try_advisory_lock")
            };
            let unlimited = set(LIMITS.map(|name| (name, "0".to_owned())), scope);
            let sql = format!("{begin}{unlimited}; SELECT {lock}({key})");
            let rows = connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
            let taken = rows.last().map_or(Ok(false), |row| row.try_get(0))?;
            if shared && !taken {
                connection.execute(sqlx::raw_sql("ROLLBACK")).await?;
            }
            Ok(taken)
        })
    }

    fn unlock(connection: &mut PgConnection, shared: bool, keep: bool) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        Box::pin(async move {
            let sql = match (shared, keep) {
                (true, true) => String::from("COMMIT"),
                (true, false) => String::from("ROLLBACK"),
                (false, _) => {
                    format!("SELECT pg_advisory_unlock({}); RESET ALL", database_key(connection).await?)
                }
            };
            connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop)
        })
    }

    fn migrate(connection: &mut PgConnection, task: Task) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let mut steps = Steps { connection, shared: task.shared, apart: None };
            let migrated = task.migrator.run_direct(None, &mut steps, false).await;
            migrated.map_err(|error| match steps.apart {
                Some(version) => Error::new(ErrorKind::Unsupported).because(format!(
                    "migration {version} runs in no transaction: give it an address that leads past the pooler"
                )),
                None => failed::<Self>(error, None, task.migrator),
            })
        })
    }
}

async fn database_key(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let row = connection.fetch_one(sqlx::raw_sql("SELECT current_database()::text")).await?;
    row.try_get(0).map(|name: String| key(&name))
}
