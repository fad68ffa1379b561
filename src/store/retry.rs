use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::backoff::Backoff;

/// How often a transaction is tried, and how long it waits between attempts.
///
/// The failures that the transaction's handle saw decide whether it is retried: a serialization failure, a deadlock, a
/// lock that could not be acquired in time, a prepared statement that the server refused because the tables were
/// changed, a connection that broke before the commit. The work's own error does not count, and an unknown commit is
/// never tried again unless the work is [idempotent](super::TransactionOptions::idempotent) or only reads.
///
/// The work can recover from a failure that a nested transaction has undone. Such a failure causes a retry only if the
/// work then ends with its error, or with one that holds it, and has sent nothing in between. An error that the work
/// makes up itself is returned without a retry. An error that was turned into something else, such as a text or a
/// variant without fields, is no longer held.
///
/// The work cannot recover from a failure that ends the whole transaction, such as a deadlock on MySQL: that causes a
/// retry in any case. So does a serialization failure, as long as nothing was sent since: what the transaction has read
/// cannot be relied upon, and the work's own error may rest on it.
///
/// On MySQL and MariaDB, a failure inside a `CALL` never causes a retry, not even a deadlock: the procedure may have
/// committed by then.
///
/// # Lock rows in one order
///
/// Retries help if collisions are rare. Two transactions that write the same rows in opposite orders, such as a
/// transfer from one account to another and one back, deadlock whenever they meet, again and again; and `PostgreSQL`
/// waits a second before it looks for a deadlock. So write, or read `FOR UPDATE`, the rows that a transaction needs in
/// one order, such as that of their keys: then the second waits for the first, and both go through at the first
/// attempt.
///
/// # Pauses
///
/// Pauses grow from `base` to `cap` and are drawn at random from nothing to that (full jitter), so that transactions
/// that collided do not meet again. All transactions of a store share a budget of retries, so that retries do not
/// overload the database.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Retry {
    attempts: u32,
    backoff: Backoff,
}

impl Retry {
    /// Up to 5 attempts, with pauses of at most 5 ms, 10 ms, … 500 ms.
    pub const fn new() -> Self {
        let backoff = Backoff { base: Duration::from_millis(5), cap: Duration::from_millis(500) };
        Self { attempts: 5, backoff }
    }

    /// Never retries.
    pub const fn never() -> Self {
        Self::new().attempts(1)
    }

    /// How often the work is tried in all; 0 counts as 1. Defaults to 5.
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// The longest first pause, and the longest of all pauses. Defaults to 5 ms and 500 ms.
    pub const fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.backoff = Backoff { base, cap };
        self
    }

    /// The pause after an attempt (the first is 1), or `None` if that was the last.
    pub(super) fn pause_after(&self, attempt: u32) -> Option<Duration> {
        (attempt < self.attempts).then(|| self.backoff.at_most_after(attempt))
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::new()
    }
}

/// The retries that all transactions of a store may spend. A retry takes one. A success gives back the retries that it
/// took, or one if it needed none. So only futile retries use the budget up.
#[derive(Debug)]
pub(crate) struct Budget(AtomicU32);

const MAX_RETRIES: u32 = 500;

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicU32::new(MAX_RETRIES))
    }
}

impl Budget {
    /// Takes one retry; `false` if there is none left.
    pub(super) fn take(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    /// Gives back the retries of a transaction that succeeded.
    pub(super) fn refund(&self, retries: u32) {
        // A full budget is only read: a success without retries does not contend for the cache line.
        if self.0.load(Ordering::Relaxed) < MAX_RETRIES {
            let more = retries.max(1);
            let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                Some(left.saturating_add(more).min(MAX_RETRIES))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_cap_and_end_with_the_attempts() {
        let retry = Retry::new().attempts(4).backoff(Duration::from_millis(10), Duration::from_millis(25));
        for (attempt, longest) in [(1, 10), (2, 20), (3, 25)] {
            assert!(retry.pause_after(attempt).unwrap() <= Duration::from_millis(longest));
        }
        assert_eq!(retry.pause_after(4), None);
        assert_eq!(Retry::never().pause_after(1), None);
        assert!(Retry::new().attempts(u32::MAX).pause_after(u32::MAX - 1).unwrap() <= Duration::from_millis(500));
    }

    #[test]
    fn only_retries_that_lead_nowhere_use_the_budget_up() {
        let budget = Budget::default();
        (0..MAX_RETRIES).for_each(|_| assert!(budget.take()));
        assert!(!budget.take());
        budget.refund(0);
        assert!(budget.take() && !budget.take());
        budget.refund(u32::MAX);
        assert_eq!(budget.0.load(Ordering::Relaxed), MAX_RETRIES);
    }
}
