//! Stores, and transactions that cannot lose data.

mod detach;
pub mod error;
mod figures;
mod hook;
mod mark;
mod memory;
mod observe;
mod options;
mod outcome;
mod retry;
mod run;
mod session;
#[cfg(feature = "sqlx")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlx")))]
pub mod sql;
mod store;
mod unit;
mod work;

pub use self::error::{Constraints, Error, Kind, TransactionId};
pub use self::figures::{Figures, StillOpen};
pub use self::memory::{Memory, MemorySession};
pub use self::options::{Isolation, Options};
pub use self::outcome::{Outcome, Resolution};
pub use self::retry::Retry;
pub use self::session::Session;
pub use self::store::Store;
pub use self::work::Work;
