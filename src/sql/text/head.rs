//! The first words of statements.

/// The first words of a statement; more do not matter.
pub(super) type Head<'a> = [&'a str; 3];

/// The first words of all that may be a statement: of the text, and of what follows each semicolon. Semicolons in quotes
/// and comments count as well, for nobody here can tell them apart, so there may be too many heads and never too few.
pub(super) fn heads(sql: &str, alone: bool) -> impl Iterator<Item = Head<'_>> {
    // Up to the end of the text and not to the next semicolon, which may stand in a comment.
    let behind = sql.match_indices(';').filter(move |_| !alone).filter_map(|(at, _)| sql.get(at + 1..));
    std::iter::once(sql).chain(behind).map(head)
}

/// A text of `PostgreSQL` without what is quoted and without comments; `None` where its settings or a missing end leave it
/// open what that is.
pub(in crate::sql) fn unquoted(sql: &str) -> Option<String> {
    let mut words = String::new();
    let mut rest = sql;
    if sql.contains('\\') {
        return None;
    }
    while let Some(at) = rest.find(['\'', '"', '$', '-', '/']) {
        let (before, opened) = rest.split_at(at);
        words.push_str(before);
        let mark = opened.get(..1)?;
        rest = match mark {
            "'" | "\"" => opened.get(1..)?.split_once(mark)?.1,
            "$" if !words.ends_with(in_name) => after_dollar(opened)?,
            _ if opened.starts_with("--") => opened.split_once(['\n', '\r']).map_or("", |(_, rest)| rest),
            _ if opened.starts_with("/*") => {
                let (comment, rest) = opened.get(2..)?.split_once("*/")?;
                (!begins_another(comment)).then_some(rest)?
            }
            _ => {
                words.push_str(mark);
                rest = opened.get(1..)?;
                continue;
            }
        };
        words.push(' ');
    }
    words.push_str(rest);
    Some(words)
}

/// Whether a comment, up to its first end, begins another one, which has an end of its own. In `/*/` both overlap.
pub(super) fn begins_another(comment: &str) -> bool {
    comment.contains("/*") || comment.ends_with('/')
}

/// The text behind a dollar quote, or behind a dollar that is none.
fn after_dollar(opened: &str) -> Option<&str> {
    let name = opened.get(1..)?.find(|char| !in_name(char) || char == '$').unwrap_or(opened.len() - 1);
    let tag = opened.get(..name + 2).filter(|tag| tag.ends_with('$'));
    match tag {
        Some(tag) if !tag.get(1..)?.starts_with(|char: char| char.is_ascii_digit()) => {
            opened.get(tag.len()..)?.split_once(tag).map(|(_, rest)| rest)
        }
        _ => opened.get(1..),
    }
}

fn in_name(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '$') || !char.is_ascii()
}

/// The first three words. Comments and white space may stand before each; a byte order mark is white space on SQLite.
pub(super) fn head(statement: &str) -> Head<'_> {
    let mut rest = start(statement);
    let mut head = Head::default();
    for word in &mut head {
        rest = after_space(rest, &['(', '@', '.']);
        let end = rest.find(|char: char| !char.is_alphanumeric() && char != '_').unwrap_or(rest.len());
        (*word, rest) = rest.split_at(end);
    }
    head
}

/// Whether a text begins with something other than a word.
pub(super) fn begins_oddly(sql: &str) -> bool {
    start(sql).starts_with(|char: char| !char.is_alphanumeric())
}

/// Where the first word begins. Empty statements before it do not count.
fn start(statement: &str) -> &str {
    after_space(statement, &['(', ';'])
}

/// The text behind comments, white space and the given marks.
fn after_space<'a>(mut text: &'a str, marks: &[char]) -> &'a str {
    loop {
        text = text.trim_start_matches(|char| is_space(char) || marks.contains(&char));
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

fn is_space(char: char) -> bool {
    char.is_whitespace() || char == '\u{feff}'
}

pub(super) fn is(word: &str, name: &str) -> bool {
    word.eq_ignore_ascii_case(name)
}

pub(super) fn is_one_of(word: &str, names: &[&str]) -> bool {
    names.iter().any(|name| is(word, name))
}

/// Whether a text holds a word or a part of one, in any case.
pub(super) fn contains(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}
