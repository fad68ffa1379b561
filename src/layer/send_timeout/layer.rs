use std::time::Duration;

use super::Outgoing;

/// Limits how long a client may take to receive a response. See the [module docs](super).
///
/// These are the settings for all connections; [`connection`](Self::connection) makes the layer of one connection.
#[derive(Debug, Clone, Copy)]
pub struct SendTimeoutLayer {
    pub(super) limit: Duration,
    min_rate: u32,
}

impl SendTimeoutLayer {
    /// The fewest bytes per second that a client has to take by default; the figure is Kestrel's.
    const MIN_RATE: u32 = 240;

    /// Treats a response as stalled once its client has not taken enough of it for `limit`.
    ///
    /// A stall is noticed when it has lasted for `limit`, and at the latest half of `limit` after that.
    #[must_use]
    pub const fn new(limit: Duration) -> Self {
        Self { limit, min_rate: Self::MIN_RATE }
    }

    /// The fewest bytes that a client has to take per second, on average over the limit. Defaults to 240. With 0, a
    /// single byte is enough.
    #[must_use]
    pub const fn min_rate(mut self, bytes_per_second: u32) -> Self {
        self.min_rate = bytes_per_second;
        self
    }

    /// The layer for one connection.
    #[must_use]
    pub fn connection(self) -> Outgoing {
        Outgoing::new(self)
    }

    /// How many bytes a client has to take in a period of the limit.
    pub(super) fn quota(&self) -> u64 {
        let bytes = self.limit.as_millis().saturating_mul(self.min_rate.into()) / 1000;
        u64::try_from(bytes).unwrap_or(u64::MAX).max(1)
    }
}
