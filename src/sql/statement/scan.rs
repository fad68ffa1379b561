//! Where the placeholders of a text are: `?` counts unless it is quoted or a comment.

use std::fmt;

use crate::sql::text::{Opaque, Syntax, follows_name, in_name, opaque, variable};

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Goes to the database as it is.
    Words(&'a str),
    /// `?`
    Placeholder,
    /// `??`, which stands for an operator `?` of `PostgreSQL`.
    QuestionMark,
}

/// A mistake in a statement, found before anything of it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
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

/// The pieces of a text.
pub(super) const fn pieces(syntax: Syntax, text: &str) -> Pieces<'_> {
    Pieces { syntax, text, at: 0, brackets: 0 }
}

pub(super) struct Pieces<'a> {
    syntax: Syntax,
    text: &'a str,
    at: usize,
    /// How many square brackets are open: a colon in them is `PostgreSQL`'s slice of an array.
    brackets: u32,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Result<Piece<'a>, Mistake>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        if start >= bytes.len() {
            return None;
        }
        if bytes.get(start) == Some(&b'?') {
            return Some(self.question_mark(bytes.get(start + 1).copied()));
        }
        // Most of a text opens nothing.
        while let Some(length) = bytes.get(self.at..).and_then(|rest| rest.iter().position(|byte| opens(*byte))) {
            self.at += length;
            if bytes.get(self.at) == Some(&b'?') {
                return self.words(start, self.at);
            }
            match opaque(self.syntax, bytes, self.at) {
                Some((Opaque::Byte, end)) => {
                    if let Some(sign) = self.foreign(bytes) {
                        return Some(Err(Mistake::Foreign(sign)));
                    }
                    self.at = end;
                }
                Some((_, end)) => self.at = end,
                None => return Some(Err(Mistake::Open)),
            }
        }
        self.at = bytes.len();
        self.words(start, self.at)
    }
}

impl<'a> Pieces<'a> {
    fn words(&self, from: usize, to: usize) -> Option<Result<Piece<'a>, Mistake>> {
        self.text.get(from..to).map(|words| Ok(Piece::Words(words)))
    }

    fn question_mark(&mut self, next: Option<u8>) -> Result<Piece<'a>, Mistake> {
        match next {
            Some(b'?') if self.syntax == Syntax::Postgres => {
                self.at += 2;
                Ok(Piece::QuestionMark)
            }
            Some(b'?') => Err(Mistake::Operator),
            Some(b'0'..=b'9') => Err(Mistake::Foreign('?')),
            _ => {
                self.at += 1;
                Ok(Piece::Placeholder)
            }
        }
    }

    /// The sign of a placeholder other than `?`, if one begins here. Databases would bind it to a value of its own
    /// choice or to none, in silence.
    fn foreign(&mut self, bytes: &[u8]) -> Option<char> {
        let sign = *bytes.get(self.at)?;
        match sign {
            b'[' => self.brackets += 1,
            b']' => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
        let before = self.at.checked_sub(1).and_then(|before| bytes.get(before)).copied();
        let after = *bytes.get(self.at + 1)?;
        let is_placeholder = match sign {
            _ if self.syntax == Syntax::Sqlite => {
                let goes_on = sign == b'$' && follows_name(bytes, self.at) || sign == b':' && before == Some(b':');
                !goes_on && variable(bytes.get(self.at..).unwrap_or_default()).is_some()
            }
            b'$' => in_name(after) && after != b'$' && !follows_name(bytes, self.at),
            b':' => in_name(after) && before != Some(b':') && !self.is_infix(before),
            b'@' => self.is_parameter(before, after),
            _ => false,
        };
        is_placeholder.then_some(char::from(sign))
    }

    /// Whether a colon stands between two things on a server: a slice, a label, a member of an object.
    fn is_infix(&self, before: Option<u8>) -> bool {
        let ends = |byte| in_name(byte) || matches!(byte, b'\'' | b'"' | b'`' | b')' | b']');
        before.is_some_and(ends) || self.brackets > 0
    }

    /// Whether an `@` begins a parameter on a server. MySQL has variables of that form; `PostgreSQL` has operators, of
    /// which the one that takes the absolute value may stand before a name, and has to be set apart from it.
    fn is_parameter(&self, before: Option<u8>, after: u8) -> bool {
        match self.syntax {
            Syntax::MySql | Syntax::Sqlite => false,
            Syntax::Postgres => {
                let begins = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'(' | b',' | b'=');
                in_name(after) && !after.is_ascii_digit() && before.is_none_or(begins)
            }
        }
    }
}

/// Whether something other than a word may begin with this byte.
const fn opens(byte: u8) -> bool {
    matches!(byte, b'?' | b'\'' | b'"' | b'`' | b'[' | b']' | b'-' | b'#' | b'/' | b'$' | b':' | b'@')
}
