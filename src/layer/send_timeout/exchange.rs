use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use super::outgoing::Shared;
use crate::request_id::RequestId;

/// A request until the last byte of its response is written. Everything that belongs to the request holds a
/// reference; the last one to be dropped removes it from the connection's list.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) number: u64,
    connection: Arc<Shared>,
    /// The bytes that were handed to the server and are not written yet.
    unsent: AtomicU64,
    /// The bytes that were written to the socket.
    sent: AtomicU64,
    /// Whether everything was written at some time since the last look.
    caught_up: AtomicBool,
    stalled: AtomicBool,
    request_id: OnceLock<RequestId>,
}

impl Exchange {
    pub(super) fn new(number: u64, connection: Arc<Shared>) -> Self {
        Self {
            number,
            connection,
            unsent: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            caught_up: AtomicBool::new(false),
            stalled: AtomicBool::new(false),
            request_id: OnceLock::new(),
        }
    }

    /// Records that the server has got `bytes` of content to send.
    pub(super) fn hand_out(&self, bytes: usize) {
        self.unsent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Records that the server has written `bytes` of it.
    pub(super) fn written(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
        self.settle(bytes);
    }

    /// Records that `bytes` of it are no longer waiting: they were written or discarded.
    pub(super) fn settle(&self, bytes: usize) {
        let bytes = bytes as u64;
        if bytes > 0 && self.unsent.fetch_sub(bytes, Ordering::Relaxed) == bytes {
            self.caught_up.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Whether some content has been waiting to be written ever since the last look.
    pub(super) fn waits(&self) -> bool {
        !self.caught_up.swap(false, Ordering::Relaxed) && self.unsent.load(Ordering::Relaxed) > 0
    }

    pub(super) fn is_stalled(&self) -> bool {
        self.stalled.load(Ordering::Relaxed)
    }

    /// Marks the response as stalled, and logs it once.
    pub(super) fn stall(&self) {
        if !self.stalled.swap(true, Ordering::Relaxed) {
            let request_id = self.request_id.get().map(RequestId::as_str);
            tracing::warn!(request_id, sent = self.sent(), "response was not taken in time");
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.connection.remove(self.number);
    }
}

/// The exchange of a request, for inner layers: they find it in the extensions. It does not keep the request in flight.
#[derive(Debug, Clone)]
pub(crate) struct Delivery(Weak<Exchange>);

impl Delivery {
    pub(super) fn of(exchange: &Arc<Exchange>) -> Self {
        Self(Arc::downgrade(exchange))
    }

    /// Sets the request id for the log.
    pub(crate) fn identify(&self, id: &RequestId) {
        if let Some(exchange) = self.0.upgrade() {
            let _ = exchange.request_id.set(id.clone());
        }
    }

    /// Whether the client has stopped taking the response.
    pub(crate) fn is_stalled(&self) -> bool {
        self.0.upgrade().is_some_and(|exchange| exchange.is_stalled())
    }
}
