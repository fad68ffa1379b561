//! The errors of a store. See the [chapter](super).

mod constraint;
#[cfg(feature = "sql")]
mod earlier;
mod kind;
mod problem;
mod value;

pub use self::constraint::{Constraint, Constraints};
#[cfg(feature = "sql")]
pub(crate) use self::earlier::Earlier;
pub use self::kind::ErrorKind;
pub use self::value::{Error, TransactionId};
