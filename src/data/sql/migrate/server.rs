use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, SqlSafeStr as _};
use tokio::time::{sleep, timeout};

use super::lock::Lock;
use super::{failed, pause, waited};
use crate::data::sql::Sql;
use crate::data::sql::database::execute;
use crate::data::{Error, Store};

/// On a connection that is closed in the end: its lock and its limits end with it, however that comes.
pub(in super::super) async fn run<DB: Lock>(
    store: &Store,
    sql: &Sql<DB>,
    migrator: &'static Migrator,
    wait: Duration,
) -> Result<(), Error> {
    let mut connection = timeout(wait, locked(sql)).await.unwrap_or_else(|_| Err(waited()))?;
    let migration = async move {
        let migrated = migrator.run_direct(None, &mut *connection, false).await.map_err(failed::<DB>);
        // In order, so that the lock is free when this returns.
        let _ = connection.close().await;
        migrated
    };
    store.detached(migration).await?
}

/// A connection that has the lock.
async fn locked<DB: Lock>(sql: &Sql<DB>) -> Result<PoolConnection<DB>, Error> {
    let mut connection = sql.writer.acquire().await.map_err(Error::of_driver::<DB>)?;
    connection.close_on_drop();
    let take = async {
        execute::<DB>(&mut connection, AssertSqlSafe(DB::unlimited()).into_sql_str()).await?;
        while !DB::try_lock(&mut *connection).await? {
            sleep(pause()).await;
        }
        Ok(())
    };
    take.await.map_err(Error::of_driver::<DB>)?;
    Ok(connection)
}
