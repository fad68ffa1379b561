//! One database's SQL, as data.

use super::statement::Statement;
use super::{Residue, System};

/// The facts about a database that reading its SQL needs. Each database's own are in its folder.
#[derive(Debug)]
pub struct Syntax {
    /// The database.
    pub(in crate::sql) system: System,
    /// Whether a backslash escapes in every text. The session may have turned that off (`NO_BACKSLASH_ESCAPES`).
    pub(in crate::sql) backslashes: bool,
    /// Whether `E'…'` is a text in which a backslash escapes. In other texts, the session may have turned that on
    /// (`standard_conforming_strings`).
    pub(in crate::sql) escape_strings: bool,
    /// Whether `$$…$$` and `$tag$…$tag$` are texts.
    pub(in crate::sql) dollar_quotes: bool,
    /// Whether `"…"` is a name, a text, or either.
    pub(in crate::sql) double_quotes: DoubleQuotes,
    /// Whether `` `…` `` is a name.
    pub(in crate::sql) backticks: bool,
    /// Whether `[…]` is a name.
    pub(in crate::sql) brackets: bool,
    /// Whether `#` begins a comment.
    pub(in crate::sql) hash_comments: bool,
    /// Whether `--` begins a comment only before a blank, a control character or the end.
    pub(in crate::sql) dashes_need_blank: bool,
    /// Whether a comment may be inside another one.
    pub(in crate::sql) comments_nest: bool,
    /// Whether a carriage return ends the comment of a line.
    pub(in crate::sql) return_ends_line: bool,
    /// Whether the inside of `/*! … */` is a part of the statement.
    pub(in crate::sql) executable_comments: bool,
    /// Whether `$name`, `:name`, `@name` and `#name` are parameters, in which `::` is a part of the name.
    pub(in crate::sql) named_parameters: bool,
    /// Whether `@name` is a parameter and not a variable of the session.
    pub(in crate::sql) at_parameters: bool,
    /// Whether a byte order mark is a blank.
    pub(in crate::sql) byte_order_mark: bool,
    /// Whether `?` is an operator, and so written `??` in a statement of [`sql`](crate::sql::sql), and values are
    /// numbered, `$1`.
    pub(in crate::sql) numbered: bool,
    /// A table of one row to select nothing from, where `WHERE` needs one.
    pub(in crate::sql) dual: &'static str,
    /// The first words of statements that never end a transaction, in lower case.
    pub(in crate::sql) harmless: &'static [&'static str],
    /// Whether `SET` can do more than set.
    pub(in crate::sql) set_runs: bool,
    /// The residue of a statement in its session.
    pub(in crate::sql) residue: fn(&Statement<'_>) -> Residue,
}

/// The meaning of `"…"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sql) enum DoubleQuotes {
    Name,
    Text,
    /// SQLite takes a name that does not exist for a text.
    Either,
}
