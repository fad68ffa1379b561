//! SQL as a sequence of tokens, as far as one has to know it to leave the values out.

use crate::sql::text::opaque::{Opaque, Syntax, opaque, variable};

/// A piece of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sql) enum Token<'a> {
    /// A keyword or a name, without the quotes that it may have had.
    Word { text: &'a str, quote: Option<char> },
    /// A number or a text: what nobody may see.
    Literal,
    /// A placeholder, or a sign.
    Sign(&'a str),
}

/// The tokens of a statement, each with whether there was a blank or a comment before it. They end early where the text
/// [cannot be read](Self::is_unclear).
#[derive(Debug, Clone)]
pub(in crate::sql) struct Tokens<'a> {
    sql: &'a str,
    at: usize,
    syntax: Syntax,
    unclear: bool,
}

impl<'a> Tokens<'a> {
    pub(in crate::sql) const fn new(sql: &'a str, syntax: Syntax) -> Self {
        Self { sql, at: 0, syntax, unclear: false }
    }

    /// Whether the text could not be read to its end: quotes or a comment that are never closed, or a comment that is
    /// carried out. Nothing may be shown of such a text: what seems to be a word may be a part of a literal.
    pub(in crate::sql) const fn is_unclear(&self) -> bool {
        self.unclear
    }

    /// Where the next token is looked for, in bytes.
    pub(in crate::sql) const fn position(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a str {
        self.sql.get(self.at..).unwrap_or_default()
    }

    fn take_to(&mut self, end: usize) -> &'a str {
        let taken = self.sql.get(self.at..end).unwrap_or_default();
        self.at = end;
        taken
    }

    /// Takes a character, and those after it as long as they are wanted.
    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let mut more = self.rest().char_indices().skip(1);
        let length = more.find(|(_, char)| !wanted(*char)).map_or(self.rest().len(), |(at, _)| at);
        self.take_to(self.at + length)
    }

    fn give_up(&mut self) -> Option<Token<'a>> {
        self.unclear = true;
        self.at = self.sql.len();
        None
    }

    fn quoted(&mut self, end: usize) -> Token<'a> {
        let text = self.take_to(end);
        let inside = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
        Token::Word { text: inside, quote: text.chars().next() }
    }

    /// A text that ends here, unless it goes on with a doubled quote.
    fn literal(&mut self, mut end: usize) -> Token<'a> {
        while let Some((Opaque::Literal, next)) = opaque(self.syntax, self.sql.as_bytes(), end) {
            end = next;
        }
        self.at = end;
        Token::Literal
    }

    /// The next token and whether there was a blank or a comment before it.
    fn token(&mut self) -> Option<(bool, Token<'a>)> {
        let mut blank = false;
        loop {
            let first = self.rest().chars().next()?;
            if first.is_whitespace() {
                blank = true;
                self.take_while(char::is_whitespace);
                continue;
            }
            let token = match opaque(self.syntax, self.sql.as_bytes(), self.at) {
                Some((Opaque::Comment, end)) => {
                    blank = true;
                    self.at = end;
                    continue;
                }
                Some((Opaque::Literal, end)) => Some(self.literal(end)),
                Some((Opaque::Name, end)) => Some(self.quoted(end)),
                Some((Opaque::Byte, _)) => self.plain(first),
                Some((Opaque::Code, _)) | None => self.give_up(),
            };
            return token.map(|token| (blank, token));
        }
    }

    /// A token that neither quotes nor a comment begin.
    fn plain(&mut self, first: char) -> Option<Token<'a>> {
        let rest = self.rest().as_bytes();
        match first {
            _ if self.syntax == Syntax::Sqlite && variable(rest).is_some_and(|end| rest.get(end) == Some(&b'(')) => {
                self.give_up()
            }
            '0'..='9' => {
                self.take_while(|char| is_part(char) || char == '.');
                // Some versions of PostgreSQL begin a text here.
                if self.rest().starts_with('$') { self.give_up() } else { Some(Token::Literal) }
            }
            '$' | '?' => Some(Token::Sign(self.take_while(is_part))),
            _ if is_part(first) => {
                let text = self.take_while(|char| is_part(char) || char == '$');
                let prefix = self.syntax == Syntax::Postgres && text.eq_ignore_ascii_case("e");
                match opaque(self.syntax, self.sql.as_bytes(), self.at) {
                    Some((Opaque::Literal, end)) if prefix => Some(self.literal(end)),
                    _ => Some(Token::Word { text, quote: None }),
                }
            }
            _ => Some(Token::Sign(self.take_to(self.at + first.len_utf8()))),
        }
    }
}

fn is_part(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

impl<'a> Iterator for Tokens<'a> {
    type Item = (bool, Token<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.token()
    }
}

/// Gives the statement without its values, piece by piece: each of them is a `?`, blanks are one space, comments are gone.
/// `false` if the text cannot be read, and then nothing that was given may be shown.
pub(in crate::sql) fn without_values(sql: &str, syntax: Syntax, mut piece: impl FnMut(&str)) -> bool {
    let mut tokens = Tokens::new(sql, syntax);
    let mut before = [None; 2];
    while let Some((blank, token)) = tokens.next() {
        if blank && before[1].is_some() {
            piece(" ");
        }
        match token {
            Token::Literal => piece("?"),
            Token::Word { quote: Some('"'), .. } if syntax == Syntax::Sqlite && !names_table(before, &tokens) => {
                piece("?");
            }
            Token::Sign(text) | Token::Word { text, quote: None } => piece(text),
            Token::Word { text, quote: Some(quote) } => {
                let (open, close) = match quote {
                    '[' => ("[", "]"),
                    '`' => ("`", "`"),
                    _ => ("\"", "\""),
                };
                [open, text, close].into_iter().for_each(&mut piece);
            }
        }
        before = [before[1], Some(token)];
    }
    !tokens.is_unclear()
}

/// Whether what stands in `"…"` is certainly a name. SQLite takes it for a text where no column has that name.
fn names_table(before: [Option<Token<'_>>; 2], after: &Tokens<'_>) -> bool {
    let is = |token, words: &[&str]| match token {
        Some(Token::Word { text, quote: None }) => words.iter().any(|word| word.eq_ignore_ascii_case(text)),
        _ => false,
    };
    let [earlier, last] = before;
    // `IS DISTINCT FROM` and `VACUUM INTO` are followed by any expression.
    last == Some(Token::Sign("."))
        || is(last, &["INDEX", "JOIN", "TABLE", "UPDATE"])
        || is(last, &["FROM"]) && !is(earlier, &["DISTINCT"])
        || is(last, &["INTO"]) && is(earlier, &["INSERT", "REPLACE", "ABORT", "FAIL", "IGNORE", "ROLLBACK"])
        || after.rest().starts_with('.')
}

/// The words of a statement: its keywords and names. None of a text that cannot be read, nor what SQLite may take for a
/// text.
pub(in crate::sql) fn words(sql: &str, syntax: Syntax) -> Vec<&str> {
    let mut tokens = Tokens::new(sql, syntax);
    let mut words = Vec::new();
    for (_, token) in tokens.by_ref() {
        match token {
            Token::Word { quote: Some('"'), .. } if syntax == Syntax::Sqlite => {}
            Token::Word { text, .. } => words.push(text),
            Token::Literal | Token::Sign(_) => {}
        }
    }
    if tokens.is_unclear() { Vec::new() } else { words }
}

/// Whether a word or a sign stands at this byte, and neither a literal nor a comment.
pub(in crate::sql) fn is_word_at(sql: &str, syntax: Syntax, byte: usize) -> bool {
    let mut tokens = Tokens::new(sql, syntax);
    let mut found = false;
    while let Some((_, token)) = tokens.next() {
        let length = match token {
            Token::Literal => 0,
            Token::Sign(text) | Token::Word { text, quote: None } => text.len(),
            Token::Word { text, .. } => text.len() + 2,
        };
        let end = tokens.position();
        found |= (end.saturating_sub(length)..end).contains(&byte);
    }
    found && !tokens.is_unclear()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SYNTAXES: [Syntax; 3] = [Syntax::Postgres, Syntax::MySql, Syntax::Sqlite];

    fn shown(sql: &str, syntax: Syntax) -> Option<String> {
        let mut shown = String::new();
        without_values(sql, syntax, |piece| shown.push_str(piece)).then_some(shown)
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
            ("SELECT é FROM ü WHERE a = 'ö'", "SELECT é FROM ü WHERE a = ?"),
            ("SELECT a$1", "SELECT a$1"),
            ("", ""),
        ];
        for (sql, expected) in cases {
            for syntax in SYNTAXES {
                assert_eq!(shown(sql, syntax).as_deref(), Some(expected));
            }
        }
    }

    #[test]
    fn each_database_quotes_in_its_own_way() {
        let cases = [
            (
                Syntax::Postgres,
                r#"SELECT "a b" FROM "c""d" WHERE x = E'it\'s x' AND y = 'a\'"#,
                r#"SELECT "a b" FROM "c""d" WHERE x = ? AND y = ?"#,
            ),
            (Syntax::Postgres, "SELECT $$it's x$$, $a1$ $$ x $a1$, $1", "SELECT ?, ?, $1"),
            (Syntax::Postgres, "SELECT a::int # 5", "SELECT a::int # ?"),
            (Syntax::Postgres, "SELECT E'a'\n'\\'x', `b", "SELECT ?, `b"),
            (Syntax::Postgres, "SELECT /* /* x */ x */ a$b$ , 'x$b$x'", "SELECT a$b$ , ?"),
            (Syntax::Postgres, "SELECT 1 -- x\r, 'x\nx'", "SELECT ? , ?"),
            (
                Syntax::MySql,
                r#"SELECT `a b` FROM t WHERE x = "it's x" AND y = 'a\'b' # the x"#,
                "SELECT `a b` FROM t WHERE x = ? AND y = ?",
            ),
            (Syntax::MySql, r#"SELECT "a\"b""#, "SELECT ?"),
            (Syntax::MySql, "SELECT X'00', _utf8mb4'x'", "SELECT X?, _utf8mb4?"),
            (Syntax::MySql, "SELECT 1--'\nx'", "SELECT ?--?"),
            (Syntax::Sqlite, "SELECT [it's], 'x', [it's] FROM [a]", "SELECT [it's], ?, [it's] FROM [a]"),
            (Syntax::Sqlite, "SELECT 1 /* /* x */, 'x'", "SELECT ? , ?"),
            (Syntax::Sqlite, r#"SELECT "x", a."b", "c".d FROM "e""#, r#"SELECT ?, a."b", "c".d FROM "e""#),
            (Syntax::Sqlite, r#"SELECT a IS DISTINCT FROM "x" FROM "b""#, r#"SELECT a IS DISTINCT FROM ? FROM "b""#),
            (Syntax::Sqlite, r#"INSERT OR ABORT INTO "a" VALUES ("x")"#, r#"INSERT OR ABORT INTO "a" VALUES (?)"#),
            (Syntax::Sqlite, r#"VACUUM main INTO "x""#, "VACUUM main INTO ?"),
        ];
        for (syntax, sql, expected) in cases {
            assert_eq!(shown(sql, syntax).as_deref(), Some(expected), "{syntax:?}");
        }
    }

    #[test]
    fn a_text_that_cannot_be_read_shows_nothing() {
        for sql in ["SELECT 'never closed", "SELECT /* never closed", "SELECT \"never closed"] {
            for syntax in SYNTAXES {
                assert_eq!((shown(sql, syntax), words(sql, syntax)), (None, Vec::new()));
            }
        }
        assert_eq!(shown("SELECT $$never closed", Syntax::Postgres), None);
        assert_eq!(shown("SELECT /* /* */ never closed", Syntax::Postgres), None);
        assert_eq!(shown("SELECT 1$a$ x $a$", Syntax::Postgres), None);
        assert_eq!(shown("SELECT /*!40000 'x' */", Syntax::MySql), None);
        assert_eq!(shown("SELECT /*M! 'x' */", Syntax::MySql), None);
        assert_eq!(shown("SELECT [never closed", Syntax::Sqlite), None);
        for sign in ["$a", ":a", "@a", "#a", "$a::b", "$$", ":::a"] {
            let sql = format!("SELECT {sign}('), 'x', {sign}(')");
            assert_eq!((shown(&sql, Syntax::Sqlite), words(&sql, Syntax::Sqlite)), (None, Vec::new()), "{sql}");
        }
    }

    #[test]
    fn a_place_is_in_a_word_or_not() {
        let sql = "SELECT \"é\", 'x' /* y */ FROM t";
        let places = [("S", true), ("é", true), (",", true), ("x", false), ("y", false), ("t", true), (" F", false)];
        for (what, is_word) in places {
            assert_eq!(is_word_at(sql, Syntax::Postgres, sql.rfind(what).unwrap()), is_word, "{what}");
        }
        assert!(!is_word_at("SELECT a 'open", Syntax::Postgres, 0));
    }

    const SECRET: &str = "hushhush";

    /// Pieces that hold the secret in literals and comments alone, and traps for a reader that takes quotes for others.
    fn pieces(syntax: Syntax) -> &'static [&'static str] {
        match syntax {
            Syntax::Postgres => &[
                "E'\\'{}'",
                "E'a'\n'\\'{}'",
                "e'it''\\'{}'",
                "$q$ '{} $q$",
                "$$ ' {} $a$ $$",
                "/* /* ' */ '{} */",
                "a$b$ 'x$b${}'",
                "\"it's\"",
                "-- '\r '{}'",
                "'\\' , '{}'",
                "U&'{}'",
                "a <@ b ` '{}'",
            ],
            Syntax::MySql => &[
                "'\\'{}'",
                "\"'{}\"",
                "\"\\\"{}\"",
                "1--'\n{}'",
                "1 -- '{}\n",
                "# '{}\n",
                "`it's`",
                "/* /* ' {} */",
                "X'00'",
                "5--\"'{}\"",
                "@a := '{}'",
            ],
            Syntax::Sqlite => &[
                "[it's]",
                "`it's`",
                "\"{}\"",
                "'\\' , '{}'",
                "/* /* ' {} */",
                "x'00'",
                "-- '{}\n",
                "[a]]'{}'",
                "1--'{}\n",
            ],
        }
    }

    fn syntaxes() -> impl Strategy<Value = Syntax> {
        proptest::sample::select(&SYNTAXES[..])
    }

    proptest! {
        #[test]
        fn a_literal_is_never_shown(
            syntax in syntaxes(),
            parts in proptest::collection::vec((0_usize..24, "[^\\\\'*/\n\r]{0,6}"), 1..8),
        ) {
            let mut sql = String::from("SELECT a");
            for (shape, noise) in &parts {
                let piece = pieces(syntax).get(*shape).map_or_else(
                    || [format!("'{noise}{SECRET}{noise}'"), format!("/* {noise}{SECRET}*/"), format!("b{shape}")][shape % 3].clone(),
                    |piece| piece.replace("{}", SECRET),
                );
                sql = format!("{sql} , {piece}");
            }
            let shown = shown(&sql, syntax);
            prop_assert!(shown.as_ref().is_some_and(|shown| !shown.contains(SECRET)), "{sql}\n{shown:?}");
            prop_assert!(!words(&sql, syntax).contains(&SECRET));
            let summary = crate::sql::text::summary::Summary::new(&sql, syntax);
            let summary = format!("{summary:?}");
            prop_assert!(!summary.contains(SECRET), "{summary}");
        }

        #[test]
        fn no_text_breaks_it(sql in r#"[?'"`\[\]$#:@\-/*\\ \naE1üM!]{0,24}"#, syntax in syntaxes()) {
            let _ = (shown(&sql, syntax), words(&sql, syntax), is_word_at(&sql, syntax, 3));
        }
    }
}
