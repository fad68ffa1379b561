use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::sql::dialect::SqlDatabase;
use crate::sql::source::ConnectionSource;
use crate::store::PoolStats;

/// Connections beside a server's pool, for background work: it does not queue behind the requests, and they do not
/// queue behind it. They are opened for the first background work, with the pool's settings.
///
/// SQLite has none: only one connection writes, and for an in-memory database another connection would be another
/// database.
pub(in crate::sql) struct Background<DB: SqlDatabase>(Arc<OnceLock<ConnectionSource<DB>>>);

/// One that is in use, and one on its way back: a pool asks the server whether a returned connection still works.
const CONNECTIONS: u32 = 2;

impl<DB: SqlDatabase> Background<DB> {
    /// The source that background work takes its connection from, beside those of `main`.
    pub(in crate::sql) fn source(&self, main: &ConnectionSource<DB>) -> ConnectionSource<DB> {
        if !DB::SERVED {
            return main.clone();
        }
        let own = self.0.get_or_init(|| {
            let options = main.pool().options().clone().min_connections(0).max_connections(CONNECTIONS);
            let connect = DB::planning_anew((*main.pool().connect_options()).clone());
            main.beside(options.connect_lazy_with(connect))
        });
        // `close` marks the main pool first and then looks for this one: either it sees this pool, or this code sees
        // the mark.
        if main.pool().is_closed() { main.clone() } else { own.clone() }
    }

    pub(in crate::sql) fn pool_stats(&self) -> Option<PoolStats> {
        self.0.get().map(ConnectionSource::pool_stats)
    }

    /// Closes these connections, after `main` is closed.
    pub(in crate::sql) async fn close(&self) {
        if let Some(own) = self.0.get() {
            own.pool().close().await;
        }
    }
}

impl<DB: SqlDatabase> Default for Background<DB> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<DB: SqlDatabase> Clone for Background<DB> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<DB: SqlDatabase> fmt::Debug for Background<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Background").field(&self.0.get()).finish()
    }
}
