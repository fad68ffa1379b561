use std::time::{Duration, SystemTime, UNIX_EPOCH};

use buttress::Timestamp;
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn it_is_written_in_one_way() {
    for (given, written) in [
        ("2026-11-22T15:04:05.123Z", "2026-11-22T15:04:05.123Z"),
        ("2026-11-22t15:04:05z", "2026-11-22T15:04:05.000Z"),
        ("2026-11-22T16:04:05.1+01:00", "2026-11-22T15:04:05.100Z"),
        ("2026-11-22T15:04:05.1239999999999999999999-00:00", "2026-11-22T15:04:05.123Z"),
        ("2026-01-01T00:30:00+23:59", "2025-12-31T00:31:00.000Z"),
        ("2024-02-29T23:59:59.999Z", "2024-02-29T23:59:59.999Z"),
        ("2000-02-29T00:00:00-12:00", "2000-02-29T12:00:00.000Z"),
        ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ] {
        assert_eq!(at(given).to_string(), written);
    }
    assert_eq!((Timestamp::MIN, Timestamp::MAX), (at("0000-01-01T00:00:00Z"), at("9999-12-31T23:59:59.999Z")));
    assert_eq!(Timestamp::UNIX_EPOCH.to_string(), "1970-01-01T00:00:00.000Z");
}

#[test]
fn only_times_are_read() {
    for text in [
        "",
        "2026",
        "2026-11-22",
        "2026-11-22 15:04:05Z",
        "2026-11-22T15:04:05",
        "2026-11-22T15:04Z",
        "26-11-22T15:04:05Z",
        "2026-11-22T15:04:05.Z",
        "2026-11-22T15:04:05,1Z",
        "2026-11-22T15:04:05Z ",
        " 2026-11-22T15:04:05Z",
        "2026-00-22T15:04:05Z",
        "2026-13-22T15:04:05Z",
        "2026-11-00T15:04:05Z",
        "2026-11-31T15:04:05Z",
        "2025-02-29T15:04:05Z",
        "1900-02-29T15:04:05Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T15:60:05Z",
        "2026-11-22T15:04:61Z",
        "2026-11-22T15:04:05+24:00",
        "2026-11-22T15:04:05+01:60",
        "2026-11-22T15:04:05+0100",
        "2026-11-22T15:04:05+01",
        "+2026-11-22T15:04:05Z",
        "-001-11-22T15:04:05Z",
        "10000-01-01T00:00:00Z",
        "２026-11-22T15:04:05Z",
        "1700000000000",
    ] {
        assert!(text.parse::<Timestamp>().is_err(), "{text}");
    }
    for text in ["0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z"] {
        assert!(text.parse::<Timestamp>().unwrap_err().is_out_of_range(), "{text}");
    }
}

#[test]
fn a_leap_second_is_the_last_millisecond_before_it() {
    for text in
        ["2016-12-31T23:59:60Z", "2016-12-31T23:59:60.9Z", "2017-01-01T00:59:60+01:00", "1990-12-31T15:59:60-08:00"]
    {
        assert!(at(text).to_string().ends_with("-12-31T23:59:59.999Z"), "{text}");
    }
    for text in ["2016-12-31T23:58:60Z", "2016-12-31T23:59:60+01:00", "2016-12-30T23:59:60Z", "2016-12-31T00:00:60Z"] {
        assert!(text.parse::<Timestamp>().is_err(), "{text}");
    }
}

#[test]
fn arithmetic_is_checked() {
    assert_eq!(
        at("2026-01-01T00:00:00Z").checked_add(Duration::from_micros(1_999)),
        Some(at("2026-01-01T00:00:00.001Z"))
    );
    assert_eq!(Timestamp::MAX.checked_add(Duration::from_millis(1)), None);
    assert_eq!(Timestamp::MIN.checked_sub(Duration::from_millis(1)), None);
    assert_eq!((Timestamp::MIN.checked_add(Duration::MAX), Timestamp::MAX.checked_sub(Duration::MAX)), (None, None));
    assert_eq!(Timestamp::MAX.checked_duration_since(Timestamp::MIN), Some(Duration::from_millis(315_569_519_999_999)));
    assert_eq!(Timestamp::MIN.checked_duration_since(Timestamp::MAX), None);
    assert_eq!((Timestamp::from_unix_millis(i64::MAX), Timestamp::from_unix_millis(i64::MIN)), (None, None));
}

#[test]
fn it_converts_to_the_clock_of_the_system() {
    let before = UNIX_EPOCH - Duration::from_micros(1);
    assert_eq!(Timestamp::try_from(before).unwrap().as_unix_millis(), -1);
    for time in [Timestamp::MIN, Timestamp::UNIX_EPOCH, at("2026-11-22T15:04:05.123Z"), Timestamp::MAX] {
        assert_eq!(Timestamp::try_from(SystemTime::from(time)), Ok(time));
    }
    assert!(
        Timestamp::try_from(SystemTime::from(Timestamp::MAX) + Duration::from_millis(1)).unwrap_err().is_out_of_range()
    );
    assert!(Timestamp::now() > at("2025-01-01T00:00:00Z"));
}

#[test]
fn json_has_the_text_and_errors_do_not_repeat_it() {
    let time = at("2026-11-22T15:04:05.123Z");
    assert_eq!(serde_json::to_string(&time).unwrap(), "\"2026-11-22T15:04:05.123Z\"");
    assert_eq!(serde_json::from_str::<Timestamp>("\"2026-11-22T15:04:05.123Z\"").unwrap(), time);
    let error = serde_json::from_str::<Timestamp>("\"hunter2\"").unwrap_err().to_string();
    assert!(!error.contains("hunter2") && error.contains("RFC 3339"), "{error}");
    assert!(serde_json::from_str::<Timestamp>("7").is_err());
}

/// A timestamp is a leaf of payloads, and its violation states the expected format.
#[cfg(feature = "extract")]
#[tokio::test]
async fn a_payload_may_hold_a_time() {
    use buttress::Json;
    use buttress::handler::{FromRequest, IntoResponse};

    let request =
        http::Request::post("/").header("content-type", "application/json").body("\"hunter2\"".to_owned()).unwrap();
    let problem = Json::<Timestamp>::from_request(request, &()).await.unwrap_err();
    let answer = crate::text_of(problem.into_response()).await;
    assert!(
        answer.contains(
            r##""pointer":"#","code":"type","detail":"must be an RFC 3339 time such as 2026-11-22T15:04:05.123Z""##
        ),
        "{answer}"
    );
}

/// `9999-12-30T22:00:00Z`, in milliseconds.
const JIFF_ENDS: i64 = 253_402_207_200_000;

proptest! {
    #[test]
    fn every_time_survives_its_text(millis in Timestamp::MIN.as_unix_millis()..=Timestamp::MAX.as_unix_millis()) {
        let time = Timestamp::from_unix_millis(millis).unwrap();
        prop_assert_eq!(time.to_string().parse(), Ok(time));
    }

    #[test]
    fn texts_sort_as_times(a in Timestamp::MIN.as_unix_millis()..=Timestamp::MAX.as_unix_millis(), b in -1_000_000_i64..1_000_000) {
        let (a, b) = (Timestamp::from_unix_millis(a), Timestamp::from_unix_millis(a + b));
        if let (Some(a), Some(b)) = (a, b) {
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }
    }

    /// jiff implements the same calendar: both read the same texts to the same times, in both directions.
    #[test]
    fn jiff_agrees(
        (year, month, day) in (0..=9999_u32, 0..=13_u32, 0..=32_u32),
        (hour, minute, second) in (0..=25_u32, 0..=61_u32, 0..=59_u32),
        fraction in "(\\.[0-9]{1,9})?",
        offset in "Z|[+-](0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]",
    ) {
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}");
        let theirs = text.parse::<jiff::Timestamp>().ok().map(|time| time.as_nanosecond().div_euclid(1_000_000));
        let ours = text.parse::<Timestamp>().ok().map(|time| i128::from(time.as_unix_millis()));
        let in_range = |millis: &i128| (Timestamp::MIN.as_unix_millis().into()..=JIFF_ENDS.into()).contains(millis);
        prop_assert_eq!(ours.filter(in_range), theirs.filter(in_range), "{}", text);
    }

    #[test]
    fn it_is_written_as_jiff_writes_it(millis in Timestamp::MIN.as_unix_millis()..=JIFF_ENDS) {
        let ours = Timestamp::from_unix_millis(millis).unwrap().to_string();
        prop_assert_eq!(ours, format!("{:.3}", jiff::Timestamp::from_millisecond(millis).unwrap()));
    }

    #[test]
    fn garbage_is_refused_without_a_panic(text in "[0-9TZtz:+.\\-é ]{0,40}") {
        let _ = text.parse::<Timestamp>();
    }
}
