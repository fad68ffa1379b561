use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};
use tower_layer::Layer;

use super::exchange::Exchange;
use super::{SendTimeoutLayer, SendTimeoutService};

/// The requests of one connection, each until the last byte of its response is written; also the layer that counts
/// them.
///
/// See the [module docs](super).
#[derive(Debug, Clone)]
pub struct Outgoing {
    shared: Arc<Shared>,
    limit: SendTimeoutLayer,
}

/// The state that the exchanges of a connection share.
#[derive(Debug)]
pub(super) struct Shared(Mutex<List>);

#[derive(Debug)]
struct List {
    exchanges: BTreeMap<u64, Weak<Exchange>>,
    next: u64,
    idle_since: Instant,
}

/// For each response, when its period began and how many bytes had been written by then.
type Marks = BTreeMap<u64, (Instant, u64)>;

impl Outgoing {
    pub(super) fn new(limit: SendTimeoutLayer) -> Self {
        let list = List { exchanges: BTreeMap::new(), next: 0, idle_since: Instant::now() };
        Self { shared: Arc::new(Shared(Mutex::new(list))), limit }
    }

    pub(super) fn begin(&self) -> Arc<Exchange> {
        let mut list = self.shared.lock();
        let number = list.next;
        list.next += 1;
        let exchange = Arc::new(Exchange::new(number, Arc::clone(&self.shared)));
        list.exchanges.insert(number, Arc::downgrade(&exchange));
        exchange
    }

    /// How many requests are in flight: they have begun, and their responses are not completely written.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.shared.lock().exchanges.len()
    }

    /// Waits until a response has stalled. Each stalled response is logged once.
    pub async fn stalled(&self) {
        let mut marks = Marks::new();
        loop {
            sleep(self.limit.limit / 4).await;
            if self.look(&mut marks) {
                return;
            }
        }
    }

    /// Waits until every response in flight is stalled, and there is at least one.
    pub async fn only_stalled(&self) {
        let mut marks = Marks::new();
        loop {
            let all = self.shared.all();
            if !all.is_empty() && all.iter().all(|exchange| exchange.is_stalled()) {
                return;
            }
            drop(all);
            sleep(self.limit.limit / 4).await;
            self.look(&mut marks);
        }
    }

    /// Waits until no request has been in flight for `limit`. A new connection counts as idle.
    pub async fn idle(&self, limit: Duration) {
        loop {
            // A deadline that overflows is never reached.
            let Some(deadline) = self.shared.idle_since().checked_add(limit) else {
                return std::future::pending().await;
            };
            if deadline <= Instant::now() && self.in_flight() == 0 {
                return;
            }
            // The end of a request does not wake this up, so it polls.
            sleep_until(deadline.max(Instant::now() + limit.max(Duration::from_millis(100)) / 4)).await;
        }
    }

    /// Looks at all responses once; returns whether one is stalled.
    fn look(&self, marks: &mut Marks) -> bool {
        let (now, quota) = (Instant::now(), self.limit.quota());
        let all = self.shared.all();
        let mut next = Marks::new();
        for exchange in &all {
            let (begun, sent) = marks.get(&exchange.number).copied().unwrap_or((now, exchange.sent()));
            if !exchange.waits() {
                continue;
            }
            let is_over = now.duration_since(begun) >= self.limit.limit;
            if is_over && exchange.sent() - sent < quota {
                exchange.stall();
            }
            next.insert(exchange.number, if is_over { (now, exchange.sent()) } else { (begun, sent) });
        }
        *marks = next;
        all.iter().any(|exchange| exchange.is_stalled())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, List> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The exchanges in flight. They are returned without the lock, because dropping the last reference to an exchange
    /// takes the lock.
    fn all(&self) -> Vec<Arc<Exchange>> {
        self.lock().exchanges.values().filter_map(Weak::upgrade).collect()
    }

    fn idle_since(&self) -> Instant {
        self.lock().idle_since
    }

    pub(super) fn remove(&self, number: u64) {
        let mut list = self.lock();
        list.exchanges.remove(&number);
        if list.exchanges.is_empty() {
            list.idle_since = Instant::now();
        }
    }
}

impl<S> Layer<S> for Outgoing {
    type Service = SendTimeoutService<S>;

    fn layer(&self, inner: S) -> SendTimeoutService<S> {
        SendTimeoutService { inner, outgoing: self.clone() }
    }
}
