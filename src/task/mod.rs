//! Background work that a shutdown waits for, and probes that tell whether a part of a service works.
//!
//! Some work goes on after its caller has left: work that was [spawned](crate::store::Store::spawn), the ends of
//! requests' transactions, after-commit hooks, outbox relays, connections that are reset before their next use.
//! Everything of this kind that belongs to a store is counted in one place, each piece under a name.
//! [`Store::close`](crate::store::Store::close) waits for it, and returns what is [`Unfinished`] when the time is over:
//!
//! ```
//! use std::time::Duration;
//!
//! use buttress::store::{Memory, Store};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
//! let store = Store::from(Memory::new(0));
//! drop(store.spawn(std::future::pending::<()>()));
//!
//! let timeout = store.close(Duration::from_secs(1)).await.unwrap_err();
//! assert_eq!(timeout.unfinished.to_string(), "spawned work (1)");
//! assert_eq!(timeout.unfinished.count(), 1);
//! # });
//! ```
//!
//! A [`Probe`] is a part that can be asked whether it works: a [`Store`](crate::store::Store), or the handle of an
//! outbox relay.

mod contained;
mod probe;
#[cfg_attr(
    not(all(feature = "outbox", feature = "transaction")),
    allow(dead_code, reason = "for the work of the modules that stand on stores")
)]
mod tracker;
mod unfinished;

pub(crate) use self::contained::{Panicked, contained};
pub use self::probe::{Probe, ProbeFuture};
pub(crate) use self::tracker::{Expected, Tracker};
pub use self::unfinished::Unfinished;
