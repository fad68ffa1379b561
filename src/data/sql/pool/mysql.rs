use std::sync::Arc;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::{AssertSqlSafe, Executor, MySql, MySqlConnection};

use super::start::started;
use super::{Connects, Settings};
use crate::data::Error;
use crate::data::sql::Sql;

pub(super) fn address(url: &str) -> Option<MySqlConnectOptions> {
    url.parse().ok()
}

impl Connects for MySql {
    #[expect(private_interfaces, reason = "nobody else implements or calls it")]
    async fn pools(url: &str, settings: &Settings) -> Result<Option<Sql<Self>>, Error> {
        let ours = url.starts_with("mysql") || url.starts_with("mariadb");
        let Some(options) = address(url).filter(|_| ours) else { return Ok(None) };
        let sql: Arc<str> = session(settings).into();
        let pool = settings.pool().after_connect(move |connection: &mut MySqlConnection, _| {
            let sql = Arc::clone(&sql);
            Box::pin(async move {
                connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
                // With it MariaDB refuses to overwrite what changed since the snapshot. Some versions do not know it.
                let snapshots = connection.execute(sqlx::raw_sql("SET SESSION innodb_snapshot_isolation = ON")).await;
                match snapshots {
                    Ok(_) | Err(sqlx::Error::Database(_)) => Ok(()),
                    Err(error) => Err(error),
                }
            })
        });
        let pool = started(pool.connect_lazy_with(options), settings).await?;
        Ok(Some(Sql::from_pool(pool)))
    }
}

/// The settings of a session. What stands behind `M!` is for MariaDB alone, and behind `!80000` for MySQL.
fn session(settings: &Settings) -> String {
    let mut sql = String::from("SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')");
    if let Some(limit) = settings.lock_timeout {
        // In whole seconds; 0 is none at all.
        sql.push_str(&format!(", innodb_lock_wait_timeout = {}", limit.as_secs_f64().ceil().max(1.0)));
    }
    if let Some(limit) = settings.statement_timeout {
        sql.push_str(&format!(" /*M!100101 , max_statement_time = {} */", limit.as_secs_f64()));
        sql.push_str(&format!(" /*!80000 , max_execution_time = {} */", limit.as_millis()));
    }
    sql
}
