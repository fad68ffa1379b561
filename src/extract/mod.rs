//! What handlers take: extractors.

mod body;
mod form;
mod input;
mod json;
mod media;
mod path;
mod query;
mod raw;
mod read;

pub use self::form::Form;
pub use self::input::Input;
pub use self::path::Path;
pub use self::query::Query;
pub use self::raw::RawBody;
