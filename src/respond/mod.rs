//! What handlers answer with.

pub mod envelope;
mod json;
mod location;
#[cfg(feature = "page")]
mod page;
mod precondition;
mod status;
mod versioned;

pub use self::envelope::SuccessEnvelope;
pub use self::location::Location;
#[cfg(feature = "page")]
pub use self::page::{Cursor, CursorKeys, InvalidCursorKeys, Page};
pub use self::precondition::{IfMatch, IfNoneMatch, Preconditions};
pub use self::status::{Accepted, Created, NoContent, SeeOther};
pub use self::versioned::Versioned;
