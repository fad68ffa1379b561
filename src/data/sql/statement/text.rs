//! The text that is sent.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::build::{MOST_FILLED_UP, Part, Words};
use super::scan::{Mistake, Piece, System, in_name, pieces};

/// A text in a database's own words.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) sql: Cow<'static, str>,
    pub(super) placeholders: usize,
    /// Whether it is likely to be sent again as it is.
    pub(super) common: bool,
}

/// Above this many rows, a text is not worth a place among the statements that a connection keeps prepared.
const MOST_COMMON_ROWS: usize = 8;

/// Puts the parts of a statement together.
pub(super) fn write(system: System, first: &Words, more: &[Part]) -> Result<Text, Mistake> {
    let words = first.of(system);
    if more.is_empty() && (system != System::Postgres || !words.contains('?')) {
        let placeholders = count(system, words)?;
        return Ok(Text { sql: Cow::Borrowed(words), placeholders, common: true });
    }
    let mut writer = Writer { system, sql: String::with_capacity(words.len() + 64), placeholders: 0, common: true };
    writer.words(words)?;
    for part in more {
        writer.sql.push('\n');
        writer.part(part)?;
    }
    Ok(Text { sql: Cow::Owned(writer.sql), placeholders: writer.placeholders, common: writer.common })
}

fn count(system: System, words: &str) -> Result<usize, Mistake> {
    pieces(system, words).try_fold(0, |count, piece| Ok(count + usize::from(piece? == Piece::Placeholder)))
}

struct Writer {
    system: System,
    sql: String,
    placeholders: usize,
    common: bool,
}

impl Writer {
    fn part(&mut self, part: &Part) -> Result<(), Mistake> {
        match *part {
            Part::Words(ref words) => return self.words(words.of(self.system)),
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
        for piece in pieces(self.system, words) {
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
                    if self.system == System::Postgres && self.sql.bytes().last().is_some_and(in_name) {
                        self.sql.push(' ');
                    }
                    self.placeholder();
                    after_placeholder = self.system == System::Postgres;
                    continue;
                }
            }
            after_placeholder = false;
        }
        Ok(())
    }

    fn placeholder(&mut self) {
        self.placeholders += 1;
        if self.system == System::Postgres {
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
        self.sql.push_str(if self.system == System::MySql { " FROM DUAL WHERE FALSE)" } else { " WHERE FALSE)" });
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

    const SYSTEMS: [System; 3] = [System::Postgres, System::MySql, System::Sqlite];

    /// What is sent for one part, and how many placeholders it has.
    fn sent(system: System, words: &str) -> Result<(String, usize), Mistake> {
        let mut writer = Writer { system, sql: String::new(), placeholders: 0, common: true };
        writer.words(words)?;
        assert_eq!(count(system, words), Ok(writer.placeholders), "counted and written: {words}");
        Ok((writer.sql, writer.placeholders))
    }

    fn postgres(words: &str) -> String {
        sent(System::Postgres, words).unwrap().0
    }

    fn placeholders(system: System, words: &str) -> usize {
        sent(system, words).unwrap().1
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
            assert_eq!(sent(System::Postgres, words), Ok((words.to_owned(), 0)), "{words}");
        }
        assert_eq!(postgres(r"'\' = ?"), r"'\' = $1");
        assert_eq!(postgres(r"name'\' = ?"), r"name'\' = $1", "the end of a name is no E");
        assert_eq!(postgres("-- ?\n?"), "-- ?\n$1");
        assert_eq!(postgres("a$b$ ? c$b$"), "a$b$ $1 c$b$", "a dollar in a name opens nothing");
        assert_eq!(postgres("$1$ ? $1$"), "$1$ $1 $1$", "a tag does not begin with a digit");
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
            ("$$ ? $$", [Some(0), Some(1), Some(1)]),
        ];
        for (words, expected) in words {
            let counted = SYSTEMS.map(|system| sent(system, words).ok().map(|(_, count)| count));
            assert_eq!(counted, expected, "{words}");
        }
        assert_eq!(placeholders(System::MySql, r"'\\', ?"), 1);
    }

    #[test]
    fn what_cannot_be_meant_is_a_mistake() {
        for system in SYSTEMS {
            assert_eq!(sent(system, "?1"), Err(Mistake::Numbered));
            for open in ["'", "'''", "\"", "/*", "/*/", "a 'b"] {
                assert_eq!(sent(system, open), Err(Mistake::Open), "{open}");
            }
        }
        assert_eq!(sent(System::Postgres, "$$ ? $a$"), Err(Mistake::Open));
        assert_eq!(sent(System::Postgres, "/* /* */"), Err(Mistake::Open));
        assert_eq!(sent(System::MySql, "a ?? b"), Err(Mistake::Operator));
        assert_eq!(sent(System::Sqlite, "[a"), Err(Mistake::Open));
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(words in r#"[?'"`\[\]$#\-/*\\ \naE1üM!]{0,24}"#) {
            for system in SYSTEMS {
                let _ = sent(system, &words);
            }
        }

        #[test]
        fn what_has_no_question_mark_is_sent_as_it_is(words in r#"['"`\[\]$#\-/*\\ \naE1üM!]{0,24}"#) {
            for system in SYSTEMS {
                if let Ok(sent) = sent(system, &words) {
                    prop_assert_eq!(sent, (words.clone(), 0));
                }
            }
        }

        /// Whatever stands around it, what is quoted stays as it is, and what follows is seen.
        #[test]
        fn quotes_end_where_they_should(inside in "[^'\\\\]{0,12}") {
            for system in SYSTEMS {
                let (text, count) = sent(system, &format!("SELECT '{inside}', ?")).unwrap();
                let sign = if system == System::Postgres { "$1" } else { "?" };
                prop_assert_eq!((text, count), (format!("SELECT '{inside}', {sign}"), 1));
            }
        }
    }
}
