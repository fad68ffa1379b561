//! `Timestamp` from and into time's `OffsetDateTime`.

use time::OffsetDateTime;

use crate::time::{Timestamp, TimestampError};

impl From<Timestamp> for OffsetDateTime {
    fn from(time: Timestamp) -> Self {
        let nanos = i128::from(time.as_unix_millis()) * 1_000_000;
        // The `time` crate covers at least the same years, so the fallback is never taken.
        Self::from_unix_timestamp_nanos(nanos).unwrap_or(Self::UNIX_EPOCH)
    }
}

impl TryFrom<OffsetDateTime> for Timestamp {
    type Error = TimestampError;

    /// Rounds down to the millisecond, towards the past.
    fn try_from(time: OffsetDateTime) -> Result<Self, TimestampError> {
        let millis = time.unix_timestamp_nanos().div_euclid(1_000_000);
        Self::within(i64::try_from(millis).unwrap_or(i64::MAX))
    }
}
