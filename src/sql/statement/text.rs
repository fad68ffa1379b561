//! The text that is sent.

use std::borrow::Cow;
use std::iter;
use std::ops::Range;

use super::build::{Part, Statement, Words};
use super::mistake::Mistake;
use super::output::Output;
use super::template::Template;
use super::value::Value;
use crate::sql::text::kept::Kept;
use crate::sql::text::lex::{Kind, Token, Tokens, in_name};
use crate::sql::text::{Reader, Reading, Syntax};

/// A text in a database's own words.
#[derive(Debug)]
pub(in crate::sql) struct Text {
    pub(in crate::sql) sql: Cow<'static, str>,
    pub(super) placeholders: usize,
    /// Whether it is likely to be sent again as it is.
    pub(in crate::sql) common: bool,
    pub(in crate::sql) reading: Reading,
}

/// The statements of one part that the program has sent.
static WRITTEN: Kept<Result<Text, Mistake>> = Kept::new();

const BLANK: Token<'static> = Token { kind: Kind::Blank, text: " " };

impl<'q> Statement<'q> {
    /// The text that is sent, and its values; `None` if there is nothing to do. A text that is not kept is described
    /// if it is `described`, for a span or a count.
    pub(in crate::sql) fn finish(
        self,
        syntax: &'static Syntax,
        most: usize,
        described: fn() -> bool,
    ) -> Result<Option<(Text, Vec<Value<'q>>)>, Mistake> {
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        if self.nothing {
            return Ok(None);
        }
        let mut text = write(syntax, &self.first, &self.more, described)?;
        text.common &= !self.unprepared;
        let (placeholders, values) = (text.placeholders, self.values.len());
        if placeholders != values {
            return Err(Mistake::Count { placeholders, values });
        }
        if values > most {
            return Err(Mistake::TooMany { most, values });
        }
        Ok(Some((text, self.values)))
    }
}

/// Puts the parts of a statement together, and reads them.
fn write(syntax: &'static Syntax, first: &Words, more: &[Part], described: fn() -> bool) -> Result<Text, Mistake> {
    let words = first.of(syntax.system);
    if more.is_empty() {
        let written =
            WRITTEN.get(syntax.system, &iter::once(words), || true, |kept| alone(syntax, words, kept || described()));
        return written.map_or_else(|own| own, |kept| kept.as_ref().map(Text::lent).map_err(|mistake| *mistake));
    }
    let described = described();
    if !described && let Some(template) = Template::kept(syntax, first, more) {
        return template.text(syntax, more);
    }
    together(syntax, first, more, described)
}

/// A statement of several parts, all of which are read.
pub(super) fn together(
    syntax: &'static Syntax,
    first: &Words,
    more: &[Part],
    described: bool,
) -> Result<Text, Mistake> {
    let words = first.of(syntax.system);
    let mut writer = Writer::new(syntax, words.len() + 64, described);
    writer.words(words)?;
    for part in more {
        writer.next_line();
        match part {
            Part::Words(words) => writer.words(words.of(syntax.system))?,
            list => writer.output.list(list, Some(&mut writer.reader))?,
        }
    }
    Ok(writer.finish())
}

/// A statement of one part.
fn alone(syntax: &'static Syntax, words: &str, described: bool) -> Result<Text, Mistake> {
    let mut writer = Writer::new(syntax, words.len() + 16, described);
    writer.words(words)?;
    Ok(writer.finish())
}

/// How many placeholders are found in a part, if nothing is wrong with it.
#[cfg(fuzzing)]
pub(in crate::sql) fn placeholders(syntax: &'static Syntax, words: &str) -> Option<usize> {
    alone(syntax, words, true).ok().map(|text| text.placeholders)
}

impl Text {
    /// The same, lent by one that is kept.
    fn lent(&'static self) -> Self {
        let Self { sql, placeholders, common, reading } = self;
        Self { sql: Cow::Borrowed(sql), placeholders: *placeholders, common: *common, reading: reading.borrowed() }
    }
}

pub(super) struct Writer<'a> {
    syntax: &'static Syntax,
    pub(super) output: Output,
    /// Where the placeholders of the program's words are.
    pub(super) places: Vec<Range<usize>>,
    pub(super) reader: Reader<'a>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(syntax: &'static Syntax, length: usize, described: bool) -> Self {
        let (output, reader) = (Output::new(syntax, length), Reader::new(syntax, true, described));
        Self { syntax, output, places: Vec::new(), reader }
    }

    /// The text, as it was read.
    pub(super) fn finish(self) -> Text {
        let reading = self.reader.finish(&self.output.sql);
        self.output.text(reading)
    }

    /// Begins the next part.
    pub(super) fn next_line(&mut self) {
        self.output.sql.push('\n');
        self.reader.token(BLANK);
    }

    pub(super) fn words(&mut self, words: &'a str) -> Result<(), Mistake> {
        // To PostgreSQL, quotes on the next line are more of the same text.
        if self.syntax.escape_strings
            && self.output.sql.trim_end().ends_with('\'')
            && words.trim_start().starts_with('\'')
        {
            return Err(Mistake::Open);
        }
        let mut tokens = Tokens::new(words, self.syntax);
        let mut after_placeholder = false;
        for token in tokens.by_ref() {
            match (token.kind, token.text) {
                (Kind::Open, _) => return Err(Mistake::Open),
                (Kind::Parameter, "?") => {
                    self.set_apart(self.output.sql.bytes().last());
                    self.reader.token(token);
                    let begin = self.output.sql.len();
                    self.output.placeholder();
                    self.places.push(begin..self.output.sql.len());
                }
                (Kind::Parameter, text) => return Err(Mistake::Foreign(text.chars().next().unwrap_or('?'))),
                (Kind::Sign, "??") if !self.syntax.numbered => return Err(Mistake::Operator),
                (Kind::Sign, "??") => {
                    self.output.sql.push('?');
                    self.reader.token(token);
                }
                (_, text) => {
                    if after_placeholder {
                        self.set_apart(text.bytes().next());
                    }
                    self.output.sql.push_str(text);
                    self.reader.token(token);
                }
            }
            after_placeholder = token.kind == Kind::Parameter;
        }
        self.reader.note_certainty(&tokens);
        Ok(())
    }

    /// Keeps a numbered placeholder and what stands beside it two words: `LIMIT?` is two, and `LIMIT$1` is one.
    fn set_apart(&mut self, beside: Option<u8>) {
        if self.syntax.numbered && beside.is_some_and(in_name) {
            self.output.sql.push(' ');
            self.reader.token(BLANK);
        }
    }
}

#[allow(clippy::mixed_attributes_style, reason = "the databases that it needs are features")]
#[cfg(test)]
mod tests {
    #![cfg(all(feature = "mysql", feature = "postgres", feature = "sqlite"))]

    use proptest::prelude::*;

    use super::*;
    use crate::sql::mysql::SYNTAX as MYSQL;
    use crate::sql::postgres::SYNTAX as POSTGRES;
    use crate::sql::sqlite::SYNTAX as SQLITE;

    const SYNTAXES: [&Syntax; 3] = [&POSTGRES, &MYSQL, &SQLITE];

    /// The text that is sent for one part, and the number of its placeholders.
    fn sent(syntax: &'static Syntax, words: &str) -> Result<(String, usize), Mistake> {
        let text = alone(syntax, words, true)?;
        Ok((text.sql.into_owned(), text.placeholders))
    }

    fn postgres(words: &str) -> String {
        sent(&POSTGRES, words).unwrap().0
    }

    fn placeholders(syntax: &'static Syntax, words: &str) -> usize {
        sent(syntax, words).unwrap().1
    }

    #[test]
    fn postgres_counts_its_placeholders() {
        assert_eq!(postgres("SELECT ?"), "SELECT $1");
        assert_eq!(postgres("?, ?,?"), "$1, $2,$3");
        assert_eq!(postgres("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"), "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
        assert_eq!(postgres("a ?? b AND c ??| ? AND d ??& ?"), "a ? b AND c ?| $1 AND d ?& $2");
        assert_eq!(postgres("?::bigint + a[?]"), "$1::bigint + a[$2]");
    }

    #[test]
    fn a_placeholder_does_not_grow_into_a_name() {
        assert_eq!(postgres("LIMIT?"), "LIMIT $1");
        assert_eq!(postgres("?AND ü?ü"), "$1 AND ü $2 ü");
        assert_eq!(postgres("_?_"), "_ $1 _");
        assert_eq!(postgres("1?"), "1 $1");
    }

    #[test]
    fn what_is_quoted_is_left_alone() {
        let untouched = [
            "'?'",
            "'it''s ?'",
            r"'\', '?'",
            r"E'\'?'",
            r"e'\\', '?'",
            "\"a?\"",
            "\"a\"\"?\"",
            "$$?$$",
            "$a$ $$?$$ $b$ ? $a$",
            "$_1$?$_1$",
            "$ü$?$ü$",
            "-- ?",
            "/* ? */",
            "/* /* ? */ ? */",
            "a$b$c",
        ];
        for words in untouched {
            assert_eq!(sent(&POSTGRES, words), Ok((words.to_owned(), 0)), "{words}");
        }
        assert_eq!(postgres(r"'\' = ?"), r"'\' = $1");
        assert_eq!(postgres(r"name'\' = ?"), r"name'\' = $1", "the end of a name is no E");
        assert_eq!(postgres("-- ?\n?"), "-- ?\n$1");
        assert_eq!(postgres("a$b$ ? c$b$"), "a$b$ $1 c$b$", "a dollar in a name opens nothing");
        assert_eq!(postgres("a[?] # ? - ? / ?"), "a[$1] # $2 - $3 / $4");
    }

    #[test]
    fn each_database_quotes_in_its_own_way() {
        let words = [
            (r"'\'?', ? -- '", [Some(1), Some(1), Some(1)]),
            (r"'\'?', ?", [None, Some(1), None]),
            (r#""\"?", ?"#, [None, Some(1), None]),
            ("`?`", [Some(1), Some(0), Some(0)]),
            ("[?]", [Some(1), Some(1), Some(0)]),
            ("# ?", [Some(1), Some(0), Some(1)]),
            ("5--?", [Some(0), Some(1), Some(0)]),
            ("5 -- ?", [Some(0), Some(0), Some(0)]),
            ("--\t?", [Some(0), Some(0), Some(0)]),
            ("--", [Some(0), Some(0), Some(0)]),
            ("/*! ? */ ?", [Some(1), Some(2), Some(1)]),
            ("/*M!100100 ? */ ?", [Some(1), Some(2), Some(1)]),
            ("/*+ ? */ ?", [Some(1), Some(1), Some(1)]),
            ("$$ ? $$", [Some(0), Some(1), None]),
            ("-- \r ?", [Some(1), Some(0), Some(0)]),
            ("5--\u{1}?", [Some(0), Some(0), Some(0)]),
            ("E'a'\n'\\'?'", [Some(0), Some(0), None]),
            ("E'a' -- it's\n -- ?\n '\\'?'", [Some(0), Some(0), None]),
            ("E'it''\\'?'", [Some(0), Some(0), None]),
            ("E'a' '\\', ?", [Some(1), None, Some(1)]),
            ("'a'\n'\\', ?", [Some(1), None, Some(1)]),
        ];
        for (words, expected) in words {
            let counted = SYNTAXES.map(|syntax| sent(syntax, words).ok().map(|(_, count)| count));
            assert_eq!(counted, expected, "{words}");
        }
        assert_eq!(placeholders(&MYSQL, r"'\\', ?"), 1);
    }

    #[test]
    fn what_cannot_be_meant_is_a_mistake() {
        for syntax in SYNTAXES {
            for open in ["'", "'''", "\"", "/*", "/*/", "a 'b"] {
                assert_eq!(sent(syntax, open), Err(Mistake::Open), "{open}");
            }
        }
        assert_eq!(sent(&POSTGRES, "$$ ? $a$"), Err(Mistake::Open));
        assert_eq!(sent(&POSTGRES, "/* /* */"), Err(Mistake::Open));
        assert_eq!(sent(&MYSQL, "a ?? b"), Err(Mistake::Operator));
        assert_eq!(sent(&SQLITE, "[a"), Err(Mistake::Open));
        let parts = [Part::Words(Words::new("SELECT E'a'")), Part::Words(Words::new("'\\' = ?"))];
        let written = write(&POSTGRES, &Words::new("--"), &parts, || false);
        assert_eq!(written.map(|text| text.sql).unwrap_err(), Mistake::Open);
    }

    #[test]
    fn a_placeholder_has_neither_a_number_nor_a_name() {
        let everywhere =
            ["?1", "$1", "$name", "a = $1 OR ? IS NULL", ":name", ":1", "a=:ü", "(:a)", "12$1", "-:a", "/**/$1"];
        for syntax in SYNTAXES {
            for words in everywhere {
                assert!(matches!(sent(syntax, words), Err(Mistake::Foreign(_))), "{words}: {:?}", sent(syntax, words));
            }
            for sign in ["?1", "$1", ":name", "@name", "$name"] {
                for hidden in [format!("'{sign}'"), format!("-- {sign}"), format!("/* {sign} */")] {
                    assert_eq!(sent(syntax, &hidden), Ok((hidden.clone(), 0)));
                }
            }
        }
        let own = [
            ("@name", [false, true, false]),
            ("a=@name", [false, true, false]),
            ("@a:=1, @@global.b", [false, true, false]),
            ("a@name", [true, true, false]),
            ("@ a, @-5, a @> b, a <@b, a @@to_tsquery(b)", [true, true, false]),
            ("a$1, a1$1", [true, true, true]),
            ("1::int, a::text", [true, true, true]),
            ("a = #b", [true, true, false]),
            ("a = $::b OR a = :::b OR a = @::b", [true, true, false]),
            ("a # b, a :: int", [true, true, true]),
            ("a:=1", [true, true, true]),
            ("a[1:n], a[:n], a[1 :n], a['x':n]", [true, true, true]),
            ("label:LOOP", [true, true, false]),
            ("$$ $1 :a $$", [true, false, false]),
        ];
        for (words, fine) in own {
            assert_eq!(SYNTAXES.map(|syntax| sent(syntax, words).is_ok()), fine, "{words}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(words in r#"[?'"`\[\]$#:@\-/*\\ \naE1üM!]{0,24}"#) {
            for syntax in SYNTAXES {
                let _ = sent(syntax, &words);
            }
        }

        #[test]
        fn what_has_no_question_mark_is_sent_as_it_is(words in r#"['"`\[\]$#\-/*\\ \naE1üM!]{0,24}"#) {
            for syntax in SYNTAXES {
                if let Ok(sent) = sent(syntax, &words) {
                    prop_assert_eq!(sent, (words.clone(), 0));
                }
            }
        }

        /// A quoted text stays as it is, and the words after it are read, whatever stands around them.
        #[test]
        fn quotes_end_where_they_should(inside in "[^'\\\\]{0,12}") {
            for syntax in SYNTAXES {
                let (text, count) = sent(syntax, &format!("SELECT '{inside}', ?")).unwrap();
                let sign = if syntax.numbered { "$1" } else { "?" };
                prop_assert_eq!((text, count), (format!("SELECT '{inside}', {sign}"), 1));
            }
        }
    }
}
