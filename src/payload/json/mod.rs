//! JSON as RFC 8259 defines it: the grammar, and reading through serde without its ambiguities.

mod document;
mod key;
mod nesting;
mod parser;
mod strict;
mod unique;
mod within;

pub(super) use self::document::{Document, Kind};
pub(super) use self::key::Key;
pub(super) use self::nesting::nests_too_deeply;
pub(super) use self::strict::read;

/// How deep arrays and objects may nest.
pub(super) const MAX_DEPTH: usize = 128;
