//! Pools: how they open, what they survive, how they close.

mod lifecycle;
mod outage;
mod secrets;
mod session;
mod sqlite;
mod start;

use std::time::Duration;

use sqlx::ConnectOptions as _;

use crate::support::{Fresh, TestDatabase};

/// Where a test's own database is.
pub(crate) fn address<DB: TestDatabase>(fresh: &Fresh<DB>) -> String {
    fresh.sql.pool().connect_options().to_url_lossy().to_string()
}

const SOON: Duration = Duration::from_millis(300);

/// Later than a slow machine is, and sooner than what is waited for if nobody sets an end.
const LATE: Duration = Duration::from_secs(8);
