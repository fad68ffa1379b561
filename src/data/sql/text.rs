//! What a statement does to the transaction around it, as far as its text tells.

/// What is to be expected of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It stays inside the transaction, or is one of its own.
    None,
    /// It begins or ends a transaction.
    Control,
    /// It sets a savepoint: out of a transaction, that begins one on SQLite.
    Savepoint,
    /// One of its statements might: it has to be looked at afterwards. Text in quotes is not told from statements, so
    /// this is said too often rather than too rarely.
    Hidden,
}

/// The first words of a statement; more do not matter.
type Head<'a> = [&'a str; 3];

/// The effect of a text. `harmless` are the first words of statements that never end a transaction by themselves, if
/// there are others that do. `alone` says that the text cannot be more than one statement.
pub(super) fn effect(sql: &str, harmless: Option<&[&str]>, alone: bool) -> Effect {
    if is_plain(sql, alone) {
        return Effect::None;
    }
    let mut more = heads(sql);
    let first = more.next().unwrap_or_default();
    if is_control(first) {
        return Effect::Control;
    }
    let ends_by_itself =
        |[word, ..]: Head| !word.is_empty() && harmless.is_some_and(|harmless| !is_one_of(word, harmless));
    let hidden = ends_by_itself(first) || more.any(|head| is_control(head) || ends_by_itself(head));
    if hidden || harmless.is_some() && is_odd(sql) || nests_comments(sql) {
        Effect::Hidden
    } else if heads(sql).any(|[word, ..]| word.eq_ignore_ascii_case("savepoint")) {
        Effect::Savepoint
    } else {
        Effect::None
    }
}

/// What MySQL takes for a statement and others for a comment, and a `SET` that does more than to set.
fn is_odd(sql: &str) -> bool {
    let autocommit = || sql.to_ascii_lowercase().contains("autocommit");
    sql.contains("/*!")
        || sql.contains("/*M!")
        || heads(sql).any(|[word, what, _]| {
            word.eq_ignore_ascii_case("set") && (is_one_of(what, &["password", "statement"]) || autocommit())
        })
}

/// Whether a comment begins inside of another. Databases do not agree where that ends.
fn nests_comments(mut sql: &str) -> bool {
    while let Some((_, comment)) = sql.split_once("/*") {
        let Some((inside, behind)) = comment.split_once("*/") else { return false };
        if inside.contains("/*") {
            return true;
        }
        sql = behind;
    }
    false
}

/// Most texts are one of these statements and nothing else, and need no closer look.
fn is_plain(sql: &str, alone: bool) -> bool {
    let Some((word, [space, rest @ ..])) = sql.as_bytes().split_first_chunk::<6>() else { return false };
    // A letter is a small one with this bit, and nothing else is.
    matches!(&word.map(|byte| byte | 0x20), b"select" | b"insert" | b"update" | b"delete")
        && space.is_ascii_whitespace()
        && (alone || memchr::memchr(b';', rest).is_none())
}

/// The first words of all that may be a statement: what begins the text, and what follows a semicolon.
fn heads(sql: &str) -> impl Iterator<Item = Head<'_>> {
    // Up to the end of the text and not to the next semicolon, which may stand in a comment.
    let behind = sql.match_indices(';').filter_map(|(at, _)| sql.get(at + 1..));
    std::iter::once(sql).chain(behind).map(head)
}

fn is_control([first, second, third]: Head) -> bool {
    let is = |word: &str, name| word.eq_ignore_ascii_case(name);
    is_one_of(first, &["begin", "commit", "end", "abort", "xa"])
        || is(first, "start") && is(second, "transaction")
        || is(first, "prepare") && is(second, "transaction")
        || is(first, "rollback") && !is(second, "to") && !is(third, "to")
        || is(first, "set") && (is(second, "autocommit") || is(third, "autocommit"))
}

fn is_one_of(word: &str, names: &[&str]) -> bool {
    names.iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// The first three words, without the comments before them.
fn head(statement: &str) -> Head<'_> {
    let mut rest = after_comments(statement);
    let mut head = Head::default();
    for word in &mut head {
        rest = rest.trim_start_matches(|char: char| char.is_whitespace() || matches!(char, '(' | '@' | '.'));
        let end = rest.find(|char: char| !char.is_alphanumeric() && char != '_').unwrap_or(rest.len());
        (*word, rest) = rest.split_at(end);
    }
    head
}

fn after_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        let rest = if let Some(comment) = text.strip_prefix("/*") {
            comment.split_once("*/").map(|(_, rest)| rest)
        } else if text.starts_with("--") || text.starts_with('#') {
            text.split_once('\n').map(|(_, rest)| rest)
        } else {
            return text;
        };
        text = rest.unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("END", Effect::Control),
            ("ABORT;", Effect::Control),
            ("ROLLBACK", Effect::Control),
            ("ROLLBACK WORK", Effect::Control),
            ("rollback to savepoint a", Effect::None),
            ("ROLLBACK TRANSACTION TO a", Effect::None),
            ("PREPARE TRANSACTION 'a'", Effect::Control),
            ("SET autocommit=0", Effect::Control),
            ("SET @@session.autocommit = 0", Effect::Control),
            ("SET @begin = 1", Effect::None),
            ("INSERT INTO t VALUES (1); COMMIT", Effect::Hidden),
            ("INSERT INTO t VALUES ('a;b')", Effect::None),
            ("INSERT INTO t VALUES ('a; commit')", Effect::Hidden),
            ("beginning", Effect::None),
            ("savepoint a", Effect::Savepoint),
            ("SELECT 1; savepoint a", Effect::Savepoint),
            ("SAVEPOINT a; COMMIT", Effect::Hidden),
            ("select 1; commit", Effect::Hidden),
            ("selected", Effect::None),
            ("/*! COMMIT */", Effect::None),
            ("/* /* */ */ COMMIT", Effect::Hidden),
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
            assert_eq!(effect(sql, None, false), expected, "{sql}");
        }
    }

    #[test]
    fn where_statements_end_transactions_by_themselves_others_are_suspect() {
        let harmless: &[&str] = &["select", "insert", "set"];
        for (sql, expected) in [
            ("select 1", Effect::None),
            ("SET x = 1", Effect::None),
            ("SELECT 1; INSERT INTO t VALUES (1);", Effect::None),
            ("CREATE TABLE t (id INT)", Effect::Hidden),
            ("SELECT 1; TRUNCATE t", Effect::Hidden),
            ("COMMIT", Effect::Control),
            ("/*!40000 COMMIT */", Effect::Hidden),
            ("SET PASSWORD = 'a'", Effect::Hidden),
            ("SET x = 1, autocommit = 0", Effect::Hidden),
            ("/*M! COMMIT */", Effect::Hidden),
        ] {
            assert_eq!(effect(sql, Some(harmless), false), expected, "{sql}");
        }
    }
}
