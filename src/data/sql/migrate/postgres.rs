use futures_core::future::BoxFuture;
use sqlx::{PgConnection, Postgres};

use super::lock::{Lock, key};
use crate::data::sql::pool::postgres::set;

impl Lock for Postgres {
    fn unlimited() -> String {
        set(["statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"].map(|name| (name, 0)))
    }

    fn try_lock(connection: &mut PgConnection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        Box::pin(async move {
            let database: String =
                sqlx::query_scalar("SELECT current_database()::text").fetch_one(&mut *connection).await?;
            sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(key(&database)).fetch_one(connection).await
        })
    }
}
