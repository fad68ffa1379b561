//! Hazards of sqlx 0.9, by number.
//!
//! A test called `plain_sqlx_…` shows the hazard: it fails once sqlx has fixed it, and should then be removed. The
//! others show that the hazard does not occur through the crate, with both ways to run a transaction.

mod h1;
mod h2;
mod h3;
mod h4;
mod h5;
mod h6;
mod h7;
mod h8;
mod h9;
mod rows;
mod unguarded;

use buttress::sql::{Tx, transaction};
use buttress::store::{Error, Session, TransactionOptions, Work};

use crate::support::{Fresh, TestDatabase};

/// A query that keeps the server busy for some seconds; less for SQLite, which cannot sleep.
pub(crate) fn slow<DB: TestDatabase>() -> &'static str {
    match DB::NAME {
        "PostgreSQL" => "SELECT pg_sleep(6)",
        "MySQL" => "SELECT SLEEP(6)",
        _ => "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 60000) SELECT count(*) FROM c",
    }
}

/// Whether the server works on a slow query.
async fn works<DB: TestDatabase>(fresh: &Fresh<DB>) -> bool {
    let sql = match DB::NAME {
        "PostgreSQL" => {
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND state = 'active' AND query = 'SELECT pg_sleep(6)'"
        }
        _ => "SELECT count(*) FROM information_schema.processlist WHERE db = database() AND info = 'SELECT SLEEP(6)'",
    };
    fresh.number(sql).await > 0
}

/// The two ways to run the same work.
#[derive(Debug, Clone, Copy)]
enum Road {
    Erased,
    Typed,
}

const ROADS: [Road; 2] = [Road::Erased, Road::Typed];

impl Road {
    /// Runs the work in a transaction.
    async fn run<DB: TestDatabase, F, R>(self, fresh: &Fresh<DB>, work: F) -> Result<R, Error>
    where
        for<'r> F: Work<&'r mut Session, Result<R, Error>, Fut: Send> + Clone + Send + Sync,
        R: Send,
    {
        match self {
            Self::Erased => fresh.store.transaction(work).await,
            Self::Typed => {
                transaction(fresh.sql.pool(), TransactionOptions::new(), async |tx: &mut Tx<DB>| work.clone()(tx).await)
                    .await
            }
        }
    }
}
