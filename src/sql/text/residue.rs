//! The residue of a statement in its session, which the next borrower of the connection would find.

use super::head::{Head, contains, head, heads, is, is_one_of};
use super::{harmless, is_odd};

/// Changes that a session may have kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sql) enum Residue {
    #[default]
    None,
    /// Changes that a server can be told to forget: settings, roles, temporary tables, locks, cursors, subscriptions.
    Settings,
    /// Changes that end only with the connection, such as statements that were prepared by their name.
    Lasting,
}

/// Whether a statement that begins with one of the plain words might change the session: by a function (`set_config`,
/// `pg_advisory_lock`, `GET_LOCK`), by an assignment (`@x := 1`), by an update of `pg_settings` or by `SELECT … INTO`. A
/// name in escapes, `U&"…"`, may be any of these. Each place is compared with all of them at once, which compilers turn
/// into few instructions for many bytes.
pub(super) fn may_change(text: &[u8], is_select: bool) -> bool {
    let after = |n: usize| text.get(n..).unwrap_or_default();
    let fours = text.iter().zip(after(1)).zip(after(2)).zip(after(3));
    fours.fold(false, |found, (((a, b), c), d)| {
        let (a, b, d) = (a | 0x20, b | 0x20, d | 0x20);
        let function = (*c == b'_') & ((a == b'e') & (b == b't') & ((d == b'c') | (d == b'l')));
        let lock = (*c == b'_') & (a == b'r') & (b == b'y') & (d == b'l');
        let into = is_select & (a == b'i') & (b == b'n') & (c | 0x20 == b't') & (d == b'o');
        let assigns = (*c == b':') & (d == b'=');
        let settings = (*c == b'_') & (a == b'p') & (b == b'g') & (d == b's');
        let escaped = (a == b'u') & (b == b'&') & (*c == b'"');
        found | function | lock | into | assigns | settings | escaped
    })
}

/// `PostgreSQL`. `SET LOCAL`, and locks that belong to a transaction, end with it.
pub(in crate::sql) fn postgres(sql: &str, alone: bool) -> Residue {
    let first = heads(sql, alone).next().unwrap_or_default();
    let known = is_one_of(first[0], harmless::POSTGRES) || first[0].is_empty();
    // A comment inside of another may hide the first word.
    let text = if !known || is_odd(sql) {
        Residue::Lasting
    } else if contains(sql, "advisory_lock") || updates_settings(sql) || sets_more_than_locally(sql) {
        Residue::Settings
    } else {
        Residue::None
    };
    heads(sql, alone).map(|head| postgres_statement(head, sql)).fold(text, Ord::max)
}

fn postgres_statement([word, second, _]: Head, sql: &str) -> Residue {
    let changes = match &*word.to_ascii_lowercase() {
        "set" => !is_one_of(second, &["local", "transaction", "constraints"]),
        "reset" | "listen" | "unlisten" | "execute" => true,
        "declare" => contains(sql, "hold"),
        "create" => contains(sql, "temp"),
        "select" | "with" | "table" | "values" => makes_temporary(sql),
        "explain" => contains(sql, "temp") || contains(sql, "hold") || contains(sql, "execute"),
        // They run text that is seen by nobody.
        "do" | "call" if ["prepare", "deallocate", "discard", "load"].iter().any(|part| contains(sql, part)) => {
            return Residue::Lasting;
        }
        "do" | "call" => true,
        "prepare" | "deallocate" | "discard" | "load" => return Residue::Lasting,
        _ => false,
    };
    if changes { Residue::Settings } else { Residue::None }
}

/// Whether there is a `SELECT … INTO TEMPORARY …`.
fn makes_temporary(sql: &str) -> bool {
    let small = sql.to_ascii_lowercase();
    let temporary = |[word, second, _]: Head| {
        is_one_of(word, &["temp", "temporary", "pg_temp"]) || is_one_of(second, &["temp", "temporary"])
    };
    small.contains("pg_temp")
        || small
            .match_indices("into")
            .any(|(at, into)| small.get(at + into.len()..).is_some_and(|rest| temporary(head(rest))))
}

/// Whether the view of the settings may be written, or a name be one that nobody can read here.
fn updates_settings(sql: &str) -> bool {
    contains(sql, "pg_settings") && contains(sql, "update") || contains(sql, "u&\"")
}

/// Whether there is a `set_config(…)` without a plain `true` at its end, which makes it a `SET LOCAL`.
fn sets_more_than_locally(sql: &str) -> bool {
    let small = sql.to_ascii_lowercase();
    let is_local = |call: &str| {
        let arguments = call.trim_start().strip_prefix('(').and_then(|call| call.split_once(')'));
        arguments.is_some_and(|(arguments, _)| is_plain_list(arguments) && last_of(arguments) == "true")
    };
    small.split("set_config").skip(1).any(|call| !is_local(call))
}

fn last_of(arguments: &str) -> &str {
    arguments.rsplit(',').next().unwrap_or_default().trim()
}

/// Whether nothing in a list can hide where it ends.
fn is_plain_list(arguments: &str) -> bool {
    let quotes = arguments.matches('\'').count();
    let dollar = arguments.split('$').skip(1).any(|rest| !rest.starts_with(|char: char| char.is_ascii_digit()));
    quotes.is_multiple_of(2) && !dollar && !["(", "\\", "--", "/*", "\""].iter().any(|mark| arguments.contains(mark))
}

/// MySQL and MariaDB. A statement that is not a plain one may leave anything.
pub(in crate::sql) fn mysql(sql: &str, alone: bool) -> Residue {
    const NEUTRAL: &[&str] = &[
        "",
        "select",
        "insert",
        "update",
        "delete",
        "replace",
        "with",
        "values",
        "table",
        "show",
        "explain",
        "describe",
        "desc",
        "do",
        "savepoint",
        "release",
        "rollback",
        "signal",
        "drop",
        "alter",
        "truncate",
        "rename",
        "analyze",
    ];
    let neutral = |[word, ..]: Head| is_one_of(word, NEUTRAL) || is(word, "create") && !contains(sql, "temporary");
    let changes = contains(sql, "get_lock")
        || sql.contains(":=")
        || contains(sql, "into") && sql.contains('@')
        || sql.contains("/*!")
        || sql.contains("/*M!")
        || !heads(sql, alone).all(neutral);
    if changes { Residue::Lasting } else { Residue::None }
}

/// SQLite. A pragma changes the connection, but for some that only read, or change the file. Most do so when they are
/// prepared, even if they are only to be explained.
pub(in crate::sql) fn sqlite(sql: &str, alone: bool) -> Residue {
    const FILE: &[&str] = &[
        "application_id",
        "database_list",
        "foreign_key_check",
        "foreign_key_list",
        "incremental_vacuum",
        "index_info",
        "index_list",
        "index_xinfo",
        "integrity_check",
        "optimize",
        "quick_check",
        "table_info",
        "table_list",
        "table_xinfo",
        "user_version",
        "wal_checkpoint",
    ];
    let changes = |[word, second, third]: Head| match &*word.to_ascii_lowercase() {
        "pragma" => !(is_one_of(second, FILE) || is(second, "main") && is_one_of(third, FILE)),
        "explain" => contains(sql, "pragma"),
        "create" => contains(sql, "temp"),
        "attach" | "detach" => true,
        _ => false,
    };
    let first = heads(sql, alone).next().unwrap_or_default();
    let known = is_one_of(first[0], harmless::SQLITE) || first[0].is_empty();
    if known && !contains(sql, "load_extension") && !heads(sql, alone).any(changes) {
        Residue::None
    } else {
        Residue::Lasting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_settings_that_end_with_the_transaction_leave_nothing() {
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
            assert_eq!(postgres(sql, false), Residue::None, "{sql}");
        }
    }

    #[test]
    fn postgres_what_outlives_the_transaction_is_noticed() {
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
        ] {
            assert_eq!(postgres(sql, false), Residue::Settings, "{sql}");
        }
        for sql in [
            "PREPARE a AS SELECT 1",
            "DISCARD ALL",
            "DEALLOCATE ALL",
            "LOAD 'a'",
            "SOMETHING new",
            "/* /* */ SELECT */ SET a = 1",
        ] {
            assert_eq!(postgres(sql, false), Residue::Lasting, "{sql}");
        }
    }

    #[test]
    fn plain_statements_are_looked_at_for_what_changes_a_session() {
        for (sql, changes) in [
            ("SELECT * FROM t WHERE id = ? FOR UPDATE", false),
            ("INSERT INTO t (tenant_id) VALUES ($1)", false),
            ("SELECT set_config('a', 'b', false)", true),
            ("SELECT PG_ADVISORY_LOCK(1)", true),
            ("UPDATE t SET n = Get_Lock('a', 1)", true),
            ("SELECT 1 Into @x", true),
            ("SELECT @x := 1", true),
            ("UPDATE PG_SETTINGS SET setting = ''", true),
            ("SELECT u&\"\\0067et_lock\"(1)", true),
            ("", false),
        ] {
            let (word, rest) = sql.as_bytes().split_at(sql.len().min(6));
            assert_eq!(may_change(rest, word == b"SELECT"), changes, "{sql}");
        }
    }
}
