//! Quotes and comments: where they begin and end in each database's SQL.
//!
//! Everything that reads statements asks here, so that no two readers take the same character for different things.

/// The database whose SQL a text is. Quotes and comments differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// `PostgreSQL`, with `standard_conforming_strings` on.
    #[cfg_attr(not(test), allow(dead_code, reason = "each is made where its driver is built in"))]
    Postgres,
    /// MySQL and MariaDB, with neither `ANSI_QUOTES` nor `NO_BACKSLASH_ESCAPES`.
    #[cfg_attr(not(test), allow(dead_code, reason = "each is made where its driver is built in"))]
    MySql,
    /// SQLite.
    #[cfg_attr(not(test), allow(dead_code, reason = "each is made where its driver is built in"))]
    Sqlite,
}

/// The kind of text that begins at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opaque {
    /// A comment.
    Comment,
    /// A text.
    Literal,
    /// A name in quotes, of one byte each.
    Name,
    /// The head of a comment whose inside MySQL carries out.
    Code,
    /// Nothing but this byte.
    Byte,
}

/// The kind of text that begins at `at`, and its end. `None` if it has no end.
pub(crate) fn opaque(syntax: Syntax, bytes: &[u8], at: usize) -> Option<(Opaque, usize)> {
    let (postgres, mysql) = (syntax == Syntax::Postgres, syntax == Syntax::MySql);
    let rest = bytes.get(at..).unwrap_or_default();
    let (what, length) = match rest {
        [b'\'', ..] if postgres && escapes(bytes, at) => (Opaque::Literal, continued(rest)),
        [b'\'', ..] => (Opaque::Literal, quoted(rest, b'\'', mysql)),
        [b'"', ..] => (if mysql { Opaque::Literal } else { Opaque::Name }, quoted(rest, b'"', mysql)),
        [b'`', ..] if !postgres => (Opaque::Name, quoted(rest, b'`', false)),
        [b'[', ..] if syntax == Syntax::Sqlite => (Opaque::Name, until(rest, b']')),
        [b'-', b'-', after @ ..] if !mysql || after.first().is_none_or(|byte| ends_dashes(*byte)) => {
            (Opaque::Comment, Some(line(rest, postgres)))
        }
        [b'#', ..] if mysql => (Opaque::Comment, Some(line(rest, false))),
        [b'/', b'*', b'!', ..] | [b'/', b'*', b'M', b'!', ..] if mysql => (Opaque::Code, Some(3)),
        [b'/', b'*', ..] => (Opaque::Comment, comment(rest, postgres)),
        [b'$', ..] if postgres && !follows_name(bytes, at) => match tag(rest) {
            Some(tag) => (Opaque::Literal, dollar(rest, tag)),
            None => (Opaque::Byte, Some(1)),
        },
        _ => (Opaque::Byte, Some(1)),
    };
    length.map(|length| (what, at + length))
}

/// How long a variable of SQLite's is that begins here: a sign, and a name that may have `::` in it. One that goes on with
/// `(…)` may have quotes in there that open nothing (<https://www.sqlite.org/lang_expr.html#varparam>).
pub(crate) fn variable(rest: &[u8]) -> Option<usize> {
    if !matches!(rest.first()?, b'$' | b':' | b'@' | b'#') {
        return None;
    }
    let (mut end, mut is_named) = (1, false);
    loop {
        match rest.get(end..).unwrap_or_default() {
            [byte, ..] if in_name(*byte) => (end, is_named) = (end + 1, true),
            [b':', b':', ..] => end += 2,
            _ => return is_named.then_some(end),
        }
    }
}

/// MySQL's `--` is two signs, unless a blank or a control character follows.
const fn ends_dashes(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte.is_ascii_control()
}

/// In bytes; servers take names of at most 64 characters.
const LONGEST_NAME: usize = 256;

/// Whether what begins at `at` goes on with a name that stands before it. A number is no name.
pub(crate) fn follows_name(bytes: &[u8], at: usize) -> bool {
    // Asked at each sign of a text, and so no further back than any name is long.
    let before = bytes.get(at.saturating_sub(LONGEST_NAME)..at).unwrap_or_default();
    let start = match before.iter().rposition(|byte| !in_name(*byte)) {
        Some(other) => other + 1,
        None if at > LONGEST_NAME => return true,
        None => 0,
    };
    before.get(start).is_some_and(|first| !first.is_ascii_digit() && *first != b'$')
}

pub(crate) const fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

/// Whether a quote is `PostgreSQL`'s `E'…'`, in which a backslash escapes.
fn escapes(bytes: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return false };
    matches!(bytes.get(before), Some(b'e' | b'E')) && !follows_name(bytes, before)
}

fn until(rest: &[u8], close: u8) -> Option<usize> {
    rest.iter().position(|byte| *byte == close).map(|end| end + 1)
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

/// `E'…'` goes on in the next quotes if a new line stands between, and escapes there, too
/// (<https://www.postgresql.org/docs/current/sql-syntax-lexical.html>, "String Constants").
fn continued(rest: &[u8]) -> Option<usize> {
    let mut end = 0;
    loop {
        end += quoted(rest.get(end..)?, b'\'', true)?;
        match next_quote(rest.get(end..).unwrap_or_default()) {
            Some(gap) => end += gap,
            None => return Some(end),
        }
    }
}

/// How far the next quote is, if nothing but blanks and comments and at least one new line stands before it.
fn next_quote(rest: &[u8]) -> Option<usize> {
    let (mut at, mut lines) = (0, 0);
    loop {
        match rest.get(at..)? {
            [b'\'', ..] => return (at == 0 || lines > 0).then_some(at),
            [b'\n' | b'\r', ..] => {
                lines += 1;
                at += 1;
            }
            [b' ' | b'\t' | 0x0b | 0x0c, ..] => at += 1,
            comment @ [b'-', b'-', ..] => at += comment.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?,
            _ => return None,
        }
    }
}

/// The end of the text ends a line, too.
fn line(rest: &[u8], also_return: bool) -> usize {
    let end = rest.iter().position(|byte| *byte == b'\n' || also_return && *byte == b'\r');
    end.map_or(rest.len(), |end| end + 1)
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

/// `$$` or `$name$`; any other dollar is a byte like others.
fn tag(rest: &[u8]) -> Option<&[u8]> {
    let name = rest.iter().skip(1).take_while(|byte| in_name(**byte) && **byte != b'$').count();
    rest.get(..name + 2).filter(|tag| tag.ends_with(b"$") && !tag.get(1).is_some_and(u8::is_ascii_digit))
}

fn dollar(rest: &[u8], tag: &[u8]) -> Option<usize> {
    let body = rest.get(tag.len()..)?;
    body.windows(tag.len()).position(|window| window == tag).map(|end| end + 2 * tag.len())
}
