//! The text that is sent.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::build::{MOST_FILLED_UP, Part, Words};
use super::scan::{Mistake, Piece, pieces};
use crate::sql::text::{Syntax, in_name};

/// A text in a database's own words.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) sql: Cow<'static, str>,
    pub(super) placeholders: usize,
    /// Whether it is likely to be sent again as it is.
    pub(super) common: bool,
}

/// Above this many rows, a text is not worth a place among the statements that a connection keeps prepared: a statement
/// whose rows come in all numbers would leave no room for others (drivers keep 100).
const MOST_COMMON_ROWS: usize = 50;

/// Puts the parts of a statement together.
pub(super) fn write(syntax: Syntax, first: &Words, more: &[Part]) -> Result<Text, Mistake> {
    let words = first.of(syntax);
    if more.is_empty() && (syntax != Syntax::Postgres || !words.contains('?')) {
        let placeholders = count(syntax, words)?;
        return Ok(Text { sql: Cow::Borrowed(words), placeholders, common: true });
    }
    let mut writer = Writer { syntax, sql: String::with_capacity(words.len() + 64), placeholders: 0, common: true };
    writer.words(words)?;
    for part in more {
        writer.sql.push('\n');
        writer.part(part)?;
    }
    Ok(Text { sql: Cow::Owned(writer.sql), placeholders: writer.placeholders, common: writer.common })
}

/// How many placeholders are found in a part, if nothing is wrong with it.
#[cfg(fuzzing)]
pub(in crate::sql) fn placeholders(syntax: Syntax, words: &str) -> Option<usize> {
    let mut writer = Writer { syntax, sql: String::new(), placeholders: 0, common: true };
    writer.words(words).ok()?;
    assert_eq!(count(syntax, words), Ok(writer.placeholders), "counted and written");
    Some(writer.placeholders)
}

fn count(syntax: Syntax, words: &str) -> Result<usize, Mistake> {
    pieces(syntax, words).try_fold(0, |count, piece| Ok(count + usize::from(piece? == Piece::Placeholder)))
}

struct Writer {
    syntax: Syntax,
    sql: String,
    placeholders: usize,
    common: bool,
}

impl Writer {
    fn part(&mut self, part: &Part) -> Result<(), Mistake> {
        match *part {
            Part::Words(ref words) => return self.words(words.of(self.syntax)),
            Part::List { before, .. } | Part::Rows { before, .. } if before != self.placeholders => {
                return Err(Mistake::Order);
            }
            Part::List { length: 0, .. } => self.nothing(),
            Part::List { length, .. } => {
                self.common &= length <= MOST_FILLED_UP;
                self.group(length);
            }
            Part::Rows { rows, columns, .. } => self.rows(rows, columns),
        }
        Ok(())
    }

    fn words(&mut self, words: &str) -> Result<(), Mistake> {
        let mut after_placeholder = false;
        // To PostgreSQL, quotes on the next line are more of the same text.
        if self.syntax == Syntax::Postgres
            && self.sql.trim_end().ends_with('\'')
            && words.trim_start().starts_with('\'')
        {
            return Err(Mistake::Open);
        }
        for piece in pieces(self.syntax, words) {
            match piece? {
                Piece::Words(words) => {
                    if after_placeholder && words.bytes().next().is_some_and(in_name) {
                        self.sql.push(' ');
                    }
                    self.sql.push_str(words);
                }
                Piece::QuestionMark => self.sql.push('?'),
                Piece::Placeholder => {
                    // `LIMIT?` is two words, and `LIMIT$1` is one.
                    if self.syntax == Syntax::Postgres && self.sql.bytes().last().is_some_and(in_name) {
                        self.sql.push(' ');
                    }
                    self.placeholder();
                    after_placeholder = self.syntax == Syntax::Postgres;
                    continue;
                }
            }
            after_placeholder = false;
        }
        Ok(())
    }

    fn placeholder(&mut self) {
        self.placeholders += 1;
        if self.syntax == Syntax::Postgres {
            let _ = write!(self.sql, "${}", self.placeholders);
        } else {
            self.sql.push('?');
        }
    }

    /// A query of one column and no rows.
    fn nothing(&mut self) {
        self.sql.push_str("(SELECT ");
        self.placeholder();
        // MySQL reads WHERE only after FROM.
        self.sql.push_str(if self.syntax == Syntax::MySql { " FROM DUAL WHERE FALSE)" } else { " WHERE FALSE)" });
    }

    fn rows(&mut self, rows: usize, columns: usize) {
        self.common &= rows <= MOST_COMMON_ROWS;
        for row in 0..rows {
            if row > 0 {
                self.sql.push_str(", ");
            }
            self.group(columns);
        }
    }

    fn group(&mut self, length: usize) {
        self.sql.push('(');
        for at in 0..length {
            if at > 0 {
                self.sql.push_str(", ");
            }
            self.placeholder();
        }
        self.sql.push(')');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SYSTEMS: [Syntax; 3] = [Syntax::Postgres, Syntax::MySql, Syntax::Sqlite];

    /// The text that is sent for one part, and the number of its placeholders.
    fn sent(syntax: Syntax, words: &str) -> Result<(String, usize), Mistake> {
        let mut writer = Writer { syntax, sql: String::new(), placeholders: 0, common: true };
        writer.words(words)?;
        assert_eq!(count(syntax, words), Ok(writer.placeholders), "counted and written: {words}");
        Ok((writer.sql, writer.placeholders))
    }

    fn postgres(words: &str) -> String {
        sent(Syntax::Postgres, words).unwrap().0
    }

    fn placeholders(syntax: Syntax, words: &str) -> usize {
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
            assert_eq!(sent(Syntax::Postgres, words), Ok((words.to_owned(), 0)), "{words}");
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
            let counted = SYSTEMS.map(|syntax| sent(syntax, words).ok().map(|(_, count)| count));
            assert_eq!(counted, expected, "{words}");
        }
        assert_eq!(placeholders(Syntax::MySql, r"'\\', ?"), 1);
    }

    #[test]
    fn what_cannot_be_meant_is_a_mistake() {
        for syntax in SYSTEMS {
            for open in ["'", "'''", "\"", "/*", "/*/", "a 'b"] {
                assert_eq!(sent(syntax, open), Err(Mistake::Open), "{open}");
            }
        }
        assert_eq!(sent(Syntax::Postgres, "$$ ? $a$"), Err(Mistake::Open));
        assert_eq!(sent(Syntax::Postgres, "/* /* */"), Err(Mistake::Open));
        assert_eq!(sent(Syntax::MySql, "a ?? b"), Err(Mistake::Operator));
        assert_eq!(sent(Syntax::Sqlite, "[a"), Err(Mistake::Open));
        let parts = [Part::Words(Words::new("SELECT E'a'")), Part::Words(Words::new("'\\' = ?"))];
        let written = write(Syntax::Postgres, &Words::new("--"), &parts);
        assert_eq!(written.map(|text| text.sql).unwrap_err(), Mistake::Open);
    }

    #[test]
    fn a_placeholder_has_neither_a_number_nor_a_name() {
        let everywhere =
            ["?1", "$1", "$name", "a = $1 OR ? IS NULL", ":name", ":1", "a=:ü", "(:a)", "12$1", "-:a", "/**/$1"];
        for syntax in SYSTEMS {
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
            assert_eq!(SYSTEMS.map(|syntax| sent(syntax, words).is_ok()), fine, "{words}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(words in r#"[?'"`\[\]$#:@\-/*\\ \naE1üM!]{0,24}"#) {
            for syntax in SYSTEMS {
                let _ = sent(syntax, &words);
            }
        }

        #[test]
        fn what_has_no_question_mark_is_sent_as_it_is(words in r#"['"`\[\]$#\-/*\\ \naE1üM!]{0,24}"#) {
            for syntax in SYSTEMS {
                if let Ok(sent) = sent(syntax, &words) {
                    prop_assert_eq!(sent, (words.clone(), 0));
                }
            }
        }

        /// Whatever stands around it, what is quoted stays as it is, and what follows is seen.
        #[test]
        fn quotes_end_where_they_should(inside in "[^'\\\\]{0,12}") {
            for syntax in SYSTEMS {
                let (text, count) = sent(syntax, &format!("SELECT '{inside}', ?")).unwrap();
                let sign = if syntax == Syntax::Postgres { "$1" } else { "?" };
                prop_assert_eq!((text, count), (format!("SELECT '{inside}', {sign}"), 1));
            }
        }
    }
}
