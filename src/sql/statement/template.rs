//! Statements of several parts, whose words are read once, whatever lists stand between them.

use std::iter;

use super::build::{Part, Words};
use super::mistake::Mistake;
use super::output::Output;
use super::text::{Text, Writer};
use crate::sql::text::kept::Kept;
use crate::sql::text::{Reading, Syntax};

/// A statement of more parts is read each time: a program may add a part for each thing that a client asks for.
const MOST_PARTS: usize = 16;

/// The words of the statements of several parts that the program has sent.
static TEMPLATES: Kept<Option<Template>> = Kept::new();

/// The words of a statement, and what was read of them. The lists between them hold neither words that matter to a
/// transaction nor quotes, so they change nothing about it.
#[derive(Debug)]
pub(super) struct Template {
    /// The texts around the placeholders of each part of words.
    parts: Box<[Box<[Box<str>]>]>,
    length: usize,
    /// It describes nothing: a description includes the lists.
    reading: Reading,
}

impl Template {
    /// The template of a statement. `None` if the whole text has to be read: something is wrong with the words, or it is
    /// not certain what they mean.
    pub(super) fn kept(syntax: &'static Syntax, first: &Words, more: &[Part]) -> Option<&'static Self> {
        if more.len() >= MOST_PARTS {
            return None;
        }
        let more = more.iter().filter_map(|part| match part {
            Part::Words(words) => Some(words),
            _ => None,
        });
        let words = iter::once(first).chain(more).map(|words| words.of(syntax.system));
        let read = |kept: bool| if kept { Self::of(syntax, words.clone()) } else { None };
        TEMPLATES.get(syntax.system, &words, || true, read).ok()?.as_ref()
    }

    fn of(syntax: &'static Syntax, words: impl Iterator<Item = &'static str>) -> Option<Self> {
        let mut writer = Writer::new(syntax, 0, false);
        let mut parts = Vec::new();
        for words in words {
            writer.next_line();
            let mut end = writer.output.sql.len();
            writer.places.clear();
            writer.words(words).ok()?;
            let mut texts = Vec::new();
            for place in &writer.places {
                texts.push(writer.output.sql.get(end..place.start)?.into());
                end = place.end;
            }
            texts.push(writer.output.sql.get(end..)?.into());
            parts.push(texts.into());
        }
        if !writer.reader.is_certain() {
            return None;
        }
        let (parts, length) = (parts.into(), writer.output.sql.len());
        Some(Self { parts, length, reading: writer.finish().reading })
    }

    /// The text of a statement with these words.
    pub(super) fn text(&'static self, syntax: &'static Syntax, more: &[Part]) -> Result<Text, Mistake> {
        let mut output = Output::new(syntax, self.length + 64);
        let mut parts = self.parts.iter();
        let mut words = |output: &mut Output| {
            let mut texts = parts.next().into_iter().flatten();
            texts.next().into_iter().for_each(|text| output.sql.push_str(text));
            for text in texts {
                output.placeholder();
                output.sql.push_str(text);
            }
        };
        words(&mut output);
        for part in more {
            output.sql.push('\n');
            match part {
                Part::Words(_) => words(&mut output),
                list => output.list(list, None)?,
            }
        }
        Ok(output.text(self.reading.borrowed()))
    }
}

#[allow(clippy::mixed_attributes_style, reason = "the databases that it needs are features")]
#[cfg(test)]
mod tests {
    #![cfg(all(feature = "mysql", feature = "postgres", feature = "sqlite"))]

    use proptest::prelude::*;

    use super::super::text::together;
    use super::*;
    use crate::sql::mysql::SYNTAX as MYSQL;
    use crate::sql::postgres::SYNTAX as POSTGRES;
    use crate::sql::sqlite::SYNTAX as SQLITE;

    const SYNTAXES: [&Syntax; 3] = [&POSTGRES, &MYSQL, &SQLITE];

    fn template(syntax: &'static Syntax, words: &[&'static str]) -> Option<&'static Template> {
        Template::of(syntax, words.iter().copied()).map(|template| &*Box::leak(Box::new(template)))
    }

    #[test]
    fn words_that_are_not_certain_are_not_kept() {
        for syntax in SYNTAXES {
            assert!(template(syntax, &["SELECT n FROM t WHERE id IN", "AND a = 'b;' -- c", "AND n > ?"]).is_some());
            for open in ["'", "/* a", "SELECT $1", "a\0"] {
                assert!(template(syntax, &["SELECT", open]).is_none(), "{open}");
            }
        }
        assert!(template(&MYSQL, &["SELECT", "/*! COMMIT */"]).is_none());
        assert!(template(&MYSQL, &["SELECT", "'\\\\'"]).is_none(), "a session decides what a backslash is");
        assert!(template(&POSTGRES, &["SELECT E'a'", "'b'"]).is_none(), "a text that goes on");
    }

    const WORDS: [&str; 11] =
        ["INTO", "TEMP", "set_config(", "'a', true)", "READ", "WRITE", "COMMIT", "@a", ":=1", "; SET a", "u&"];

    fn part() -> impl Strategy<Value = String> {
        prop_oneof![
            r#"[?'"`\[\];$#:@\-/*\\ \naE1üM!,(.]{0,6}"#,
            prop::sample::select(&WORDS[..]).prop_map(str::to_owned)
        ]
    }

    proptest! {
        /// Whatever the words, and wherever the lists stand, it is as if all of it had been read.
        #[test]
        fn a_template_is_as_good_as_reading_it_all(
            parts in prop::collection::vec((part(), 0_usize..6), 1..5),
            begin in prop::sample::select(&["", "SELECT ?", "INSERT INTO", "select 1 from a where b in", "SAVEPOINT"][..]),
        ) {
            let (mut words, mut more) = (vec![begin], Vec::new());
            for (part, list) in parts {
                let before = words.iter().map(|words| words.matches('?').count()).sum();
                more.extend(match list {
                    0 => Some(Part::List { before, length: 0 }),
                    1 => Some(Part::List { before, length: 2 }),
                    2 => Some(Part::Rows { before, rows: 2, columns: 2 }),
                    _ => None,
                });
                words.push(part.leak());
                more.extend(words.last().map(|words| Part::Words(Words::new(words))));
            }
            for syntax in SYNTAXES {
                let whole = together(syntax, &Words::new(begin), &more, false);
                if let Some(template) = template(syntax, &words) {
                    let filled = template.text(syntax, &more);
                    prop_assert_eq!(format!("{filled:?}"), format!("{whole:?}"));
                }
            }
        }
    }
}
