use std::fmt;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use sqlx::Pool;
use sqlx::pool::PoolConnection;

use super::SqlDatabase;
use super::interrupt::Single;
use crate::store::{PoolStats, writer_guard};
use crate::task::Tracker;
use crate::telemetry::Counter;

/// A pool, and the counters for it. A clone shares them.
pub(crate) struct ConnectionSource<DB: SqlDatabase> {
    pool: Pool<DB>,
    counts: Option<Arc<Counts>>,
    writer: Option<u64>,
    unprepared: bool,
    origin: Origin,
    single: Option<Arc<Single>>,
    /// Counts the connections that are being reset, if anything waits for them.
    tasks: Option<Tracker>,
}

/// The owner of the pool.
#[derive(Debug, Clone)]
enum Origin {
    /// The service's own pool, with settings that this crate does not know.
    Taken,
    /// A pool that this crate opened.
    Opened {
        /// The statements that restore a connection to its initial state.
        reset: Option<Arc<str>>,
        /// Whether its connections cannot write.
        reads: bool,
    },
}

#[derive(Debug, Default)]
struct Counts {
    waiting: AtomicU32,
    acquired: Counter,
    timed_out: Counter,
    /// In nanoseconds.
    waited: Counter,
}

impl<DB: SqlDatabase> ConnectionSource<DB> {
    /// A pool without counters.
    pub(crate) const fn plain(pool: Pool<DB>) -> Self {
        Self { pool, counts: None, writer: None, unprepared: false, origin: Origin::Taken, single: None, tasks: None }
    }

    /// A pool with counters; `writer` is its [id](writer_guard), if it has one connection that writes.
    pub(crate) fn counted(pool: Pool<DB>, writer: Option<u64>) -> Self {
        let single = DB::IN_PROCESS && pool.options().get_max_connections() == 1;
        let (counts, single) = (Some(Arc::default()), single.then(Arc::default));
        Self { pool, counts, writer, unprepared: false, origin: Origin::Taken, single, tasks: None }
    }

    /// The same source; connections that are being reset are counted among this background work.
    pub(crate) fn tracked(self, tasks: &Tracker) -> Self {
        Self { tasks: Some(tasks.clone()), ..self }
    }

    pub(crate) const fn tasks(&self) -> Option<&Tracker> {
        self.tasks.as_ref()
    }

    /// A pool whose sessions a pooler shares with other clients: nothing is prepared on them.
    pub(crate) fn unprepared(self) -> Self {
        Self { unprepared: true, ..self }
    }

    pub(crate) const fn is_unprepared(&self) -> bool {
        self.unprepared
    }

    /// The same source, of a pool that this crate opened and whose sessions began with these statements. `reads` says
    /// that its connections cannot write.
    pub(crate) fn opened(self, session: &str, reads: bool) -> Self {
        let reset = DB::RESET.map(|reset| format!("{reset}; {session}").into());
        Self { origin: Origin::Opened { reset, reads }, ..self }
    }

    /// Another pool whose connections are set up like those of this one.
    pub(crate) fn beside(&self, pool: Pool<DB>) -> Self {
        let Self { unprepared, origin, tasks, .. } = self;
        let (origin, tasks) = (origin.clone(), tasks.clone());
        Self { unprepared: *unprepared, origin, tasks, ..Self::counted(pool, None) }
    }

    /// Whether the connections were set up by the service, in a way that this crate does not know.
    pub(crate) const fn is_taken(&self) -> bool {
        matches!(self.origin, Origin::Taken)
    }

    /// Whether its connections cannot write, in any session.
    pub(crate) const fn only_reads(&self) -> bool {
        matches!(self.origin, Origin::Opened { reads: true, .. })
    }

    /// The statements that restore a connection to its initial state, if there are any.
    pub(crate) fn reset(&self) -> Option<Arc<str>> {
        match &self.origin {
            Origin::Opened { reset, .. } => reset.clone(),
            Origin::Taken => None,
        }
    }

    pub(crate) const fn pool(&self) -> &Pool<DB> {
        &self.pool
    }

    /// Whether both sources are of the same pool.
    pub(crate) fn shares_pool(&self, other: &Self) -> bool {
        match (&self.counts, &other.counts) {
            (Some(mine), Some(theirs)) => Arc::ptr_eq(mine, theirs),
            _ => false,
        }
    }

    pub(crate) const fn writer(&self) -> Option<u64> {
        self.writer
    }

    /// The only connection of a pool whose database runs in this process; all sessions wait for it.
    pub(crate) fn single(&self) -> Option<&Single> {
        self.single.as_deref()
    }

    /// The same source, for a health check: taking the connection does not count as holding it.
    pub(crate) fn unnoticed(&self) -> Self {
        Self { single: None, ..self.clone() }
    }

    /// The same source, without counters.
    pub(crate) fn uncounted(&self) -> Self {
        Self { counts: None, ..self.clone() }
    }

    /// A connection, once one is free.
    pub(crate) async fn acquire(&self) -> Result<PoolConnection<DB>, sqlx::Error> {
        if let Some(Err(error)) = self.writer.map(writer_guard::check) {
            return Err(super::error::guard_error::guard_error(&error));
        }
        // Not `try_acquire`, which skips the pool's own test of a connection. The future is pinned here and never
        // moved: it is large, 9 KB for PostgreSQL.
        let mut acquire = pin!(self.pool.acquire());
        let mut waiting = None;
        poll_fn(|cx| {
            let acquired = acquire.as_mut().poll(cx);
            if let Some(counts) = self.counts.as_deref() {
                counts.count(&acquired, &mut waiting);
            }
            acquired
        })
        .await
    }

    pub(crate) fn pool_stats(&self) -> PoolStats {
        let mut stats = PoolStats {
            size: self.pool.size(),
            idle: u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX),
            max: self.pool.options().get_max_connections(),
            ..PoolStats::default()
        };
        if let Some(counts) = &self.counts {
            stats.waiting = counts.waiting.load(Ordering::Relaxed);
            stats.acquired = counts.acquired.get();
            stats.timed_out = counts.timed_out.get();
            stats.waited = Duration::from_nanos(counts.waited.get());
        }
        stats
    }
}

impl Counts {
    /// Counts whether a task waits, and how the wait ended.
    fn count<'a, T>(&'a self, acquired: &Poll<Result<T, sqlx::Error>>, waiting: &mut Option<Waiting<'a>>) {
        match acquired {
            Poll::Pending => {
                waiting.get_or_insert_with(|| Waiting::new(self));
                return;
            }
            Poll::Ready(Ok(_)) => self.acquired.add(1),
            Poll::Ready(Err(sqlx::Error::PoolTimedOut)) => self.timed_out.add(1),
            Poll::Ready(Err(_)) => {}
        }
        *waiting = None;
    }
}

/// A task that waits for a connection; dropped when it got one or gave up.
struct Waiting<'a> {
    counts: &'a Counts,
    since: Instant,
}

impl<'a> Waiting<'a> {
    fn new(counts: &'a Counts) -> Self {
        counts.waiting.fetch_add(1, Ordering::Relaxed);
        Self { counts, since: Instant::now() }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.counts.waiting.fetch_sub(1, Ordering::Relaxed);
        let waited = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.counts.waited.add(waited);
    }
}

impl<DB: SqlDatabase> Clone for ConnectionSource<DB> {
    fn clone(&self) -> Self {
        let Self { pool, counts, writer, unprepared, origin, single, tasks } = self;
        let (pool, counts, origin) = (pool.clone(), counts.clone(), origin.clone());
        let (single, tasks) = (single.clone(), tasks.clone());
        Self { pool, counts, writer: *writer, unprepared: *unprepared, origin, single, tasks }
    }
}

impl<DB: SqlDatabase> fmt::Debug for ConnectionSource<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionSource").field("database", &DB::NAME).field("stats", &self.pool_stats()).finish()
    }
}
