//! What can go wrong with a store. See the [chapter](super) of `data`.

mod constraint;
#[cfg(feature = "sqlx")]
mod earlier;
mod kind;
mod problem;
mod value;

pub use self::constraint::{Constraint, Constraints};
#[cfg(feature = "sqlx")]
pub(crate) use self::earlier::Earlier;
pub use self::kind::Kind;
pub use self::value::{Error, TransactionId};
