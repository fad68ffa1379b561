//! Everything that is read from the texts of statements, for the fuzzers.

use super::dialect::sealed::Dialect;
use super::error::message::{Names, Words};
use super::text::lex::Tokens;
use super::text::script::statements;
use super::text::{self, Effect, Reading as Read, Residue};
use crate::sql::span::QueryText;

/// The database whose SQL a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums)]
pub enum Database {
    /// `PostgreSQL`.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
    /// SQLite.
    Sqlite,
}

/// The result of reading a text.
#[derive(Debug)]
#[non_exhaustive]
pub struct Reading {
    /// The text without its values, if it can be read.
    pub shown: Option<String>,
    /// The summary, with all its parts.
    pub summary: String,
    /// The keywords and names.
    pub words: Vec<String>,
    /// How many `?` stand for a value; `None` if something is wrong with the text.
    pub placeholders: Option<usize>,
    /// Whether the text is sent without a check of the transaction around it.
    pub is_harmless: bool,
    /// Whether the text leaves nothing in the session.
    pub leaves_nothing: bool,
    /// Whether it is treated as a text without a statement.
    pub is_blank: bool,
}

/// Reads a text with all readers.
#[must_use]
pub fn read(database: Database, sql: &str) -> Reading {
    match database {
        Database::Postgres => read_as::<sqlx::Postgres>(sql),
        Database::MySql => read_as::<sqlx::MySql>(sql),
        Database::Sqlite => {
            let _ = super::sqlite::is_framed(sql);
            read_as::<sqlx::Sqlite>(sql)
        }
    }
}

fn read_as<DB: Dialect>(sql: &str) -> Reading {
    let pieces: String = Tokens::new(sql, DB::SYNTAX).map(|token| token.text).collect();
    assert_eq!(pieces, sql, "the tokens add up to the text");
    let query = QueryText { sql, syntax: DB::SYNTAX };
    let read = Read::of(sql, DB::SYNTAX, true);
    assert!(read.effect(true) <= read.effect(false), "one statement does no more than several");
    let cut: usize = statements(sql, DB::SYNTAX).into_iter().map(str::len).sum();
    assert!(cut <= sql.len(), "a script is cut, and nothing added");
    let _ = (read.allows_writes(), query.is_word_at(sql.len() / 2));
    let description = text::describe(sql, DB::SYNTAX);
    assert_eq!(read.description(), Some(&description), "a text is described in one way");
    Reading {
        shown: description.text,
        summary: format!("{:?}", description.summary),
        words: query.words().into_iter().map(str::to_owned).collect(),
        placeholders: super::statement::placeholders(DB::SYNTAX, sql),
        is_harmless: read.effect(false) == Effect::None,
        leaves_nothing: read.residue(false) == Residue::None,
        is_blank: read.is_blank(),
    }
}

/// The part of a message that is shown, with the statement's names and without.
#[must_use]
pub fn message(message: &str, words: &[String], after_colon: bool) -> [String; 2] {
    let known: Vec<&str> = words.iter().map(String::as_str).collect();
    [Names { message, known: &known, after_colon, goes_on: after_colon }.to_string(), Words(message).to_string()]
}
