//! A text that is being written, and the lists in it.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::build::{MOST_FILLED_UP, Part};
use super::mistake::Mistake;
use super::text::Text;
use crate::sql::text::lex::{Kind, Token, Tokens};
use crate::sql::text::{Reader, Reading, Syntax};

/// Above this many rows, a text is not worth a place among the statements that a connection keeps prepared: a statement
/// whose rows come in all numbers would leave no room for others (drivers keep 100).
const MOST_COMMON_ROWS: usize = 50;

/// A text, as far as it is written.
pub(super) struct Output {
    syntax: &'static Syntax,
    pub(super) sql: String,
    placeholders: usize,
    common: bool,
}

impl Output {
    pub(super) fn new(syntax: &'static Syntax, length: usize) -> Self {
        Self { syntax, sql: String::with_capacity(length), placeholders: 0, common: true }
    }

    /// The text, of which this was read.
    pub(super) fn text(self, reading: Reading) -> Text {
        let Self { sql, placeholders, common, .. } = self;
        Text { sql: Cow::Owned(sql), placeholders, common, reading }
    }

    pub(super) fn placeholder(&mut self) {
        self.placeholders += 1;
        if self.syntax.numbered {
            let _ = write!(self.sql, "${}", self.placeholders);
        } else {
            self.sql.push('?');
        }
    }

    /// Writes a part of values. Its words are the crate's own, so that they only have to be described, by this reader.
    pub(super) fn list(&mut self, part: &Part, reader: Option<&mut Reader<'_>>) -> Result<(), Mistake> {
        let reader = &mut reader.filter(|reader| reader.is_described());
        match *part {
            Part::Words(_) => {}
            Part::List { before, .. } | Part::Rows { before, .. } if before != self.placeholders => {
                return Err(Mistake::Order);
            }
            Part::List { length: 0, .. } => self.nothing(reader),
            Part::List { length, .. } => {
                self.common &= length <= MOST_FILLED_UP;
                self.group(length, reader);
            }
            Part::Rows { rows, columns, .. } => self.rows(rows, columns, reader),
        }
        Ok(())
    }

    /// A query of one column and no rows.
    fn nothing(&mut self, reader: &mut Option<&mut Reader<'_>>) {
        self.generated("(SELECT ", reader);
        self.value(reader);
        self.generated(self.syntax.dual, reader);
        self.generated(" WHERE FALSE)", reader);
    }

    fn rows(&mut self, rows: usize, columns: usize, reader: &mut Option<&mut Reader<'_>>) {
        self.common &= rows <= MOST_COMMON_ROWS;
        for row in 0..rows {
            if row > 0 {
                self.generated(", ", reader);
            }
            self.group(columns, reader);
        }
    }

    fn group(&mut self, length: usize, reader: &mut Option<&mut Reader<'_>>) {
        self.generated("(", reader);
        for at in 0..length {
            if at > 0 {
                self.generated(", ", reader);
            }
            self.value(reader);
        }
        self.generated(")", reader);
    }

    #[inline]
    fn value(&mut self, reader: &mut Option<&mut Reader<'_>>) {
        if let Some(reader) = reader {
            reader.describe(Token { kind: Kind::Parameter, text: "?" });
        }
        self.placeholder();
    }

    #[inline]
    fn generated(&mut self, sql: &'static str, reader: &mut Option<&mut Reader<'_>>) {
        self.sql.push_str(sql);
        if let Some(reader) = reader {
            Tokens::new(sql, self.syntax).for_each(|token| reader.describe(token));
        }
    }
}
