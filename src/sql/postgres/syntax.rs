//! `PostgreSQL`'s SQL, with `standard_conforming_strings` on.

use crate::sql::text::marks::Marks;
use crate::sql::text::statement::{Statement, is_one_of};
use crate::sql::text::syntax::DoubleQuotes;
use crate::sql::text::{Residue, Syntax, System};

pub(in crate::sql) const SYNTAX: Syntax = Syntax {
    system: System::Postgres,
    backslashes: false,
    escape_strings: true,
    dollar_quotes: true,
    double_quotes: DoubleQuotes::Name,
    backticks: false,
    brackets: false,
    hash_comments: false,
    dashes_need_blank: false,
    comments_nest: true,
    return_ends_line: true,
    executable_comments: false,
    named_parameters: false,
    at_parameters: true,
    byte_order_mark: false,
    numbered: true,
    dual: "",
    harmless: HARMLESS,
    set_runs: false,
    residue,
};

/// The first words of statements that never end a transaction. Procedures and blocks cannot, inside of one.
#[rustfmt::skip]
const HARMLESS: &[&str] = &[
    "alter", "analyse", "analyze", "call", "checkpoint", "close", "cluster", "comment", "copy", "create",
    "deallocate", "declare", "delete", "discard", "do", "drop", "execute", "explain", "fetch", "grant",
    "import", "insert", "listen", "load", "lock", "merge", "move", "notify", "prepare", "reassign", "refresh",
    "reindex", "release", "reset", "revoke", "rollback", "savepoint", "security", "select", "set", "show",
    "table", "truncate", "unlisten", "update", "vacuum", "values", "with",
];

/// The first words of statements that leave something under a name.
const LASTING: &[&str] = &["prepare", "deallocate", "discard", "load"];

/// `SET LOCAL`, and locks that belong to a transaction, end with it.
fn residue(statement: &Statement<'_>) -> Residue {
    let Statement { head: [_, second, _], marks, inside, .. } = *statement;
    let begins = |words| statement.begins_with(words);
    if !begins(HARMLESS) || begins(LASTING) {
        return Residue::Lasting;
    }
    // They run text that only the server sees.
    let runs = begins(&["do", "call"]);
    if runs && marks.with(inside).has(Marks::PREPARE) {
        return Residue::Lasting;
    }
    let changes = runs
        || marks.has(Marks::LOCK.with(Marks::SET_CONFIG).with(Marks::ESCAPED_NAME))
        || marks.has(Marks::PG_SETTINGS) && marks.has(Marks::UPDATE)
        || begins(&["set"]) && !is_one_of(second, &["local", "transaction", "constraints"])
        || begins(&["reset", "listen", "unlisten", "execute"])
        || begins(&["declare"]) && marks.has(Marks::HOLD)
        || begins(&["create"]) && marks.has(Marks::TEMPORARY)
        || begins(&["select", "with", "table", "values"]) && marks.has(Marks::INTO_TEMPORARY.with(Marks::PG_TEMP))
        || begins(&["explain"]) && marks.has(Marks::TEMPORARY.with(Marks::HOLD).with(Marks::EXECUTE));
    if changes { Residue::Settings } else { Residue::None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::text::Reading;

    fn residue(sql: &str) -> Residue {
        Reading::of(sql, &SYNTAX, false).residue(false)
    }

    #[test]
    fn settings_that_end_with_the_transaction_leave_nothing() {
        for sql in [
            "SET LOCAL search_path = a",
            "SET/**/LOCAL search_path = a",
            "SET TRANSACTION READ ONLY",
            "SELECT set_config('app.tenant', $1, true)",
            "SELECT set_config('a', 'b', TRUE), set_config ( 'c', $2, true )",
            "SELECT pg_advisory_xact_lock(1)",
            "SELECT setting FROM pg_settings",
            "DECLARE c CURSOR FOR SELECT 1",
            "CREATE TABLE t (id INT)",
            "SELECT 'a temp into the blue', temperature FROM t",
            "SELECT 1",
            "",
        ] {
            assert_eq!(residue(sql), Residue::None, "{sql}");
        }
    }

    #[test]
    fn what_outlives_the_transaction_is_noticed() {
        for sql in [
            "SET search_path = a",
            "SELECT 1; set role a",
            "SET SESSION AUTHORIZATION a",
            "SELECT Set_Config('a', 'b', false)",
            "SELECT set_config('a', 'b', $1)",
            "SELECT set_config('a', 'x, true)', false)",
            "SELECT set_config('a', $$x, true)$$, false)",
            "SELECT set_config('a', 'b', /* , true)*/ false)",
            "SELECT \"pg_advisory_lock\"(1)",
            "UPDATE pg_settings SET setting = 'a' WHERE name = 'search_path'",
            "WITH a AS (SELECT 'a' AS b) Update pg_catalog.\"pg_settings\" SET setting = b FROM a",
            "SELECT U&\"\\0073et_config\"('a', 'b', false)",
            "SELECT pg_try_advisory_lock_shared(1)",
            "LISTEN a",
            "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
            "CREATE TEMP TABLE t (id INT)",
            "CREATE TABLE pg_temp.t (id INT)",
            "SELECT 1 INTO TEMPORARY t",
            "SELECT 1 INTO/**/LOCAL -- so\n Temp t",
            "SELECT 1 INTO \"pg_temp\".t",
            "DO 'BEGIN END'",
            "CALL p()",
            "/* /* */ SELECT */ SET a = 1",
        ] {
            assert_eq!(residue(sql), Residue::Settings, "{sql}");
        }
        for sql in ["PREPARE a AS SELECT 1", "DISCARD ALL", "DEALLOCATE ALL", "LOAD 'a'", "SOMETHING new"] {
            assert_eq!(residue(sql), Residue::Lasting, "{sql}");
        }
    }

    #[test]
    fn simple_statements_are_looked_at_for_what_changes_a_session() {
        for (sql, expected) in [
            ("SELECT * FROM t WHERE id = $1 FOR UPDATE", Residue::None),
            ("INSERT INTO t (tenant_id) VALUES ($1)", Residue::None),
            ("SELECT PG_ADVISORY_LOCK(1)", Residue::Settings),
            ("UPDATE PG_SETTINGS SET setting = ''", Residue::Settings),
            ("SELECT u&\"\\0067et_lock\"(1)", Residue::Settings),
            ("SELECT set_config('a', 'b', true), set_config('a', f(true), true)", Residue::Settings),
            ("SELECT a & \"b\", u & b FROM t", Residue::None),
            ("SELECT set_config", Residue::Settings),
            ("SELECT 'set_config(1)', 'pg_advisory_lock'", Residue::None),
            ("SELECT '\\', set_config('a', 'b', false), '\\'", Residue::Settings),
            ("SELECT 'it\\'s', ' set_config(''a'', ''b'', false) '", Residue::Lasting),
            ("SELECT 'never closed", Residue::Lasting),
        ] {
            assert_eq!(residue(sql), expected, "{sql}");
        }
    }
}
