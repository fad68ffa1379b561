//! The meaning of a database error.

use crate::store::ErrorKind;

/// A kind, and the constraint where there is one.
#[derive(Debug)]
pub struct Classification {
    pub(crate) kind: ErrorKind,
    pub(crate) constraint: Option<String>,
    pub(crate) quotes: Quotes,
    /// The value that is wrong stands in the text of the statement.
    pub(crate) is_literal: bool,
    /// Names that stand in the address.
    names: Vec<String>,
}

/// The quoted parts of a message of the database.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Quotes {
    /// The message is of the schema's own making: a trigger or a routine raised it.
    Anything,
    /// Values, or something unknown.
    Values,
    /// Names and words of the statement.
    #[cfg_attr(not(any(feature = "mysql", feature = "sqlite")), allow(dead_code, reason = "they say so"))]
    Names,
    /// Names and words of the statement, if one stands at this character of it.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "it says so"))]
    NamesAt(usize),
    /// Names of the schema or of the address, and nothing else.
    #[cfg_attr(
        not(any(feature = "mysql", feature = "postgres", feature = "sqlite")),
        allow(dead_code, reason = "they say so")
    )]
    Schema,
}

impl From<ErrorKind> for Classification {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind, None, Quotes::Values)
    }
}

impl Classification {
    pub(crate) const fn new(kind: ErrorKind, constraint: Option<String>, quotes: Quotes) -> Self {
        Self { kind, constraint, quotes, is_literal: false, names: Vec::new() }
    }

    /// Adds names that may be shown.
    #[cfg_attr(not(any(feature = "mysql", feature = "postgres")), allow(dead_code, reason = "they have an address"))]
    pub(in crate::sql) fn knowing(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.names.extend(names);
        self
    }

    /// The names that may be shown, whatever the statement was: those of the constraint and of the address.
    pub(in crate::sql) fn known(&self) -> impl Iterator<Item = &str> {
        self.names.iter().chain(&self.constraint).map(String::as_str)
    }
}
