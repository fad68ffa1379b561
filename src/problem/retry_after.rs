use std::time::Duration;

use http::HeaderValue;

/// The value of `Retry-After`: whole seconds, rounded up (RFC 9110 §10.2.3), so that no client comes back too early.
pub(crate) fn retry_after(delay: Duration) -> HeaderValue {
    HeaderValue::from(delay.as_secs().saturating_add(u64::from(delay.subsec_nanos() > 0)))
}
