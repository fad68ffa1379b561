//! RFC 3339 §5.6, read byte by byte.

use super::civil::{Civil, days_in};
use super::{Mistake, Timestamp};

/// Reads `2026-11-22T15:04:05.123+01:00`.
pub(super) fn rfc3339(text: &[u8]) -> Result<Timestamp, Mistake> {
    let mut text = Reader(text);
    let (year, month, day) = date(&mut text)?;
    text.one_of(b"Tt")?;
    let (minutes, second) = time(&mut text)?;
    let millis = fraction(&mut text)?;
    let offset = offset(&mut text)?;
    if !text.0.is_empty() {
        return Err(Mistake::Syntax);
    }
    let local = Civil { year, month, day, millis_of_day: minutes * 60_000 };
    let minute = local.to_millis() - offset * 60_000;
    let time = if second == 60 { leap(minute)? } else { minute + i64::from(second * 1_000 + millis) };
    Timestamp::from_unix_millis(time).ok_or(Mistake::Range)
}

/// The last millisecond of a minute, if that minute can have a leap second: before midnight at the end of a month.
fn leap(minute: i64) -> Result<i64, Mistake> {
    let next = Timestamp::from_unix_millis(minute + 60_000).ok_or(Mistake::Range)?;
    match Civil::of(next.0) {
        Civil { day: 1, millis_of_day: 0, .. } => Ok(next.0 - 1),
        _ => Err(Mistake::NoSuchTime),
    }
}

fn date(text: &mut Reader<'_>) -> Result<(u32, u32, u32), Mistake> {
    let year = text.number(4)?;
    text.one_of(b"-")?;
    let month = text.number(2)?;
    text.one_of(b"-")?;
    let day = text.number(2)?;
    let exists = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if exists { Ok((year, month, day)) } else { Err(Mistake::NoSuchDate) }
}

/// The minute of the day, and the second.
fn time(text: &mut Reader<'_>) -> Result<(u32, u32), Mistake> {
    let hour = text.number(2)?;
    text.one_of(b":")?;
    let minute = text.number(2)?;
    text.one_of(b":")?;
    let second = text.number(2)?;
    if hour < 24 && minute < 60 && second <= 60 { Ok((hour * 60 + minute, second)) } else { Err(Mistake::NoSuchTime) }
}

/// The milliseconds of an optional fraction; further digits are dropped.
fn fraction(text: &mut Reader<'_>) -> Result<u32, Mistake> {
    if text.one_of(b".").is_err() {
        return Ok(0);
    }
    let (mut millis, mut worth) = (text.number(1)? * 100, 10);
    while let Ok(digit) = text.number(1) {
        millis += digit * worth;
        worth /= 10;
    }
    Ok(millis)
}

/// Minutes east of UTC.
fn offset(text: &mut Reader<'_>) -> Result<i64, Mistake> {
    let sign = match text.one_of(b"Zz+-")? {
        b'+' => 1,
        b'-' => -1,
        _ => return Ok(0),
    };
    let hours = text.number(2)?;
    text.one_of(b":")?;
    let minutes = text.number(2)?;
    if hours < 24 && minutes < 60 { Ok(sign * i64::from(hours * 60 + minutes)) } else { Err(Mistake::NoSuchTime) }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn one_of(&mut self, expected: &[u8]) -> Result<u8, Mistake> {
        match self.0.split_first() {
            Some((byte, rest)) if expected.contains(byte) => {
                self.0 = rest;
                Ok(*byte)
            }
            _ => Err(Mistake::Syntax),
        }
    }

    /// A number of exactly `digits` digits.
    fn number(&mut self, digits: usize) -> Result<u32, Mistake> {
        (0..digits).try_fold(0, |number, _| Ok(number * 10 + u32::from(self.one_of(b"0123456789")? - b'0')))
    }
}
