//! Random numbers for ids: unique, not secret.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::num::{NonZeroU64, NonZeroU128};

thread_local! {
    /// Seeded from the system's randomness, once per thread. fastrand's own generator starts from the clock, which
    /// two machines may share.
    static SEED: Cell<u64> = Cell::new(RandomState::new().hash_one("request ids"));
}

fn with<T>(draw: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
    SEED.with(|seed| {
        let mut generator = fastrand::Rng::with_seed(seed.get());
        let drawn = draw(&mut generator);
        seed.set(generator.get_seed());
        drawn
    })
}

/// Two random words.
pub(super) fn words() -> (u64, u64) {
    with(|generator| (generator.u64(..), generator.u64(..)))
}

/// The id of a span.
pub(super) fn span_id() -> NonZeroU64 {
    NonZeroU64::new(with(|generator| generator.u64(..))).unwrap_or(NonZeroU64::MIN)
}

/// The id of a trace.
pub(super) fn trace_id() -> NonZeroU128 {
    let (high, low) = words();
    NonZeroU128::new(u128::from(high) << 64 | u128::from(low)).unwrap_or(NonZeroU128::MIN)
}
