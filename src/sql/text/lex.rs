//! SQL as tokens. They add up to the text: nothing is left out, and nothing is changed.

use super::syntax::{DoubleQuotes, Syntax};

/// A piece of SQL, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sql) struct Token<'a> {
    pub(in crate::sql) kind: Kind,
    pub(in crate::sql) text: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sql) enum Kind {
    /// White space, or a comment.
    Blank,
    /// A keyword, or a name without quotes.
    Word,
    /// A name in quotes. A doubled quote begins another one.
    Name,
    /// A text. One that goes on after a doubled quote is one token.
    Literal,
    Number,
    /// `?`, or a parameter with a number or a name: `?1`, `$1`, `:name`, `@name`, `#name`.
    Parameter,
    /// Any other sign, of one byte; but `??` is one.
    Sign,
    /// The head of a comment whose inside MySQL carries out.
    Code,
    /// A quote or a comment without an end, to the end of the text.
    Open,
}

impl<'a> Token<'a> {
    /// A keyword or a name, without its quotes.
    pub(in crate::sql) fn name(self) -> Option<&'a str> {
        match self.kind {
            Kind::Word => Some(self.text),
            Kind::Name => self.text.get(1..self.text.len().saturating_sub(1)),
            _ => None,
        }
    }

    pub(in crate::sql) fn is(self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }

    pub(in crate::sql) const fn is_blank(self) -> bool {
        matches!(self.kind, Kind::Blank)
    }
}

/// The tokens of a text.
#[derive(Debug, Clone)]
pub(in crate::sql) struct Tokens<'a> {
    sql: &'a str,
    at: usize,
    syntax: &'static Syntax,
    /// How many square brackets are open: a colon in them is `PostgreSQL`'s slice of an array.
    open_brackets: u32,
    is_clear: bool,
    is_settled: bool,
}

impl<'a> Tokens<'a> {
    pub(in crate::sql) fn new(sql: &'a str, syntax: &'static Syntax) -> Self {
        // A server may take this for the end of the text.
        let is_clear = memchr::memchr(0, sql.as_bytes()).is_none();
        Self { sql, at: 0, syntax, open_brackets: 0, is_clear, is_settled: true }
    }

    /// Whether what was read so far is certainly what the database reads. If not, what seems to be a word may be a part
    /// of a text.
    pub(in crate::sql) const fn is_clear(&self) -> bool {
        self.is_clear
    }

    /// Whether the texts that were read so far end where they seem to, whatever the session makes of a backslash.
    pub(in crate::sql) const fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// Where the next token begins, in bytes.
    pub(in crate::sql) const fn position(&self) -> usize {
        self.at
    }

    fn before(&self) -> Option<u8> {
        self.at.checked_sub(1).and_then(|before| self.sql.as_bytes().get(before)).copied()
    }

    fn token(&mut self, rest: &[u8]) -> Option<(Kind, usize)> {
        let token = match *rest.first()? {
            _ if self.blank(rest) > 0 => (Kind::Blank, self.blanks(rest)),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(rest),
            b'0'..=b'9' => self.number(rest),
            b'\'' | b'"' | b'`' | b'[' | b'$' if self.quote(rest).is_some() => self.quoted(rest),
            b'-' | b'#' | b'/' if self.begins_comment(rest) => self.comment(rest),
            b'$' | b':' | b'@' | b'#' => match self.parameter(rest) {
                Some(length) => {
                    self.is_clear &= !(self.syntax.named_parameters && rest.get(length) == Some(&b'('));
                    (Kind::Parameter, length)
                }
                None => (Kind::Sign, 1),
            },
            b'?' if rest.get(1) == Some(&b'?') => (Kind::Sign, 2),
            b'?' => (Kind::Parameter, 1 + count(rest.get(1..), |byte| byte.is_ascii_digit())),
            sign => {
                match sign {
                    b'[' => self.open_brackets += 1,
                    b']' => self.open_brackets = self.open_brackets.saturating_sub(1),
                    _ => self.is_clear &= !sign.is_ascii_control(),
                }
                (Kind::Sign, 1)
            }
        };
        Some(token)
    }

    /// The length of a blank that begins here, or 0.
    fn blank(&self, rest: &[u8]) -> usize {
        match rest {
            [b' ' | b'\t'..=b'\r', ..] => 1,
            [0xef, 0xbb, 0xbf, ..] if self.syntax.byte_order_mark => 3,
            _ => 0,
        }
    }

    fn blanks(&self, rest: &[u8]) -> usize {
        let mut end = 0;
        loop {
            match self.blank(rest.get(end..).unwrap_or_default()) {
                0 => return end,
                length => end += length,
            }
        }
    }

    fn word(&mut self, rest: &[u8]) -> (Kind, usize) {
        match rest {
            [b'e' | b'E', quoted @ ..] if self.syntax.escape_strings && quoted.starts_with(b"'") => {
                match continued(quoted) {
                    Some(length) => (Kind::Literal, self.literal(rest, 1 + length)),
                    None => (Kind::Open, rest.len()),
                }
            }
            _ => (Kind::Word, count(Some(rest), in_name)),
        }
    }

    fn number(&mut self, rest: &[u8]) -> (Kind, usize) {
        let length = count(Some(rest), |byte| in_name(byte) && byte != b'$' || byte == b'.');
        let (number, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        // Versions of PostgreSQL differ in whether a text begins here.
        let escapes = self.syntax.escape_strings && number.ends_with(b"e") | number.ends_with(b"E");
        self.is_clear &= !(behind.starts_with(b"$") || escapes && behind.starts_with(b"'"));
        (Kind::Number, length)
    }

    /// The kind of token that a quote opens, if this is a quote.
    fn quote(&self, rest: &[u8]) -> Option<Kind> {
        let Syntax { double_quotes, backticks, brackets, dollar_quotes, .. } = *self.syntax;
        match *rest.first()? {
            b'\'' => Some(Kind::Literal),
            b'"' if double_quotes == DoubleQuotes::Text => Some(Kind::Literal),
            b'"' => Some(Kind::Name),
            b'`' if backticks => Some(Kind::Name),
            b'[' if brackets => Some(Kind::Name),
            b'$' if dollar_quotes => tag(rest).map(|_| Kind::Literal),
            _ => None,
        }
    }

    fn quoted(&mut self, rest: &[u8]) -> (Kind, usize) {
        match (self.quote(rest), self.end(rest)) {
            (Some(Kind::Literal), Some(end)) => (Kind::Literal, self.literal(rest, end)),
            (Some(kind), Some(end)) => (kind, end),
            _ => (Kind::Open, rest.len()),
        }
    }

    /// The end of what a quote opens.
    fn end(&self, rest: &[u8]) -> Option<usize> {
        match *rest.first()? {
            b'[' => memchr::memchr(b']', rest).map(|end| end + 1),
            b'$' => tag(rest).and_then(|tag| dollar(rest, tag)),
            quote => closed(rest, quote, self.syntax.backslashes && quote != b'`'),
        }
    }

    /// The end of a text whose closing quote stands here, unless it goes on, such as after a doubled quote.
    fn literal(&mut self, rest: &[u8], mut end: usize) -> usize {
        loop {
            let behind = rest.get(end..).unwrap_or_default();
            match self.end(behind).filter(|_| self.quote(behind) == Some(Kind::Literal)) {
                Some(more) => end += more,
                None => break,
            }
        }
        let Syntax { escape_strings, backslashes, .. } = *self.syntax;
        let is_escaped = escape_strings && !rest.starts_with(b"'");
        if (escape_strings || backslashes) && !is_escaped {
            let text = rest.get(..end).unwrap_or_default();
            let ends = |at: usize| matches!(text.get(at + 1), Some(b'\'' | b'"'));
            self.is_settled &= !memchr::memchr_iter(b'\\', text).any(ends);
        }
        end
    }

    fn begins_comment(&self, rest: &[u8]) -> bool {
        match rest {
            [b'#', ..] => self.syntax.hash_comments,
            [b'/', b'*', ..] => true,
            // MySQL's `--` is two signs, unless a blank or a control character follows.
            [b'-', b'-', after @ ..] => {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || byte.is_ascii_control();
                !self.syntax.dashes_need_blank || after.first().is_none_or(ends)
            }
            _ => false,
        }
    }

    fn comment(&mut self, rest: &[u8]) -> (Kind, usize) {
        match rest {
            [b'/', b'*', b'!', ..] | [b'/', b'*', b'M', b'!', ..] if self.syntax.executable_comments => {
                self.is_clear = false;
                (Kind::Code, 3)
            }
            [b'/', ..] => match comment(rest, self.syntax.comments_nest) {
                Some(end) => (Kind::Blank, end),
                None => (Kind::Open, rest.len()),
            },
            _ => (Kind::Blank, line(rest, self.syntax.return_ends_line)),
        }
    }

    /// The length of a parameter with a name or a number, if one begins here. A database would bind it to a value of
    /// its own choice or to none, in silence.
    fn parameter(&self, rest: &[u8]) -> Option<usize> {
        let before = self.before();
        if self.syntax.named_parameters {
            let goes_on = rest.starts_with(b":") && before == Some(b':');
            return if goes_on { None } else { variable(rest) };
        }
        let (sign, after) = (*rest.first()?, *rest.get(1)?);
        let is_parameter = in_name(after)
            && match sign {
                b'$' => after != b'$',
                b':' => before != Some(b':') && !self.is_infix(before),
                // PostgreSQL's operator that takes the absolute value may stand before a name, and has to be set apart.
                b'@' if self.syntax.at_parameters => {
                    let begins = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'(' | b',' | b'=');
                    !after.is_ascii_digit() && before.is_none_or(begins)
                }
                _ => false,
            };
        is_parameter.then(|| 1 + count(rest.get(1..), in_name))
    }

    /// Whether a colon stands between two things on a server: a slice, a label, a member of an object.
    fn is_infix(&self, before: Option<u8>) -> bool {
        let ends = |byte| in_name(byte) || matches!(byte, b'\'' | b'"' | b'`' | b')' | b']');
        before.is_some_and(ends) || self.open_brackets > 0
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let (kind, length) = self.token(self.sql.as_bytes().get(self.at..)?)?;
        let text = self.sql.get(self.at..self.at + length)?;
        self.is_clear &= kind != Kind::Open;
        self.at += length;
        Some(Token { kind, text })
    }
}

pub(in crate::sql) const fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

fn count(bytes: Option<&[u8]>, wanted: impl Fn(u8) -> bool) -> usize {
    let bytes = bytes.unwrap_or_default();
    bytes.iter().position(|byte| !wanted(*byte)).unwrap_or(bytes.len())
}

/// How long a variable of SQLite's is: a sign, and a name that may have `::` in it. One that goes on with `(…)` may have
/// quotes in there that open nothing (<https://www.sqlite.org/lang_expr.html#varparam>).
fn variable(rest: &[u8]) -> Option<usize> {
    let (mut end, mut is_named) = (1, false);
    loop {
        match rest.get(end..).unwrap_or_default() {
            [byte, ..] if in_name(*byte) => (end, is_named) = (end + 1, true),
            [b':', b':', ..] => end += 2,
            _ => return is_named.then_some(end),
        }
    }
}

/// The end of what is in quotes. A doubled quote needs no rule: it ends a quoted text and begins the next.
fn closed(rest: &[u8], quote: u8, backslash: bool) -> Option<usize> {
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
        end += closed(rest.get(end..)?, b'\'', true)?;
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
            [b'\n' | b'\r', ..] => (at, lines) = (at + 1, lines + 1),
            [b' ' | b'\t' | 0x0b | 0x0c, ..] => at += 1,
            comment @ [b'-', b'-', ..] => at += memchr::memchr2(b'\n', b'\r', comment)?,
            _ => return None,
        }
    }
}

/// The end of a line; the end of the text is one, too.
fn line(rest: &[u8], return_ends: bool) -> usize {
    let end = memchr::memchr2(b'\n', if return_ends { b'\r' } else { b'\n' }, rest);
    end.map_or(rest.len(), |end| end + 1)
}

fn comment(rest: &[u8], nests: bool) -> Option<usize> {
    let (mut at, mut depth) = (2, 1_u32);
    loop {
        match (rest.get(at)?, rest.get(at + 1)) {
            (b'*', Some(b'/')) if depth == 1 => return Some(at + 2),
            (b'*', Some(b'/')) => (at, depth) = (at + 2, depth - 1),
            (b'/', Some(b'*')) if nests => (at, depth) = (at + 2, depth + 1),
            _ => at += 1,
        }
    }
}

/// `$$` or `$name$`; any other dollar is a byte like others.
fn tag(rest: &[u8]) -> Option<&[u8]> {
    let name = count(rest.get(1..), |byte| in_name(byte) && byte != b'$');
    rest.get(..name + 2).filter(|tag| tag.ends_with(b"$") && !tag.get(1).is_some_and(u8::is_ascii_digit))
}

fn dollar(rest: &[u8], tag: &[u8]) -> Option<usize> {
    let body = rest.get(tag.len()..)?;
    memchr::memmem::find(body, tag).map(|end| end + 2 * tag.len())
}
