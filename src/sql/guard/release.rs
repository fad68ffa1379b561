//! Returning a connection to its pool.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use sqlx_core::transaction::TransactionManager;
use tokio::runtime::Handle;

use crate::sql::cleanup::{self, Cleanup};
use crate::sql::dialect::{self, SqlDatabase};
use crate::sql::guard::state::State;
use crate::sql::interrupt::Interrupt;
use crate::sql::source::ConnectionSource;
use crate::sql::text::Residue;
use crate::task::Tracker;

/// How long a connection may take to forget a session before it is closed instead.
const RESTORE_FOR: Duration = Duration::from_secs(5);

/// Gives a connection back in the state in which it was taken, or gets rid of it. Must be called inside the runtime.
///
/// The `interrupt` that the connection checks is set if it was left in the middle of something.
pub(in crate::sql) fn give_back<DB: SqlDatabase>(
    mut connection: PoolConnection<DB>,
    state: State,
    source: &ConnectionSource<DB>,
    interrupt: Option<Interrupt>,
) {
    if state.reading && state.is_clean() {
        // Sent before the pool hands the connection out again.
        DB::TransactionManager::start_rollback(&mut connection);
    }
    let finally = DB::WRITES.filter(|_| state.forbidden).map(|(_, allow)| allow);
    let cleanup = || Cleanup { interrupt, finally, tasks: source.tasks().cloned() };
    if state.residue != Residue::None {
        match source.reset() {
            Some(reset) if state.residue == Residue::Settings && state.is_clean() => {
                restore(connection, AssertSqlSafe(reset).into_sql_str(), source.tasks());
            }
            _ => DB::discard(connection, source.is_taken(), cleanup()),
        }
    } else if !state.is_clean() {
        DB::abandon(connection, cleanup());
    } else if let Some(finally) = finally {
        restore(connection, finally.into_sql_str(), source.tasks());
    }
}

/// Runs the statements that restore a connection, and then gives it back. A connection that cannot be restored is
/// closed.
fn restore<DB: SqlDatabase>(connection: PoolConnection<DB>, sql: SqlStr, tasks: Option<&Tracker>) {
    let mut restored = Restored { connection: Some(connection) };
    let Ok(runtime) = Handle::try_current() else { return };
    cleanup::spawn(&runtime, tasks, async move {
        let Some(connection) = restored.connection.as_mut() else { return };
        let told = tokio::time::timeout(RESTORE_FOR, dialect::execute::<DB>(connection, sql)).await;
        if let Ok(Ok(())) = told {
            drop(restored.connection.take());
        }
    });
}

/// A connection that is closed unless it is taken out.
struct Restored<DB: SqlDatabase> {
    connection: Option<PoolConnection<DB>>,
}

impl<DB: SqlDatabase> Drop for Restored<DB> {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.close_on_drop();
        }
    }
}
