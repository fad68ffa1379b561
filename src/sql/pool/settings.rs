use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::{Connection as _, Database};

/// How to open a database.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(in crate::sql) name: Option<String>,
    pub(in crate::sql) max_connections: u32,
    pub(in crate::sql) min_connections: u32,
    pub(in crate::sql) readers: u32,
    pub(in crate::sql) acquire_timeout: Duration,
    pub(in crate::sql) idle_timeout: Option<Duration>,
    pub(in crate::sql) max_lifetime: Option<Duration>,
    pub(in crate::sql) ping_after: Duration,
    pub(in crate::sql) statement_timeout: Option<Duration>,
    pub(in crate::sql) idle_in_transaction_timeout: Option<Duration>,
    pub(in crate::sql) lock_timeout: Option<Duration>,
    pub(in crate::sql) start_within: Duration,
    pub(in crate::sql) lazy: bool,
    pub(in crate::sql) unprepared: bool,
}

/// sqlx reserves memory for all connections at once, and panics if it cannot.
pub(in crate::sql) const MOST_CONNECTIONS: u32 = 10_000;

/// sqlx adds these durations to the current time, which panics beyond the range of the clock.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

impl Settings {
    pub(in crate::sql) const DEFAULT: Self = Self {
        name: None,
        max_connections: 10,
        min_connections: 0,
        readers: 4,
        acquire_timeout: Duration::from_secs(5),
        idle_timeout: Some(Duration::from_secs(10 * 60)),
        max_lifetime: Some(Duration::from_secs(30 * 60)),
        ping_after: Duration::from_secs(30),
        statement_timeout: Some(Duration::from_secs(30)),
        idle_in_transaction_timeout: Some(Duration::from_secs(60)),
        lock_timeout: None,
        start_within: Duration::from_secs(30),
        lazy: false,
        unprepared: false,
    };

    /// A pool that pings a connection only after it was idle for a while. A ping for each request would cost a round
    /// trip that is nearly always needless; without any ping, a restart of the server would surface as errors.
    pub(in crate::sql) fn pool<DB: Database>(&self) -> PoolOptions<DB> {
        let ping_after = self.ping_after;
        PoolOptions::new()
            .max_connections(self.max_connections)
            .min_connections(self.min_connections)
            .acquire_timeout(self.acquire_timeout.min(LONGEST))
            .idle_timeout(self.idle_timeout.map(|limit| limit.min(LONGEST)))
            .max_lifetime(self.max_lifetime.map(|limit| limit.min(LONGEST)))
            .test_before_acquire(false)
            .before_acquire(move |connection: &mut DB::Connection, meta| {
                Box::pin(async move {
                    if meta.idle_for >= ping_after {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
    }
}

/// A limit in whole milliseconds, as servers take it: 0 means no limit, and they refuse more than 24 days.
pub(in crate::sql) fn millis(limit: Option<Duration>) -> u32 {
    limit.map_or(0, |limit| u32::try_from(limit.as_millis()).map_or(MOST_MILLIS, |limit| limit.clamp(1, MOST_MILLIS)))
}

const MOST_MILLIS: u32 = i32::MAX as u32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_never_none_by_accident() {
        let cases = [
            (None, 0),
            (Some(Duration::ZERO), 1),
            (Some(Duration::from_micros(1)), 1),
            (Some(Duration::from_secs(30)), 30_000),
            (Some(Duration::MAX), 2_147_483_647),
        ];
        for (limit, told) in cases {
            assert_eq!(millis(limit), told, "{limit:?}");
        }
    }
}
