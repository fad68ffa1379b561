use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use super::outgoing::Shared;
use crate::request_id::RequestId;

/// A request until the last byte of its response is written. Whatever belongs to it holds it; with the last of them it
/// leaves the connection's list.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) number: u64,
    connection: Arc<Shared>,
    /// Handed to the server and not written yet, in bytes.
    unsent: AtomicU64,
    /// Written to the socket, in bytes.
    sent: AtomicU64,
    /// Everything was written at some time since the last look.
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

    /// The server has got some content to send.
    pub(super) fn hand_out(&self, bytes: usize) {
        self.unsent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The server has written some of it.
    pub(super) fn written(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
        self.settle(bytes);
    }

    /// So much of it does not wait any more, written or thrown away.
    pub(super) fn settle(&self, bytes: usize) {
        let bytes = bytes as u64;
        if bytes > 0 && self.unsent.fetch_sub(bytes, Ordering::Relaxed) == bytes {
            self.caught_up.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Whether something has waited to be written ever since the last look.
    pub(super) fn waits(&self) -> bool {
        !self.caught_up.swap(false, Ordering::Relaxed) && self.unsent.load(Ordering::Relaxed) > 0
    }

    pub(super) fn is_stalled(&self) -> bool {
        self.stalled.load(Ordering::Relaxed)
    }

    /// Tells the log, once.
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

/// A request's exchange as the layers inside find it, among the extensions. It does not keep the request in flight.
#[derive(Debug, Clone)]
pub(crate) struct Delivery(Weak<Exchange>);

impl Delivery {
    pub(super) fn of(exchange: &Arc<Exchange>) -> Self {
        Self(Arc::downgrade(exchange))
    }

    /// The id that the log is to name.
    pub(crate) fn identify(&self, id: &RequestId) {
        if let Some(exchange) = self.0.upgrade() {
            let _ = exchange.request_id.set(id.clone());
        }
    }

    /// Whether the client does not take the response.
    pub(crate) fn is_stalled(&self) -> bool {
        self.0.upgrade().is_some_and(|exchange| exchange.is_stalled())
    }
}
