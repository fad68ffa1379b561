use std::time::Duration;

/// How long to wait after a failure: longer each time, and randomized, so that tasks that failed together do not come
/// back together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    pub(crate) base: Duration,
    pub(crate) cap: Duration,
}

impl Backoff {
    /// The pause after an attempt (the first is 1): between half of the grown pause and all of it ("equal jitter").
    pub(crate) fn after(self, attempt: u32) -> Duration {
        self.longest_after(attempt).mul_f64(0.5 + fastrand::f64() / 2.0)
    }

    /// The pause after an attempt: between nothing and all of the grown pause ("full jitter").
    pub(crate) fn at_most_after(self, attempt: u32) -> Duration {
        self.longest_after(attempt).mul_f64(fastrand::f64())
    }

    fn longest_after(self, attempt: u32) -> Duration {
        // More would overflow the shift below.
        let doublings = attempt.saturating_sub(1).min(31);
        self.base.saturating_mul(1 << doublings).min(self.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap() {
        let backoff = Backoff { base: Duration::from_millis(100), cap: Duration::from_millis(350) };
        for (attempt, longest) in [(1, 100), (2, 200), (3, 350), (4, 350), (u32::MAX, 350)] {
            let longest = Duration::from_millis(longest);
            let pause = backoff.after(attempt);
            assert!(longest / 2 <= pause && pause <= longest, "{attempt}: {pause:?}");
            assert!(backoff.at_most_after(attempt) <= longest);
        }
    }
}
