//! The text that is sent.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::build::{Part, Words};
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
            Part::List { length, .. } => self.group(length.next_power_of_two()),
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
