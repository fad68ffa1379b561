//! Scripts of several statements.

use crate::sql::text::lex::{Token, Tokens};
use crate::sql::text::opaque::Syntax;
use crate::sql::text::summary::Summary;

/// Words of statements that may hold others.
const ROUTINES: [&str; 7] = ["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE", "BEGIN", "DELIMITER"];

/// The statements of a script, each without the `;` behind it. From the first one on that may hold others, the rest of
/// the script is left in one piece.
pub(crate) fn statements(script: &str, syntax: Syntax) -> Vec<&str> {
    let (mut statements, mut begin) = (Vec::new(), 0);
    let (mut filled, mut whole) = (false, false);
    for (_, token) in Tokens::new(script, syntax) {
        match token {
            Token::Sign(sign @ ";") if !whole => {
                // A sign is a part of the script.
                let end = sign.as_ptr().addr() - script.as_ptr().addr();
                statements.extend(script.get(begin..end).filter(|_| filled));
                (begin, filled) = (end + 1, false);
                continue;
            }
            Token::Word { text, quote: None } => whole |= ROUTINES.iter().any(|word| word.eq_ignore_ascii_case(text)),
            _ => {}
        }
        filled = true;
    }
    statements.extend(script.get(begin..).filter(|_| filled));
    statements
}

/// The summary of a statement, in a few words and without its values.
pub(crate) fn summary(sql: &str, syntax: Syntax) -> String {
    Summary::new(sql, syntax).text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_cut_between_its_statements() {
        let syntax = Syntax::MySql;
        let trigger = "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW BEGIN SET @a = 1; END; SELECT 2";
        let after = format!("SELECT 1;{trigger}");
        let cases: [(&str, &[&str]); 7] = [
            ("CREATE TABLE a (n INT); DROP TABLE b;\n", &["CREATE TABLE a (n INT)", " DROP TABLE b"]),
            (
                "-- one; two\nSELECT ';', \"a;\", `b;` # c;\n; DO 2",
                &["-- one; two\nSELECT ';', \"a;\", `b;` # c;\n", " DO 2"],
            ),
            (r"SELECT 'it\'s; x'; SELECT 2", &[r"SELECT 'it\'s; x'", " SELECT 2"]),
            (";; ;", &[]),
            ("-- nothing but a comment;", &[]),
            (&after, &["SELECT 1", trigger]),
            ("SELECT 'never closed; SELECT 2", &["SELECT 'never closed; SELECT 2"]),
        ];
        for (script, expected) in cases {
            assert_eq!(statements(script, syntax), expected, "{script}");
        }
    }
}
