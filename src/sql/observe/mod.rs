//! The spans of statements, and how the text of a statement is read for them.

mod lex;
mod opaque;
mod query;
#[cfg(feature = "mysql")]
mod script;
mod summary;

pub(crate) use self::opaque::{Opaque, Syntax, follows_name, in_name, opaque, variable};
pub(crate) use self::query::{Peer, QuerySpan, QueryText};
#[cfg(feature = "mysql")]
pub(crate) use self::script::{statements, summary};
