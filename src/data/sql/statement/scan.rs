//! Where the placeholders of a text are: `?` counts unless it is quoted or a comment.

use std::fmt;

/// Whose words a text is in. What is quoted, and what is a comment, differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))]
    Postgres,
    #[cfg_attr(not(feature = "mysql"), allow(dead_code))]
    MySql,
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
    Sqlite,
}

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

/// What is wrong with a statement, before anything of it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    /// `?1` means something on SQLite alone.
    Numbered,
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
            Self::Numbered => f.write_str("a placeholder of a statement is ? without a number"),
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
pub(super) const fn pieces(system: System, text: &str) -> Pieces<'_> {
    Pieces { system, text, at: 0 }
}

pub(super) struct Pieces<'a> {
    system: System,
    text: &'a str,
    at: usize,
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
            match opaque(self.system, bytes, self.at) {
                Some(end) => self.at = end,
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
            Some(b'?') if self.system == System::Postgres => {
                self.at += 2;
                Ok(Piece::QuestionMark)
            }
            Some(b'?') => Err(Mistake::Operator),
            Some(b'0'..=b'9') => Err(Mistake::Numbered),
            _ => {
                self.at += 1;
                Ok(Piece::Placeholder)
            }
        }
    }
}

/// Whether something other than a word may begin with this byte.
const fn opens(byte: u8) -> bool {
    matches!(byte, b'?' | b'\'' | b'"' | b'`' | b'[' | b'-' | b'#' | b'/' | b'$')
}

/// Where what begins at `at` ends: a quote, a comment, or a single byte. `None` if it has no end.
fn opaque(system: System, bytes: &[u8], at: usize) -> Option<usize> {
    let mysql = system == System::MySql;
    let rest = bytes.get(at..).unwrap_or_default();
    let length = match rest {
        [b'\'', ..] => quoted(rest, b'\'', mysql || escapes(system, bytes, at)),
        [b'"', ..] => quoted(rest, b'"', mysql),
        [b'`', ..] if system != System::Postgres => quoted(rest, b'`', false),
        [b'[', ..] if system == System::Sqlite => rest.iter().position(|byte| *byte == b']').map(|end| end + 1),
        [b'-', b'-', after @ ..] if !mysql || after.first().is_none_or(|b| b.is_ascii_whitespace()) => line(rest),
        [b'#', ..] if mysql => line(rest),
        // What stands in one of these is carried out, placeholders and all.
        [b'/', b'*', b'!', ..] | [b'/', b'*', b'M', b'!', ..] if mysql => Some(3),
        [b'/', b'*', ..] => comment(rest, system == System::Postgres),
        [b'$', ..] if system == System::Postgres && !follows_name(bytes, at) => dollar(rest),
        _ => Some(1),
    };
    length.map(|length| at + length)
}

/// Whether the byte before `at` belongs to a name, so that what begins at `at` goes on with it.
fn follows_name(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|byte| in_name(*byte))
}

pub(super) const fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

/// Whether a quote is `PostgreSQL`'s `E'…'`, in which a backslash escapes.
fn escapes(system: System, bytes: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return false };
    system == System::Postgres && matches!(bytes.get(before), Some(b'e' | b'E')) && !follows_name(bytes, before)
}

/// A doubled quote needs no rule: it ends a quoted text and begins the next.
fn quoted(rest: &[u8], quote: u8, backslash: bool) -> Option<usize> {
    let mut at = 1;
    loop {
        match rest.get(at)? {
            b'\\' if backslash => at += 2,
            byte if *byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The end of the text ends a line, too.
fn line(rest: &[u8]) -> Option<usize> {
    Some(rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1))
}

fn comment(rest: &[u8], nests: bool) -> Option<usize> {
    let (mut at, mut depth) = (2, 1_u32);
    loop {
        match (rest.get(at)?, rest.get(at + 1)) {
            (b'*', Some(b'/')) => {
                at += 2;
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            (b'/', Some(b'*')) if nests => {
                at += 2;
                depth += 1;
            }
            _ => at += 1,
        }
    }
}

/// `$$…$$` and `$name$…$name$`; any other dollar is a byte like others.
fn dollar(rest: &[u8]) -> Option<usize> {
    let name = rest.iter().skip(1).take_while(|byte| in_name(**byte) && **byte != b'$').count();
    let tag = match rest.get(..name + 2) {
        Some(tag) if tag.ends_with(b"$") && !tag.get(1).is_some_and(u8::is_ascii_digit) => tag,
        _ => return Some(1),
    };
    let body = rest.get(tag.len()..)?;
    body.windows(tag.len()).position(|window| window == tag).map(|end| end + 2 * tag.len())
}
