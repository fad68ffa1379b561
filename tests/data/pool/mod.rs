//! Pools: how they open, which failures they survive, how they close.

mod lifecycle;
mod outage;
mod pooler;
mod secrets;
mod session;
mod sqlite;
mod start;

use std::time::Duration;

use sqlx::ConnectOptions as _;

use crate::support::{Fresh, TestDatabase};

/// The address of a test's own database.
pub(crate) fn address<DB: TestDatabase>(fresh: &Fresh<DB>) -> String {
    fresh.sql.pool().connect_options().to_url_lossy().to_string()
}

const SOON: Duration = Duration::from_millis(300);

/// Longer than a slow machine takes, and shorter than the waits without a limit.
const LATE: Duration = Duration::from_secs(8);
