use std::fmt;
use std::time::Duration;

use crate::task::Unfinished;

/// The state of a pool, for metrics. Counters grow from the start of the pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// Connections that are open.
    pub size: u32,
    /// Connections that are not in use.
    pub idle: u32,
    /// The most connections that may be open.
    pub max: u32,
    /// Tasks that currently wait for a connection.
    pub waiting: u32,
    /// How many connections were handed out.
    pub acquired: u64,
    /// How many times no connection became free in time.
    pub timed_out: u64,
    /// How long tasks waited for connections, in total.
    pub waited: Duration,
}

impl PoolStats {
    /// The statistics of two pools together.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self {
            size: self.size + other.size,
            idle: self.idle + other.idle,
            max: self.max + other.max,
            waiting: self.waiting + other.waiting,
            acquired: self.acquired + other.acquired,
            timed_out: self.timed_out + other.timed_out,
            waited: self.waited + other.waited,
        }
    }

    /// Connections that are in use.
    #[must_use]
    pub const fn in_use(&self) -> u32 {
        self.size.saturating_sub(self.idle)
    }
}

/// The work that did not end before the limit of [`Store::close`](super::Store::close).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseTimeout {
    /// Connections that are in use.
    pub connections: u32,
    /// Background work that still runs: work from [`Store::spawn`](super::Store::spawn), ends of requests'
    /// transactions, after-commit hooks (also those of a transaction that is not committed yet), relays, connections
    /// that are reset.
    pub unfinished: Unfinished,
}

impl fmt::Display for CloseTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connections, unfinished } = self;
        write!(f, "the store did not close in time: connections in use ({connections}); still running: {unfinished}")
    }
}

impl std::error::Error for CloseTimeout {}
