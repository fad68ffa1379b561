use std::fmt::Debug;

use buttress::{Timestamp, TimestampError};

fn survives<T>()
where
    T: From<Timestamp> + Debug,
    Timestamp: TryFrom<T, Error = TimestampError>,
{
    let now = Timestamp::from_unix_millis(1_795_359_845_123).unwrap();
    let before = Timestamp::from_unix_millis(-1).unwrap();
    for time in [Timestamp::MIN, before, Timestamp::UNIX_EPOCH, now, Timestamp::MAX] {
        assert_eq!(Timestamp::try_from(T::from(time)), Ok(time));
    }
}

#[test]
fn chrono() {
    use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

    survives::<DateTime<Utc>>();
    let time: DateTime<FixedOffset> = "1969-12-31T23:59:59.9995-01:00".parse().unwrap();
    assert_eq!(Timestamp::try_from(time).unwrap().to_string(), "1970-01-01T00:59:59.999Z");
    assert_eq!(Timestamp::try_from(DateTime::UNIX_EPOCH - TimeDelta::nanoseconds(1)).unwrap().as_unix_millis(), -1);
    assert!(Timestamp::try_from(DateTime::<Utc>::MAX_UTC).unwrap_err().is_out_of_range());
}

#[test]
fn jiff() {
    for millis in [Timestamp::MIN.as_unix_millis(), -1, 0, 1_795_359_845_123, 253_402_207_200_000] {
        let time = Timestamp::from_unix_millis(millis).unwrap();
        assert_eq!(Timestamp::try_from(jiff::Timestamp::try_from(time).unwrap()), Ok(time));
    }
    assert!(jiff::Timestamp::try_from(Timestamp::MAX).is_err());
    let before = jiff::Timestamp::from_nanosecond(-1).unwrap();
    assert_eq!(Timestamp::try_from(before).unwrap().as_unix_millis(), -1);
    assert!(Timestamp::try_from(jiff::Timestamp::MIN).unwrap_err().is_out_of_range());
}

#[test]
fn time() {
    use time::{Duration, OffsetDateTime, UtcOffset};

    survives::<OffsetDateTime>();
    let before = OffsetDateTime::UNIX_EPOCH - Duration::nanoseconds(1);
    let elsewhere = before.to_offset(UtcOffset::from_hms(5, 30, 0).unwrap());
    assert_eq!(Timestamp::try_from(elsewhere).unwrap().as_unix_millis(), -1);
    let early = OffsetDateTime::from(Timestamp::MIN) - Duration::milliseconds(1);
    assert!(Timestamp::try_from(early).unwrap_err().is_out_of_range());
}
