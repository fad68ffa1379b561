//! The effect of a statement on its transaction and session, as far as its text shows it.
//!
//! The text is only a first line. A statement that is known to be harmless costs nothing; after any other, the server is
//! asked.

pub(super) mod blank;
// Each database has words of its own.
#[cfg_attr(not(all(feature = "mysql", feature = "postgres", feature = "sqlite")), allow(dead_code))]
pub(super) mod harmless;
#[cfg_attr(not(feature = "postgres"), allow(dead_code))]
mod head;
#[cfg_attr(not(all(feature = "mysql", feature = "postgres", feature = "sqlite")), allow(dead_code))]
mod residue;

pub(super) mod lex;
mod opaque;
#[cfg(feature = "mysql")]
mod script;
pub(super) mod summary;

use self::head::{Head, begins_another, begins_oddly, contains, heads, is, is_one_of};
pub(super) use self::opaque::{Opaque, Syntax, follows_name, in_name, opaque, variable};
#[cfg(feature = "mysql")]
pub(super) use self::script::{statements, summary};

#[cfg(feature = "postgres")]
pub(super) use self::head::unquoted;
pub(super) use self::residue::Residue;
#[cfg(feature = "mysql")]
pub(super) use self::residue::mysql;
#[cfg(feature = "postgres")]
pub(super) use self::residue::postgres;
#[cfg(feature = "sqlite")]
pub(super) use self::residue::sqlite;

/// The effect of a text on its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It stays inside the transaction, or is one of its own.
    None,
    /// It begins or ends a transaction, or uses a savepoint of the guard's.
    Control,
    /// It sets a savepoint: out of a transaction, that begins one on SQLite.
    Savepoint,
    /// It is not known to be harmless, and has to be asked about afterwards. Text in quotes is not told from
    /// statements, so this is said too often rather than too rarely.
    Hidden,
}

/// How the statements of one database are read.
pub struct Language {
    /// The first words of statements that never end a transaction.
    pub(super) harmless: &'static [&'static str],
    /// Whether statements other than these commit by themselves, so that each of a text has to be among them.
    pub(super) commits_implicitly: bool,
    /// Whether functions and expressions of the simplest statements can change the session.
    pub(super) expressions_change: bool,
    /// The text without what is quoted, where that can be told for sure.
    pub(super) unquoted: fn(&str) -> Option<String>,
    /// The residue of a text in its session.
    pub(super) residue: fn(&str, bool) -> Residue,
}

/// Reads a text, which is `alone` if the server takes no more than one statement.
pub(super) fn read(sql: &str, language: &Language, alone: bool) -> (Effect, Residue) {
    if is_plain(sql, language, alone) {
        return (Effect::None, Residue::None);
    }
    if !alone && memchr::memchr_iter(b';', sql.as_bytes()).nth(MOST_STATEMENTS).is_some() {
        let first = heads(sql, true).next().unwrap_or_default();
        let effect = if is_control(first) { Effect::Control } else { Effect::Hidden };
        return (effect, Residue::Lasting);
    }
    (effect(sql, language, alone), (language.residue)(sql, alone))
}

/// More statements than these are not read one by one, but asked about: to find the first words of one may take as long
/// as the text is.
const MOST_STATEMENTS: usize = 200;

fn effect(sql: &str, language: &Language, alone: bool) -> Effect {
    let first = heads(sql, alone).next().unwrap_or_default();
    if is_control(first) || names_a_guard(sql, alone) {
        return Effect::Control;
    }
    if begins_oddly(sql) || !is_understood(first, sql, language) || is_odd(sql) {
        return Effect::Hidden;
    }
    let hides = |words: &str| {
        let ends = |head| is_control(head) || language.commits_implicitly && !is_understood(head, words, language);
        heads(words, alone).skip(1).any(ends)
    };
    if hides(sql) && (language.unquoted)(sql).is_none_or(|words| hides(&words)) {
        Effect::Hidden
    } else if heads(sql, alone).any(|[word, ..]| is(word, "savepoint")) {
        Effect::Savepoint
    } else {
        Effect::None
    }
}

/// Whether a text may allow writes again where they are forbidden.
pub(super) fn allows_writes(sql: &str) -> bool {
    ["query_only", "read_only", "read write"].iter().any(|part| contains(sql, part))
}

/// Whether this is a statement that is known to leave the transaction as it is.
fn is_understood([word, second, _]: Head, sql: &str, language: &Language) -> bool {
    let sets_only = || {
        // `SET` can also commit, change users or run another statement on MySQL.
        !is_one_of(second, &["default", "statement", "resource", "role"])
            && !["autocommit", "password", "role"].iter().any(|part| contains(sql, part))
    };
    word.is_empty()
        || is_one_of(word, language.harmless) && (!language.commits_implicitly || !is(word, "set") || sets_only())
}

/// Texts on whose comments databases do not agree, or which one of them may read in another way.
fn is_odd(sql: &str) -> bool {
    let ends_a_line = |rest: &str| !rest.is_empty() && !rest.starts_with('\n');
    sql.contains("/*!")
        || sql.contains("/*M!")
        || sql.contains('\u{0}')
        // A line comment ends here on PostgreSQL alone.
        || sql.split('\r').skip(1).any(ends_a_line) && (sql.contains("--") || sql.contains('#'))
        || nests_comments(sql)
}

/// Whether a comment begins inside of another.
fn nests_comments(mut sql: &str) -> bool {
    while let Some((_, comment)) = sql.split_once("/*") {
        let Some((inside, behind)) = comment.split_once("*/") else { return false };
        if begins_another(inside) {
            return true;
        }
        sql = behind;
    }
    false
}

/// Most texts are one of these statements and nothing else, and need no closer look.
fn is_plain(sql: &str, language: &Language, alone: bool) -> bool {
    let Some((word, [space, rest @ ..])) = sql.as_bytes().split_first_chunk::<6>() else { return false };
    // A letter is a small one with this bit, and nothing else is.
    let word = word.map(|byte| byte | 0x20);
    matches!(&word, b"select" | b"insert" | b"update" | b"delete")
        && space.is_ascii_whitespace()
        && (alone || memchr::memchr(b';', rest).is_none())
        && !(language.expressions_change && residue::may_change(rest, &word == b"select"))
}

fn is_control([first, second, third]: Head) -> bool {
    is_one_of(first, &["begin", "commit", "end", "abort", "xa"])
        || is(first, "start") && is(second, "transaction")
        || is(first, "prepare") && is(second, "transaction")
        || is(first, "rollback") && !is(second, "to") && !is(third, "to")
        || is(first, "set") && (is(second, "autocommit") || is(third, "autocommit"))
}

/// Whether a savepoint that the guard, or sqlx, has set is used by its name.
fn names_a_guard(sql: &str, alone: bool) -> bool {
    heads(sql, alone).any(|[word, ..]| is_one_of(word, &["savepoint", "release", "rollback"]))
        && (contains(sql, "buttress_") || contains(sql, "_sqlx_savepoint"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Language = Language {
        harmless: &["select", "insert", "create", "set", "savepoint", "rollback", "release"],
        commits_implicitly: false,
        expressions_change: false,
        unquoted: |_| None,
        residue: |_, _| Residue::None,
    };

    #[cfg(feature = "postgres")]
    #[test]
    fn what_postgres_takes_for_a_text_is_no_statement() {
        let language = Language { unquoted, ..PLAIN };
        for (sql, expected) in [
            ("SELECT 'a; commit', \"b; commit\", 'it''s; commit'", Effect::None),
            ("SELECT $$a; commit$$, $a$b; $$ commit;$a$", Effect::None),
            ("SELECT 1 /* ; commit */ -- ; commit", Effect::None),
            ("SELECT $1; COMMIT -- $1", Effect::Hidden),
            ("SELECT a$$; COMMIT; SELECT b$$", Effect::Hidden),
            ("SELECT 'a'; COMMIT; SELECT 'b'", Effect::Hidden),
            ("SELECT '\\'; COMMIT; SELECT '", Effect::Hidden),
            ("SELECT '; COMMIT", Effect::Hidden),
            ("SELECT $1$; COMMIT; SELECT $1$", Effect::Hidden),
            ("SELECT 1 -- '\r; COMMIT -- '", Effect::Hidden),
            ("SELECT 1 - 1; COMMIT", Effect::Hidden),
            ("SELECT $$a$b$; COMMIT $$; COMMIT", Effect::Hidden),
            ("SELECT 1 /* /*/ ' */ */; COMMIT; -- '", Effect::Hidden),
            ("SELECT 1 /*/ ' /* */ */; COMMIT; -- '", Effect::Hidden),
        ] {
            assert_eq!(read(sql, &language, false).0, expected, "{sql}");
        }
    }

    #[test]
    fn statements_are_told_by_their_first_words() {
        let cases = [
            ("SELECT 1", Effect::None),
            ("  \n-- a comment\n/* another */ # and\n  insert into t values (1);", Effect::None),
            ("(SELECT 1) UNION SELECT 2", Effect::None),
            ("", Effect::None),
            (";;", Effect::None),
            ("BEGIN", Effect::Control),
            ("/* why */ commit", Effect::Control),
            ("begin immediate", Effect::Control),
            ("Start Transaction read only", Effect::Control),
            ("START/**/TRANSACTION", Effect::Control),
            ("START-- why\nTRANSACTION", Effect::Control),
            ("PREPARE/**/TRANSACTION 'a'", Effect::Control),
            ("\u{feff}COMMIT", Effect::Control),
            (";COMMIT", Effect::Control),
            ("END", Effect::Control),
            ("ABORT;", Effect::Control),
            ("ROLLBACK", Effect::Control),
            ("ROLLBACK WORK", Effect::Control),
            ("ROLLBACK AND CHAIN", Effect::Control),
            ("rollback to savepoint a", Effect::None),
            ("ROLLBACK TRANSACTION TO a", Effect::None),
            ("ROLLBACK/**/TO/**/a", Effect::None),
            ("PREPARE TRANSACTION 'a'", Effect::Control),
            ("SET autocommit=0", Effect::Control),
            ("SET @@session.autocommit = 0", Effect::Control),
            ("SET @begin = 1", Effect::None),
            ("INSERT INTO t VALUES (1); COMMIT", Effect::Hidden),
            ("INSERT INTO t VALUES ('a;b')", Effect::None),
            ("INSERT INTO t VALUES ('a; commit')", Effect::Hidden),
            ("beginning", Effect::Hidden),
            ("savepoint a", Effect::Savepoint),
            ("SELECT 1; savepoint a", Effect::Savepoint),
            ("SAVEPOINT a; COMMIT", Effect::Hidden),
            ("savepoint buttress_1", Effect::Control),
            ("ROLLBACK TO \"BUTTRESS_1\"", Effect::Control),
            ("SELECT 1; RELEASE _sqlx_savepoint_1", Effect::Control),
            ("select 1; commit", Effect::Hidden),
            ("selected", Effect::Hidden),
            ("/*! COMMIT */", Effect::Hidden),
            ("/* /* */ */ COMMIT", Effect::Hidden),
            ("-- so\rCOMMIT", Effect::Hidden),
            ("SELECT\r\n1 -- so\r\n", Effect::None),
            ("/* one */ /* two */ CREATE TABLE t (id INT)", Effect::None),
            ("-- one; two\nCOMMIT", Effect::Control),
            ("/* one; two */ COMMIT", Effect::Control),
            ("SELECT 1; -- one; two\nCOMMIT", Effect::Hidden),
            ("SELECT 1 -- one; /* two\n; COMMIT", Effect::Hidden),
            ("SELECT 'one; -- two'; COMMIT", Effect::Hidden),
            ("-- nothing; but a comment", Effect::None),
            ("-- nothing but a comment", Effect::None),
            ("/* never closed", Effect::None),
        ];
        for (sql, expected) in cases {
            assert_eq!(read(sql, &PLAIN, false).0, expected, "{sql}");
        }
    }

    #[test]
    fn a_text_of_very_many_statements_is_asked_about() {
        for (statements, expected) in
            [(100, (Effect::None, Residue::None)), (100_000, (Effect::Hidden, Residue::Lasting))]
        {
            assert_eq!(read(&"INSERT INTO t VALUES (1);/*".repeat(statements), &PLAIN, false), expected);
        }
        assert_eq!(read(&format!("COMMIT{}", ";".repeat(1_000)), &PLAIN, false).0, Effect::Control);
    }

    #[test]
    fn where_statements_commit_by_themselves_each_has_to_be_understood() {
        let language = Language { harmless: &["select", "insert", "set"], commits_implicitly: true, ..PLAIN };
        for (sql, expected) in [
            ("select 1", Effect::None),
            ("SET x = 1", Effect::None),
            ("SELECT 1; INSERT INTO t VALUES (1);", Effect::None),
            ("CREATE TABLE t (id INT)", Effect::Hidden),
            ("SELECT 1; TRUNCATE t", Effect::Hidden),
            ("COMMIT", Effect::Control),
            ("/*!40000 COMMIT */", Effect::Hidden),
            ("SET PASSWORD = 'a'", Effect::Hidden),
            ("SET DEFAULT ROLE NONE", Effect::Hidden),
            ("SET/**/STATEMENT max_statement_time=1 FOR COMMIT", Effect::Hidden),
            ("SET x = 1, autocommit = 0", Effect::Hidden),
            ("SET x = 1, PASSWORD = 'a'", Effect::Hidden),
            ("/*M! COMMIT */", Effect::Hidden),
        ] {
            assert_eq!(read(sql, &language, false).0, expected, "{sql}");
        }
    }

    #[test]
    fn what_is_alone_hides_nothing_behind_a_semicolon() {
        assert_eq!(read("WITH a AS (SELECT '; commit') SELECT 1", &PLAIN, true).0, Effect::Hidden, "an unknown word");
        assert_eq!(read("(SELECT '; commit')", &PLAIN, true).0, Effect::None);
        assert_eq!(read("(SELECT '; commit')", &PLAIN, false).0, Effect::Hidden);
    }
}
