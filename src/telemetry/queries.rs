use std::collections::HashMap;
use std::future::Future;
use std::iter;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::futures::TaskLocalFuture;

/// How many different statements are told apart. Statements beyond that are counted, but not compared.
const MAX_STATEMENTS: usize = 256;

/// The statements that were sent to databases. See [`count_queries`] and
/// [`QueryCountLayer`](crate::layer::QueryCountLayer).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryStats {
    /// How many statements were sent. A retried transaction's statements count each time; `BEGIN`, `COMMIT` and
    /// savepoints do not count.
    pub count: u64,
    /// How long they took, from being sent to their last row. The times of concurrent statements add up.
    pub time: Duration,
    /// The statement that was sent most often, if any was sent twice. Statements that differ only in their values are
    /// the same. The statements of an attempt that was retried are left out.
    pub most_repeated: Option<Repeated>,
}

/// A statement that was sent several times.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repeated {
    /// The statement's summary, without values: `SELECT orders`.
    pub summary: String,
    /// How often it was sent.
    pub times: u64,
}

/// Counts the statements that `work` sends through stores, sessions and transactions. Tasks that it spawns are not
/// counted.
///
/// ```
/// # async fn example(store: buttress::store::Store) {
/// use buttress::telemetry::count_queries;
///
/// let (checked, queries) = count_queries(store.check(std::time::Duration::from_secs(1))).await;
/// assert_eq!((checked.is_ok(), queries.count), (true, 0));
/// # }
/// ```
pub async fn count_queries<F: Future>(work: F) -> (F::Output, QueryStats) {
    let log = QueryLog::new();
    let output = Arc::clone(&log).scope(work).await;
    (output, log.queries())
}

tokio::task_local! {
    static LOG: Arc<QueryLog>;
}

/// The statements of a piece of work. A statement of nested work counts for the outer work, too.
#[derive(Debug)]
pub(crate) struct QueryLog {
    counted: Mutex<Counted>,
    outer: Option<Arc<QueryLog>>,
}

#[derive(Debug, Default)]
struct Counted {
    count: u64,
    time: Duration,
    /// By the hash of the statement's text without values.
    statements: HashMap<u64, Repeated>,
}

impl QueryLog {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { counted: Mutex::default(), outer: Self::current() })
    }

    /// The log of the current task, if its statements are counted.
    pub(crate) fn current() -> Option<Arc<Self>> {
        LOG.try_with(Arc::clone).ok()
    }

    /// Whether the current task's statements are counted.
    pub(crate) fn is_current() -> bool {
        LOG.try_with(|_| ()).is_ok()
    }

    pub(crate) fn scope<F>(self: Arc<Self>, work: F) -> TaskLocalFuture<Arc<Self>, F>
    where
        F: Future,
    {
        LOG.scope(self, work)
    }

    /// Like [`scope`](Self::scope), for work that is not a future.
    pub(crate) fn within<R>(self: Arc<Self>, work: impl FnOnce() -> R) -> R {
        LOG.sync_scope(self, work)
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a statement that is sent. Statements with one fingerprint are the same except for their values; the
    /// summary is built only for the first.
    pub(crate) fn sent(&self, fingerprint: u64, summary: impl Fn() -> String) {
        self.each(|counted| {
            counted.count += 1;
            if let Some(statement) = counted.statements.get_mut(&fingerprint) {
                statement.times += 1;
            } else if counted.statements.len() < MAX_STATEMENTS {
                counted.statements.insert(fingerprint, Repeated { summary: summary(), times: 1 });
            }
        });
    }

    /// Adds the time of a statement that ended.
    fn ended(&self, time: Duration) {
        self.each(|counted| counted.time += time);
    }

    fn each(&self, note: impl Fn(&mut Counted)) {
        let mut log = Some(self);
        while let Some(this) = log {
            note(&mut this.counted());
            log = this.outer.as_deref();
        }
    }

    pub(crate) fn queries(&self) -> QueryStats {
        let counted = self.counted();
        let most = counted.statements.values().filter(|one| one.times > 1).max_by_key(|one| one.times);
        QueryStats { count: counted.count, time: counted.time, most_repeated: most.cloned() }
    }
}

/// How often each statement had been sent when an attempt of a transaction began, in every log that counts it.
#[derive(Debug)]
pub(crate) struct AttemptBaseline(Vec<(Arc<QueryLog>, HashMap<u64, u64>)>);

impl AttemptBaseline {
    pub(crate) fn now() -> Self {
        let Some(log) = QueryLog::current() else { return Self(Vec::new()) };
        let logs = iter::successors(Some(log), |log| log.outer.clone());
        let times = |log: &QueryLog| log.counted().statements.iter().map(|(hash, one)| (*hash, one.times)).collect();
        Self(logs.map(|log| (Arc::clone(&log), times(&log))).collect())
    }

    /// Sets the numbers back when the attempt is repeated: its statements do not count as repetitions.
    pub(crate) fn restore(&self) {
        for (log, before) in &self.0 {
            for (hash, one) in &mut log.counted().statements {
                one.times = before.get(hash).copied().unwrap_or(0);
            }
        }
    }
}

/// Measures the time of a statement, until it is dropped.
#[derive(Debug)]
pub(crate) struct StatementTimer {
    pub(crate) log: Arc<QueryLog>,
    since: Instant,
}

impl StatementTimer {
    pub(crate) fn start(log: Arc<QueryLog>) -> Self {
        Self { log, since: Instant::now() }
    }
}

impl Drop for StatementTimer {
    fn drop(&mut self) {
        self.log.ended(self.since.elapsed());
    }
}
