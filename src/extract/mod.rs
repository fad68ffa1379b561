//! What handlers take: extractors.

mod body;
mod form;
mod headers;
mod input;
mod json;
mod media;
mod merge_patch;
mod path;
mod query;
mod raw;
mod unchecked;

pub use self::form::Form;
pub use self::headers::Headers;
pub use self::input::Input;
pub use self::merge_patch::MergePatch;
pub use self::path::Path;
pub use self::query::Query;
pub use self::raw::RawBody;
pub use self::unchecked::Unchecked;
