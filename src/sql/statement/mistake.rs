use std::fmt;

use crate::store::{Error, ErrorKind};

/// A mistake in a statement, found before anything of it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sql) enum Mistake {
    /// A numbered or named placeholder, of whichever database: `?1`, `$1`, `:name`, `@name`, `#name`. It begins with
    /// this sign.
    Foreign(char),
    /// `??` where `?` is no operator.
    Operator,
    /// A quote or a comment that does not end where its part of the text ends.
    Open,
    /// More or fewer values than placeholders.
    Count { placeholders: usize, values: usize },
    /// A list stands where a value of the words before it is still to come.
    Order,
    /// Rows of different lengths, or of none.
    Uneven,
    /// More values than the database takes.
    TooMany { most: usize, values: usize },
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(sign) => write!(
                f,
                "write ? for each value: the statement has a placeholder with a number or a name, which begins with {sign}"
            ),
            Self::Operator => f.write_str("?? is an operator ? of PostgreSQL; this database has none"),
            Self::Open => f.write_str("a quote or a comment does not end in its part of the statement"),
            Self::Count { placeholders, values } => {
                write!(f, "the statement has {placeholders} placeholders and was given {values} values")
            }
            Self::Order => f.write_str("the values before a list have to be bound before the list is pushed"),
            Self::Uneven => f.write_str("the rows of a statement are empty or of different lengths"),
            Self::TooMany { most, values } => {
                write!(f, "the statement was given {values} values, and this database takes {most}")
            }
        }
    }
}

impl std::error::Error for Mistake {}

impl From<Mistake> for Error {
    fn from(mistake: Mistake) -> Self {
        let kind =
            if matches!(mistake, Mistake::TooMany { .. }) { ErrorKind::Unsupported } else { ErrorKind::Configuration };
        Self::new(kind).because(mistake.to_string())
    }
}
