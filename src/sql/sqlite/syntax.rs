//! SQLite's SQL.

use crate::sql::text::marks::Marks;
use crate::sql::text::statement::{Statement, is_one_of};
use crate::sql::text::syntax::DoubleQuotes;
use crate::sql::text::{Residue, Syntax, System};

pub(in crate::sql) const SYNTAX: Syntax = Syntax {
    system: System::Sqlite,
    backslashes: false,
    escape_strings: false,
    dollar_quotes: false,
    double_quotes: DoubleQuotes::Either,
    backticks: true,
    brackets: true,
    hash_comments: false,
    dashes_need_blank: false,
    comments_nest: false,
    return_ends_line: false,
    executable_comments: false,
    named_parameters: true,
    at_parameters: true,
    byte_order_mark: true,
    numbered: false,
    dual: "",
    harmless: HARMLESS,
    set_runs: false,
    residue,
};

/// The first words of statements that never end a transaction.
#[rustfmt::skip]
const HARMLESS: &[&str] = &[
    "alter", "analyze", "attach", "create", "delete", "detach", "drop", "explain", "insert", "pragma",
    "reindex", "release", "replace", "rollback", "savepoint", "select", "update", "vacuum", "values", "with",
];

/// Pragmas that only read, or change the file.
#[rustfmt::skip]
const FILE: &[&str] = &[
    "application_id", "database_list", "foreign_key_check", "foreign_key_list", "incremental_vacuum",
    "index_info", "index_list", "index_xinfo", "integrity_check", "optimize", "quick_check", "table_info",
    "table_list", "table_xinfo", "user_version", "wal_checkpoint",
];

/// Most pragmas change the connection, and most of those do so when they are prepared, even under `EXPLAIN`.
fn residue(statement: &Statement<'_>) -> Residue {
    let Statement { head: [_, second, third], marks, .. } = *statement;
    let begins = |words| statement.begins_with(words);
    let changes = marks.has(Marks::LOAD_EXTENSION)
        || begins(&["pragma"]) && !(is_one_of(second, FILE) || is_one_of(second, &["main"]) && is_one_of(third, FILE))
        || begins(&["explain"]) && marks.has(Marks::PRAGMA)
        || begins(&["create"]) && marks.has(Marks::TEMPORARY)
        || begins(&["attach", "detach"])
        || !begins(HARMLESS);
    if changes { Residue::Lasting } else { Residue::None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::text::Reading;

    #[test]
    fn what_outlives_a_statement_is_noticed() {
        for (sql, expected) in [
            ("SELECT 'load_extension'", Residue::None),
            ("PRAGMA user_version", Residue::None),
            ("PRAGMA main.table_info(t)", Residue::None),
            ("CREATE TABLE t (temperature REAL)", Residue::None),
            ("PRAGMA foreign_keys = ON", Residue::Lasting),
            ("PRAGMA \"user_version\"", Residue::Lasting),
            ("EXPLAIN PRAGMA query_only = OFF", Residue::Lasting),
            ("CREATE TEMP TABLE t (id INT)", Residue::Lasting),
            ("SELECT \"load_extension\"('a')", Residue::Lasting),
            ("SELECT 1; ATTACH 'a' AS b", Residue::Lasting),
            ("SELECT $a('), load_extension('b')", Residue::Lasting),
        ] {
            assert_eq!(Reading::of(sql, &SYNTAX, false).residue(false), expected, "{sql}");
        }
    }
}
