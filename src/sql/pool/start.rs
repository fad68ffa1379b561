use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::Settings;
use crate::problem::chain;
use crate::store::unit::BoxFuture;
use crate::store::{Backoff, Error, ErrorKind};
use crate::telemetry::targets;

/// The longest pause before the second attempt, and the longest of all.
const PAUSES: Backoff = Backoff { base: Duration::from_millis(100), cap: Duration::from_secs(2) };

/// Tries until a database can be reached, or the time of the settings is up. A failure that waiting cannot mend ends it
/// at once.
pub(in crate::sql) async fn reached<'a>(
    settings: &Settings,
    server: &str,
    may_come: fn(ErrorKind) -> bool,
    attempt: impl Fn() -> BoxFuture<'a, Result<(), Error>>,
) -> Result<(), Error> {
    let begun = Instant::now();
    let left = || settings.start_within.saturating_sub(begun.elapsed());
    let mut attempts = 1_u32;
    loop {
        // An attempt that hangs is given up: the next one may reach another server behind the same name.
        let limit = settings.acquire_timeout.min(left()).max(Duration::from_millis(1));
        let error = match timeout(limit, attempt()).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error,
            Err(_) => Error::new(ErrorKind::ConnectionLost).because("the server did not answer in time"),
        };
        let pause = PAUSES.after(attempts);
        if !may_come(error.kind()) || pause >= left() {
            let why = error.reason().map_or_else(|| server.to_owned(), |why| format!("{server}: {why}"));
            let unreached = Unreached { server: server.to_owned(), attempts, error };
            return Err(Error::new(unreached.error.kind()).because(why).caused_by(unreached));
        }
        // The first time, and then less and less often.
        if attempts.is_power_of_two() {
            let left_ms = u64::try_from(left().as_millis()).unwrap_or(u64::MAX);
            let (kind, error) = (error.kind(), chain(&error));
            tracing::warn!(target: targets::STORE, server, attempts, ?kind, %error, left_ms, "the database is not there yet");
        }
        sleep(pause).await;
        attempts += 1;
    }
}

/// The server that could not be reached.
#[derive(Debug)]
struct Unreached {
    server: String,
    attempts: u32,
    error: Error,
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, attempts, .. } = self;
        let plural = if *attempts == 1 { "" } else { "s" };
        write!(f, "{server} could not be used, in {attempts} attempt{plural}")
    }
}

impl StdError for Unreached {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // The error's own text is a part of the text above.
        self.error.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_differ() {
        for (attempts, longest) in [(1, 100), (2, 200), (5, 1600), (6, 2000), (u32::MAX, 2000)] {
            let longest = Duration::from_millis(longest);
            let pauses: Vec<_> = (0..100).map(|_| PAUSES.after(attempts)).collect();
            assert!(pauses.iter().all(|pause| (longest / 2..=longest).contains(pause)), "{pauses:?}");
            assert!(pauses.iter().any(|pause| *pause != pauses[0]), "those who wait should not come back at once");
        }
    }
}
