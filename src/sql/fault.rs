//! What an error of a database means.

use crate::store::Kind;

/// A kind, and the constraint if there is one.
#[derive(Debug)]
pub struct Fault {
    pub(crate) kind: Kind,
    pub(crate) constraint: Option<String>,
    pub(crate) quotes: Quotes,
    /// What is wrong is a value that stands in the text of the statement.
    pub(crate) is_literal: bool,
}

/// The things that a database quotes in a message.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Quotes {
    /// The schema made the message: a trigger or a routine raised it.
    Anything,
    /// Values, or it is unknown what is quoted.
    Values,
    /// Names and words of the statement.
    #[cfg_attr(not(any(feature = "mysql", feature = "sqlite")), allow(dead_code, reason = "they say so"))]
    Names,
    /// Names and words of the statement, if one of them stands at this character of the statement.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "it says so"))]
    NamesAt(usize),
}

impl From<Kind> for Fault {
    fn from(kind: Kind) -> Self {
        Self::new(kind, None, Quotes::Values)
    }
}

impl Fault {
    pub(crate) const fn new(kind: Kind, constraint: Option<String>, quotes: Quotes) -> Self {
        Self { kind, constraint, quotes, is_literal: false }
    }
}
