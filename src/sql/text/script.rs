//! Scripts of several statements.

use super::lex::{Kind, Tokens};
use super::syntax::Syntax;

/// Words of statements that may hold others.
const ROUTINES: [&str; 7] = ["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE", "BEGIN", "DELIMITER"];

/// The statements of a script, each without the `;` behind it. From the first one on that may hold others, the rest of
/// the script is left in one piece; so is what follows a text that cannot be read.
pub(in crate::sql) fn statements<'a>(script: &'a str, syntax: &'static Syntax) -> Vec<&'a str> {
    let (mut statements, mut begin, mut end) = (Vec::new(), 0, 0);
    let (mut filled, mut whole) = (false, false);
    for token in Tokens::new(script, syntax) {
        let start = end;
        end += token.text.len();
        match token.kind {
            Kind::Sign if token.text == ";" && !whole => {
                statements.extend(script.get(begin..start).filter(|_| filled));
                (begin, filled) = (end, false);
                continue;
            }
            Kind::Word => whole |= ROUTINES.iter().any(|word| word.eq_ignore_ascii_case(token.text)),
            Kind::Code | Kind::Open => whole = true,
            _ => {}
        }
        filled |= !matches!(token.kind, Kind::Blank);
    }
    statements.extend(script.get(begin..).filter(|_| filled));
    statements
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::mysql::SYNTAX;

    #[test]
    fn a_script_is_cut_between_its_statements() {
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
            assert_eq!(statements(script, &SYNTAX), expected, "{script}");
        }
    }
}
