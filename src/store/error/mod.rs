//! The errors of a store. See the [chapter](super).

mod constraint;
mod kind;
mod problem;
mod value;

pub use self::constraint::{Constraint, Constraints};
pub use self::kind::Kind;
pub use self::value::{Error, TransactionId};
