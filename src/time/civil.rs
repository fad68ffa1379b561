//! Dates of the proleptic Gregorian calendar, and days since the Unix epoch.

const MILLIS_PER_DAY: i64 = 86_400_000;

/// A time in calendar fields, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) year: u32,
    pub(super) month: u32,
    pub(super) day: u32,
    pub(super) millis_of_day: u32,
}

impl Civil {
    /// Splits a time of the years 0000 to 9999.
    ///
    /// Years are counted from March, so that the leap day comes last; an era of 400 years has 146,097 days. The
    /// formulas are those of `civil_from_days` in Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(super) const fn of(millis: i64) -> Self {
        // March of year 0 began 719,468 days before the epoch; one more era keeps January of year 0 positive.
        let days = (millis.div_euclid(MILLIS_PER_DAY) + 719_468 + 146_097) as u32;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Self {
            year: era * 400 + year_of_era + (month <= 2) as u32 - 400,
            month,
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
            millis_of_day: millis.rem_euclid(MILLIS_PER_DAY) as u32,
        }
    }

    /// The milliseconds since the epoch. The fields must be a valid date.
    pub(super) const fn to_millis(self) -> i64 {
        let year = self.year as i64 - (self.month <= 2) as i64;
        let from_march = (self.month as i64 + 9) % 12;
        let day_of_year = (153 * from_march + 2) / 5 + self.day as i64 - 1;
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        let days = year * 365 + leap_days + day_of_year - 719_468;
        days * MILLIS_PER_DAY + self.millis_of_day as i64
    }

    /// `2026-11-22T15:04:05.123Z`.
    pub(super) fn write(self) -> [u8; 24] {
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let seconds = self.millis_of_day / 1_000;
        put(&mut text, 0..4, self.year);
        put(&mut text, 5..7, self.month);
        put(&mut text, 8..10, self.day);
        put(&mut text, 11..13, seconds / 3_600);
        put(&mut text, 14..16, seconds / 60 % 60);
        put(&mut text, 17..19, seconds % 60);
        put(&mut text, 20..23, self.millis_of_day % 1_000);
        text
    }
}

/// Writes a number in decimal digits, from right to left.
fn put(text: &mut [u8; 24], place: std::ops::Range<usize>, mut number: u32) {
    for digit in text.get_mut(place).unwrap_or_default().iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// The number of days in a month.
pub(super) const fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
