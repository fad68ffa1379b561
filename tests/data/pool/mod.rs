//! Pools: how they open, which failures they survive, how they close.

mod lifecycle;
mod outage;
mod pooler;
mod secrets;
mod session;
mod sqlite;
mod start;

use std::error::Error as StdError;
use std::time::Duration;

use buttress::store::Error;
use sqlx::ConnectOptions as _;

use crate::support::{Fresh, TestDatabase};

/// The address of a test's own database.
pub(crate) fn address<DB: TestDatabase>(fresh: &Fresh<DB>) -> String {
    fresh.sql.pool().connect_options().to_url_lossy().to_string()
}

/// An error and all its sources.
pub(crate) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

const SOON: Duration = Duration::from_millis(300);

/// Longer than a slow machine takes, and shorter than the waits without a limit.
const LATE: Duration = Duration::from_secs(8);
