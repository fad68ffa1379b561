//! `Timestamp` from and into chrono's `DateTime`.

use chrono::{DateTime, TimeZone, Utc};

use crate::time::{Timestamp, TimestampError};

impl From<Timestamp> for DateTime<Utc> {
    fn from(time: Timestamp) -> Self {
        // chrono covers more years than `Timestamp`, so the fallback is never taken.
        Self::from_timestamp_millis(time.as_unix_millis()).unwrap_or_default()
    }
}

impl<Z: TimeZone> TryFrom<DateTime<Z>> for Timestamp {
    type Error = TimestampError;

    /// Rounds down to the millisecond, towards the past.
    fn try_from(time: DateTime<Z>) -> Result<Self, TimestampError> {
        Self::within(time.timestamp_millis())
    }
}
