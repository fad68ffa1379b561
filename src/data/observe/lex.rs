//! SQL as a sequence of tokens, as far as one has to know it to leave the values out.

/// How a database writes what is no word.
#[derive(Debug, Clone, Copy, Default)]
pub struct Syntax {
    /// A backslash in a text takes the next character along.
    pub(crate) backslash: bool,
    /// `"…"` is a text and no name.
    pub(crate) double_quoted_text: bool,
    /// `#` begins a comment.
    pub(crate) hash_comment: bool,
    /// `$tag$…$tag$` is a text, and `E'…'` is one with backslashes.
    pub(crate) dollar_quotes: bool,
}

/// A piece of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A keyword or a name, without the quotes that it may have had.
    Word { text: &'a str, quote: Option<char> },
    /// A number or a text: what nobody may see.
    Literal,
    /// A placeholder, or a sign.
    Sign(&'a str),
}

/// The tokens of a statement, each with whether there was a blank or a comment before it.
#[derive(Debug, Clone)]
pub(super) struct Tokens<'a> {
    rest: &'a str,
    syntax: Syntax,
}

impl<'a> Tokens<'a> {
    pub(super) const fn new(sql: &'a str, syntax: Syntax) -> Self {
        Self { rest: sql, syntax }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Takes characters as long as they are wanted.
    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        self.take(self.rest.find(|char| !wanted(char)).unwrap_or(self.rest.len()))
    }

    fn skip_blanks(&mut self) -> bool {
        let before = self.rest.len();
        loop {
            self.take_while(char::is_whitespace);
            if self.rest.starts_with("/*") {
                self.take(self.rest.find("*/").map_or(self.rest.len(), |end| end + 2));
            } else if self.rest.starts_with("--") || self.syntax.hash_comment && self.rest.starts_with('#') {
                self.take_while(|char| char != '\n');
            } else {
                return self.rest.len() < before;
            }
        }
    }

    /// Takes what stands in quotes, with them. What is never closed goes on to the end.
    fn quoted(&mut self, quote: char, backslash: bool) -> &'a str {
        let mut chars = self.rest.char_indices().skip(1).peekable();
        while let Some((at, char)) = chars.next() {
            let doubled = char == quote && chars.peek().is_some_and(|(_, next)| *next == quote);
            if doubled || backslash && char == '\\' {
                chars.next();
            } else if char == quote {
                return self.take(at + 1);
            }
        }
        self.take(self.rest.len())
    }

    /// `$tag$`, if a text begins here.
    fn dollar_tag(&self) -> Option<&'a str> {
        let inner = self.rest.strip_prefix('$')?.split('$').next()?;
        let is_name = inner.chars().all(is_part) && !inner.starts_with(|char: char| char.is_ascii_digit());
        self.rest.get(..inner.len() + 2).filter(|tag| self.syntax.dollar_quotes && is_name && tag.ends_with('$'))
    }

    fn token(&mut self, first: char) -> Token<'a> {
        match first {
            '\'' => self.text(first, self.syntax.backslash),
            '"' if self.syntax.double_quoted_text => self.text(first, self.syntax.backslash),
            '"' | '`' => {
                let text = self.quoted(first, false);
                Token::Word { text: text.get(1..text.len() - 1).unwrap_or_default(), quote: Some(first) }
            }
            '0'..='9' => {
                self.take_while(|char| is_part(char) || char == '.');
                Token::Literal
            }
            '$' => match self.dollar_tag() {
                Some(tag) => {
                    self.take(tag.len());
                    self.take(self.rest.find(tag).map_or(self.rest.len(), |end| end + tag.len()));
                    Token::Literal
                }
                None => self.placeholder(),
            },
            '?' => self.placeholder(),
            _ if is_part(first) => match self.take_while(is_part) {
                "e" | "E" if self.syntax.dollar_quotes && self.rest.starts_with('\'') => self.text('\'', true),
                text => Token::Word { text, quote: None },
            },
            _ => Token::Sign(self.take(first.len_utf8())),
        }
    }

    fn text(&mut self, quote: char, backslash: bool) -> Token<'a> {
        self.quoted(quote, backslash);
        Token::Literal
    }

    /// `?`, `?1`, `$1` or `$name`.
    fn placeholder(&mut self) -> Token<'a> {
        let end = self.rest.char_indices().skip(1).find(|(_, char)| !is_part(*char));
        Token::Sign(self.take(end.map_or(self.rest.len(), |(at, _)| at)))
    }
}

fn is_part(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

impl<'a> Iterator for Tokens<'a> {
    type Item = (bool, Token<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let blank = self.skip_blanks();
        let first = self.rest.chars().next()?;
        Some((blank, self.token(first)))
    }
}

/// Gives the statement without its values, piece by piece: each of them is a `?`, blanks are one space, comments are gone.
pub(super) fn without_values(sql: &str, syntax: Syntax, mut piece: impl FnMut(&str)) {
    for (at, (blank, token)) in Tokens::new(sql, syntax).enumerate() {
        if blank && at > 0 {
            piece(" ");
        }
        match token {
            Token::Literal => piece("?"),
            Token::Sign(text) | Token::Word { text, quote: None } => piece(text),
            Token::Word { text, quote: Some(quote) } => {
                let quote = if quote == '"' { "\"" } else { "`" };
                [quote, text, quote].into_iter().for_each(&mut piece);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTGRES: Syntax =
        Syntax { backslash: false, double_quoted_text: false, hash_comment: false, dollar_quotes: true };
    const MYSQL: Syntax =
        Syntax { backslash: true, double_quoted_text: true, hash_comment: true, dollar_quotes: false };

    fn shown(sql: &str, syntax: Syntax) -> String {
        let mut shown = String::new();
        without_values(sql, syntax, |piece| shown.push_str(piece));
        shown
    }

    #[test]
    fn values_are_left_out_and_all_else_is_kept() {
        let cases = [
            ("SELECT a FROM t WHERE b = 'x' AND c = 1.5e3", "SELECT a FROM t WHERE b = ? AND c = ?"),
            (
                "SELECT a1, t2.b FROM t2 WHERE c=$1 AND d=?2 AND e=?",
                "SELECT a1, t2.b FROM t2 WHERE c=$1 AND d=?2 AND e=?",
            ),
            ("  SELECT\n\t1 -- the x\n, /* a */ 2", "SELECT ? , ?"),
            ("SELECT 'it''s x', '', 'y'", "SELECT ?, ?, ?"),
            ("SELECT 'never closed", "SELECT ?"),
            ("SELECT /* never closed", "SELECT"),
            ("SELECT é FROM ü WHERE a = 'ö'", "SELECT é FROM ü WHERE a = ?"),
            ("", ""),
        ];
        for (sql, expected) in cases {
            assert_eq!(shown(sql, POSTGRES), expected);
            assert_eq!(shown(sql, MYSQL), expected);
        }
    }

    #[test]
    fn each_database_quotes_in_its_own_way() {
        let postgres = [
            (
                r#"SELECT "a b" FROM "c""d" WHERE x = E'it\'s x' AND y = 'a\'"#,
                r#"SELECT "a b" FROM "c""d" WHERE x = ? AND y = ?"#,
            ),
            ("SELECT $$it's x$$, $a1$ $$ x $a1$, $1", "SELECT ?, ?, $1"),
            ("SELECT $$never closed", "SELECT ?"),
            ("SELECT a::int # 5", "SELECT a::int # ?"),
            ("SELECT a$1", "SELECT a$1"),
        ];
        for (sql, expected) in postgres {
            assert_eq!(shown(sql, POSTGRES), expected);
        }
        let mysql = [
            (
                r#"SELECT `a b` FROM t WHERE x = "it's x" AND y = 'a\'b' # the x"#,
                "SELECT `a b` FROM t WHERE x = ? AND y = ?",
            ),
            (r#"SELECT "a\"b""#, "SELECT ?"),
            ("SELECT X'00', _utf8mb4'x'", "SELECT X?, _utf8mb4?"),
        ];
        for (sql, expected) in mysql {
            assert_eq!(shown(sql, MYSQL), expected);
        }
    }
}
