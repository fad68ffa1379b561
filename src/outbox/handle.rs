use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::RelayStats;
use super::settings::at_most_a_century;
use super::stats::Counters;
use crate::task::{Probe, ProbeFuture};

/// A relay that runs in a task of its own.
#[derive(Debug)]
#[must_use = "keep it to stop the relay when the service ends"]
pub struct RelayHandle {
    pub(super) stop: oneshot::Sender<Duration>,
    pub(super) task: JoinHandle<()>,
    pub(super) counters: Arc<Counters>,
}

impl RelayHandle {
    /// Stops the relay. It claims no more events, waits until the publisher has finished the ones it has, and gives the
    /// rest back at the limit, for other relays to take at once. The last quarter of the limit, at most a second, is
    /// reserved for that. Returns the counts of the whole run.
    pub async fn stop(self, limit: Duration) -> RelayStats {
        // A task that is gone has nothing left to stop.
        let _ = self.stop.send(at_most_a_century(limit));
        let _ = self.task.await;
        self.counters.stats()
    }

    /// The counts since the relay was made, for metrics.
    #[must_use]
    pub fn stats(&self) -> RelayStats {
        self.counters.stats()
    }
}

/// Whether the relay runs: it does until it is stopped, its store closes, or its runtime ends.
impl Probe for RelayHandle {
    fn probe(&self, _: Duration) -> ProbeFuture<'_> {
        let ended = self.task.is_finished().then(|| "the relay has ended".into());
        Box::pin(std::future::ready(ended.map_or(Ok(()), Err)))
    }
}
