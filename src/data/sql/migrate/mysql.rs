use futures_core::future::BoxFuture;
use sqlx::{MySql, MySqlConnection};

use super::lock::{Lock, key};

impl Lock for MySql {
    fn unlimited() -> String {
        String::from(
            "SET SESSION sql_mode = @@sql_mode /*M!100101 , max_statement_time = 0 */ \
             /*M!100300 , idle_transaction_timeout = 0 */ /*!80000 , max_execution_time = 0 */",
        )
    }

    /// The lock is of the whole server, so that the database is a part of its name.
    fn try_lock(connection: &mut MySqlConnection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        Box::pin(async move {
            let database: Option<String> = sqlx::query_scalar("SELECT DATABASE()").fetch_one(&mut *connection).await?;
            let name = format!("{:x}", key(&database.unwrap_or_default()));
            let taken: Option<i64> =
                sqlx::query_scalar("SELECT GET_LOCK(?, 0)").bind(name).fetch_one(connection).await?;
            Ok(taken == Some(1))
        })
    }
}
