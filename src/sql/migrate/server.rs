use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use tokio::time::{sleep, timeout};

use super::lock::{Lock, Task};
use super::{Migrations, pause, waited};
use crate::sql::Database;
use crate::sql::pool::shared;
use crate::store::{Error, Store};

/// Runs the migrations, on a connection that is closed afterwards in any case.
pub(in crate::sql) async fn run<DB: Lock>(
    store: &Store,
    sql: &Database<DB>,
    migrator: &'static Migrator,
    migrations: &Migrations,
) -> Result<(), Error> {
    let task = Task { migrator, migrations: *migrations, shared: sql.writer.is_unprepared() };
    let locked = timeout(task.migrations.wait, locked(sql, task.shared)).await;
    let mut connection = locked.unwrap_or_else(|_| Err(waited()))?;
    let migration = async move {
        let migrated = DB::migrate(&mut connection, task).await;
        // A pooler may keep the session when the connection is closed: nothing of the migration may stay in it.
        let unlocked = DB::unlock(&mut connection, task.shared, migrated.is_ok()).await;
        // Closed cleanly, so that the lock is free when this returns.
        let _ = connection.close().await;
        match unlocked {
            Err(error) if task.shared => migrated.and(Err(Error::of_driver::<DB>(error))),
            _ => migrated,
        }
    };
    store.spawn(migration).await?
}

/// A connection that holds the lock.
async fn locked<DB: Lock>(sql: &Database<DB>, shared: bool) -> Result<PoolConnection<DB>, Error> {
    let pool = sql.writer.pool();
    let mut connection = sql.writer.acquire().await.map_err(Error::of_driver::<DB>)?;
    connection.close_on_drop();
    if !shared {
        // A lock in a shared session would be left behind, and keep all clients out.
        shared::refuse::<DB>(&mut connection, &pool.connect_options()).await?;
    }
    while !DB::lock(&mut connection, shared).await.map_err(Error::of_driver::<DB>)? {
        sleep(pause()).await;
    }
    Ok(connection)
}
