//! Texts without a statement.

/// Whether a text holds nothing but space, comments and semicolons. Comments nest in `PostgreSQL`.
pub(in crate::sql) fn is_blank(sql: &str, comments_nest: bool) -> bool {
    behind_comments(sql, comments_nest).is_empty()
}

/// The text from its first word on.
pub(in crate::sql) fn behind_comments(mut sql: &str, nest: bool) -> &str {
    loop {
        sql = sql.trim_start_matches(|char: char| char.is_whitespace() || matches!(char, ';' | '\u{feff}'));
        sql = if let Some(comment) = sql.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, behind)| behind)
        } else if let Some(comment) = sql.strip_prefix("/*") {
            behind_comment(comment, nest)
        } else {
            return sql;
        };
    }
}

/// The text after the end of a comment. A comment that does not end reaches to the end of the text.
fn behind_comment(mut rest: &str, nest: bool) -> &str {
    let mut depth = 1_u32;
    while let Some(at) = rest.find(['*', '/']) {
        let (mark, behind) = (rest.get(at..).unwrap_or_default(), rest.get(at + 2..).unwrap_or_default());
        if mark.starts_with("*/") {
            (depth, rest) = (depth - 1, behind);
            if depth == 0 {
                return rest;
            }
        } else if nest && mark.starts_with("/*") {
            (depth, rest) = (depth + 1, behind);
        } else {
            rest = rest.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_blank_without_a_statement() {
        for (sql, everywhere, nested) in [
            ("", true, true),
            (" \u{feff}\n;; ", true, true),
            ("-- one; two", true, true),
            ("-- one\n/* two; */ ; -- three", true, true),
            ("/* never closed; SELECT 1", true, true),
            ("/* /* */ */", false, true),
            ("/* /* */ SELECT 1 /* */", false, true),
            ("/*/**/*/ SELECT 1", false, false),
            ("/**/SELECT 1", false, false),
            ("(SELECT 1)", false, false),
            ("- 1", false, false),
        ] {
            assert_eq!((is_blank(sql, false), is_blank(sql, true)), (everywhere, nested), "{sql}");
        }
    }
}
