use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::{Connection as _, Database};

/// How a database is opened.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(super) name: Option<String>,
    pub(super) max_connections: u32,
    pub(super) min_connections: u32,
    pub(super) readers: u32,
    pub(super) acquire_timeout: Duration,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) max_lifetime: Option<Duration>,
    pub(super) ping_after: Duration,
    pub(super) statement_timeout: Option<Duration>,
    pub(super) idle_in_transaction_timeout: Option<Duration>,
    pub(super) lock_timeout: Option<Duration>,
    pub(super) start_within: Duration,
    pub(super) lazy: bool,
}

impl Settings {
    pub(super) const DEFAULT: Self = Self {
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
    };

    /// A pool that pings a connection only after it was idle for a while: else each request would pay a round trip for
    /// what is nearly always well, and without any ping a restart of the server would surface as errors.
    pub(super) fn pool<DB: Database>(&self) -> PoolOptions<DB> {
        let ping_after = self.ping_after;
        PoolOptions::new()
            .max_connections(self.max_connections)
            .min_connections(self.min_connections)
            .acquire_timeout(self.acquire_timeout)
            .idle_timeout(self.idle_timeout)
            .max_lifetime(self.max_lifetime)
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
