use std::error::Error as StdError;
use std::time::Duration;

use tokio::time::Instant;

use crate::sql::DriverError;
use crate::store::Error;
use crate::telemetry::targets::OUTBOX;

/// A relay's failures: logged at once and, as long as they last, more and more rarely.
#[derive(Debug, Default)]
pub(super) struct FailureLog {
    last: Option<Last>,
}

#[derive(Debug)]
struct Last {
    failed_at: Instant,
    logged_at: Instant,
    pause: Duration,
    /// How many failures were not logged since the last line.
    suppressed: u32,
}

/// The first and the longest pause between two lines.
const PAUSES: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(60 * 60));

impl FailureLog {
    pub(super) fn failed(&mut self, error: &Error) {
        if let Some(times) = self.since_last(Instant::now()) {
            // A warning, not an error, because no event is lost: ended attempts are kept in memory, and claims whose
            // outcome is unknown expire by themselves.
            tracing::warn!(target: OUTBOX, error = error as &dyn StdError, times, "the outbox relay failed; it will try again");
        }
    }

    /// How many failures to report, if a line is due now.
    fn since_last(&mut self, now: Instant) -> Option<u32> {
        match &mut self.last {
            Some(last) if now < last.failed_at + PAUSES.0 => {
                (last.failed_at, last.suppressed) = (now, last.suppressed.saturating_add(1));
                if now < last.logged_at + last.pause {
                    return None;
                }
                (last.logged_at, last.pause) = (now, (last.pause * 2).min(PAUSES.1));
                Some(std::mem::take(&mut last.suppressed))
            }
            // The first failure, or the first after a time without any.
            _ => {
                self.last = Some(Last { failed_at: now, logged_at: now, pause: PAUSES.0, suppressed: 0 });
                Some(1)
            }
        }
    }
}

/// The outbox has no tables.
#[derive(Debug, thiserror::Error)]
#[error("the tables of the outbox do not exist: run `Outbox::migrate` when the service starts")]
struct NoTables(#[source] Error);

/// Adds advice if the tables are missing.
pub(super) fn with_advice(error: Error) -> Error {
    if is_about_tables(&error) { Error::new(error.kind()).caused_by(NoTables(error)) } else { error }
}

/// `PostgreSQL` and MySQL have a code for a missing table; SQLite has only a message.
fn is_about_tables(error: &Error) -> bool {
    let driver = error.source().and_then(|source| source.downcast_ref::<DriverError>());
    let Some(sqlx::Error::Database(error)) = driver.map(DriverError::driver) else { return false };
    let missing =
        matches!(error.code().as_deref(), Some("42P01" | "42S02")) || error.message().starts_with("no such table");
    missing && error.message().contains("buttress_outbox")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_is_said_more_and_more_rarely() {
        let (mut failures, start) = (FailureLog::default(), Instant::now());
        let said = (0..20_000).filter_map(|second| {
            let times = failures.since_last(start + Duration::from_secs(second))?;
            Some((second, times))
        });
        let (seconds, times): (Vec<_>, Vec<_>) = said.unzip();
        assert_eq!(seconds, [0, 60, 180, 420, 900, 1_860, 3_780, 7_380, 10_980, 14_580, 18_180]);
        assert_eq!(times.iter().sum::<u32>(), 18_181, "none is forgotten");
        let later = start + Duration::from_secs(20_000 + 60);
        assert_eq!(failures.since_last(later), Some(1), "it was well in between");
    }
}
