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
