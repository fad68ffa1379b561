//! The SQL of MySQL and MariaDB, with neither `ANSI_QUOTES` nor `NO_BACKSLASH_ESCAPES`.

use crate::sql::text::marks::Marks;
use crate::sql::text::statement::Statement;
use crate::sql::text::syntax::DoubleQuotes;
use crate::sql::text::{Residue, Syntax, System};

pub(in crate::sql) const SYNTAX: Syntax = Syntax {
    system: System::MySql,
    backslashes: true,
    escape_strings: false,
    dollar_quotes: false,
    double_quotes: DoubleQuotes::Text,
    backticks: true,
    brackets: false,
    hash_comments: true,
    dashes_need_blank: true,
    comments_nest: false,
    return_ends_line: false,
    executable_comments: true,
    named_parameters: false,
    at_parameters: false,
    byte_order_mark: false,
    numbered: false,
    dual: " FROM DUAL",
    harmless: HARMLESS,
    set_runs: true,
    residue,
};

/// The first words of statements that never commit. The others change tables, users or the server, lock tables, or call
/// procedures, which may hold anything (<https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html>).
#[rustfmt::skip]
const HARMLESS: &[&str] = &[
    "select", "insert", "update", "delete", "replace", "with", "values", "table", "set", "show", "explain",
    "describe", "desc", "do", "savepoint", "release", "rollback", "use", "handler", "signal",
];

/// The first words of statements that change nothing of their session.
#[rustfmt::skip]
const NEUTRAL: &[&str] = &[
    "select", "insert", "update", "delete", "replace", "with", "values", "table", "show", "explain",
    "describe", "desc", "do", "savepoint", "release", "rollback", "signal", "drop", "alter", "truncate",
    "rename", "analyze",
];

/// A statement that is not a plain one may leave anything.
fn residue(statement: &Statement<'_>) -> Residue {
    let marks = statement.marks;
    let changes = marks.has(Marks::LOCK.with(Marks::ASSIGNS))
        || marks.has(Marks::INTO) && marks.has(Marks::VARIABLE)
        || !(statement.begins_with(NEUTRAL) || statement.begins_with(&["create"]) && !marks.has(Marks::TEMPORARY));
    if changes { Residue::Lasting } else { Residue::None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::text::Reading;

    #[test]
    fn what_outlives_a_statement_is_noticed() {
        for (sql, expected) in [
            ("SELECT * FROM t WHERE id = ? FOR UPDATE", Residue::None),
            ("SELECT 'GET_LOCK', '@x := 1' -- @x := 1", Residue::None),
            ("CREATE TABLE t (id INT)", Residue::None),
            ("UPDATE t SET n = Get_Lock('a', 1)", Residue::Lasting),
            ("SELECT 1 Into @x", Residue::Lasting),
            ("SELECT @x := 1", Residue::Lasting),
            ("CREATE TEMPORARY TABLE t (id INT)", Residue::Lasting),
            ("SET @x = 1", Residue::Lasting),
            ("SELECT 1 /*! INTO @x */", Residue::Lasting),
            ("SELECT 'it\\'s', ' GET_LOCK(1) '", Residue::Lasting),
            ("SELECT 'it\\'s', ' a '", Residue::None),
        ] {
            assert_eq!(Reading::of(sql, &SYNTAX, false).residue(false), expected, "{sql}");
        }
    }
}
