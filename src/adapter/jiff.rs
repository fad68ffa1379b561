//! `Timestamp` from and into jiff's `Timestamp`.

use crate::time::{Timestamp, TimestampError};

/// jiff ends at `9999-12-30T22:00:00.999999999Z`, a day before [`Timestamp::MAX`].
impl TryFrom<Timestamp> for jiff::Timestamp {
    type Error = jiff::Error;

    fn try_from(time: Timestamp) -> Result<Self, jiff::Error> {
        Self::from_millisecond(time.as_unix_millis())
    }
}

impl TryFrom<jiff::Timestamp> for Timestamp {
    type Error = TimestampError;

    /// Rounds down to the millisecond, towards the past.
    fn try_from(time: jiff::Timestamp) -> Result<Self, TimestampError> {
        // jiff's own milliseconds are rounded towards the epoch.
        let millis = time.as_nanosecond().div_euclid(1_000_000);
        Self::within(i64::try_from(millis).unwrap_or(i64::MAX))
    }
}
