use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use self::civil::Civil;
use crate::schema::{Format, HasSchema, Scalar, Schema};

mod civil;
mod parse;

/// A point in time: UTC, in milliseconds, within the years 0000 to 9999.
///
/// On the wire it is RFC 3339 with exactly three decimals and `Z`, so that equal times are equal texts and texts sort
/// like times. Reading accepts any offset, and any fraction of a second, which is cut to milliseconds. A leap second
/// (`23:59:60` UTC on the last day of a month) is read as the last millisecond before it, because milliseconds since
/// the epoch do not count leap seconds; any other second 60 is refused.
///
/// ```
/// use buttress::Timestamp;
/// use std::time::Duration;
///
/// let sent: Timestamp = "2026-11-22T16:04:05.1239+01:00".parse().unwrap();
/// assert_eq!(sent.to_string(), "2026-11-22T15:04:05.123Z");
/// assert_eq!(sent.as_unix_millis(), 1_795_359_845_123);
///
/// let expires = sent.checked_add(Duration::from_secs(60)).unwrap();
/// assert!(expires > sent);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// `0000-01-01T00:00:00.000Z`.
    pub const MIN: Self = Self(-62_167_219_200_000);

    /// `9999-12-31T23:59:59.999Z`.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// `1970-01-01T00:00:00.000Z`.
    pub const UNIX_EPOCH: Self = Self(0);

    /// The current time of the system's clock.
    #[must_use]
    pub fn now() -> Self {
        Self::try_from(SystemTime::now()).unwrap_or(Self::MAX)
    }

    /// The time at this number of milliseconds since the Unix epoch, if it is within the years 0000 to 9999.
    #[must_use]
    pub const fn from_unix_millis(millis: i64) -> Option<Self> {
        if Self::MIN.0 <= millis && millis <= Self::MAX.0 { Some(Self(millis)) } else { None }
    }

    /// [`from_unix_millis`](Self::from_unix_millis), for conversions that can fail.
    pub(crate) fn within(millis: i64) -> Result<Self, TimestampError> {
        Self::from_unix_millis(millis).ok_or(TimestampError(Mistake::Range))
    }

    /// The milliseconds since the Unix epoch; negative before 1970.
    #[must_use]
    pub const fn as_unix_millis(self) -> i64 {
        self.0
    }

    /// This time plus a duration, which is cut to milliseconds. `None` past [`MAX`](Self::MAX).
    #[must_use]
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        let millis = i64::try_from(duration.as_millis()).ok()?;
        self.0.checked_add(millis).and_then(Self::from_unix_millis)
    }

    /// This time minus a duration, which is cut to milliseconds. `None` before [`MIN`](Self::MIN).
    #[must_use]
    pub fn checked_sub(self, duration: Duration) -> Option<Self> {
        let millis = i64::try_from(duration.as_millis()).ok()?;
        self.0.checked_sub(millis).and_then(Self::from_unix_millis)
    }

    /// The duration from `earlier` to this time; `None` if this time is before `earlier`.
    #[must_use]
    pub fn checked_duration_since(self, earlier: Self) -> Option<Duration> {
        u64::try_from(self.0 - earlier.0).ok().map(Duration::from_millis)
    }

    fn text(self) -> [u8; 24] {
        Civil::of(self.0).write()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        parse::rfc3339(text.as_bytes()).map_err(TimestampError)
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = TimestampError;

    /// Rounds down to the millisecond, towards the past.
    fn try_from(time: SystemTime) -> Result<Self, TimestampError> {
        let millis = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).ok(),
            Err(before) => i64::try_from(before.duration().as_nanos().div_ceil(1_000_000)).ok().map(|millis| -millis),
        };
        Self::within(millis.unwrap_or(i64::MAX))
    }
}

/// A time that the platform's clock cannot represent (years before 1601 on some) becomes the Unix epoch.
impl From<Timestamp> for SystemTime {
    fn from(time: Timestamp) -> Self {
        let distance = Duration::from_millis(time.0.unsigned_abs());
        let found = if time.0 < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
        found.unwrap_or(UNIX_EPOCH)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl HasSchema for Timestamp {
    fn schema() -> &'static Schema {
        const { &Schema::scalar(Scalar::text(Format::DateTime)) }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl Timestamp {
    /// The end of the sentence "this must be …" about a text.
    pub(crate) const EXPECTED: &str = "an RFC 3339 time such as 2026-11-22T15:04:05.123Z";
}

impl Visitor<'_> for Text {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Timestamp::EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
        text.parse().map_err(E::custom)
    }
}

/// A text is not a time, or a time is out of range. The error does not hold the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimestampError(Mistake);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mistake {
    Syntax,
    NoSuchDate,
    NoSuchTime,
    Range,
}

impl TimestampError {
    /// Whether it is a time, but outside the years 0000 to 9999.
    #[must_use]
    pub const fn is_out_of_range(&self) -> bool {
        matches!(self.0, Mistake::Range)
    }
}

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Mistake::Syntax => "must be an RFC 3339 time such as 2026-11-22T15:04:05.123Z",
            Mistake::NoSuchDate => "must be a date that the calendar has",
            Mistake::NoSuchTime => "must be a time of day, with an offset below 24 hours",
            Mistake::Range => "must be within the years 0000 to 9999",
        })
    }
}

impl std::error::Error for TimestampError {}
