//! The part of a database's message that may be shown.

use std::fmt;

/// The characters that begin or end a quotation in some language.
const QUOTES: [char; 14] = ['\'', '"', '`', '«', '»', '„', '“', '”', '‚', '‘', '’', '‹', '›', '「'];

/// MySQL's names for the parts of a statement, which it puts in quotes.
const CLAUSES: [&str; 7] =
    ["field list", "from clause", "group statement", "having clause", "on clause", "order clause", "where clause"];

/// The words of a message up to its first value.
///
/// A value may hold any character, and a long message may be cut, so the end of a quoted value cannot be found. But a
/// value begins after a colon or after a quote of some language, or it is a number. The statement's names may stand in
/// a message without quotes, too, and if the statement was built at run time, they may be anything.
pub(in crate::sql) struct Words<'a>(pub(in crate::sql) &'a str);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.0.split(|char| char == ':' || QUOTES.contains(&char)).next().unwrap_or_default();
        let shown = before.find(" named ").and_then(|at| before.get(..at)).unwrap_or(before);
        for (i, word) in shown.split(' ').enumerate() {
            let space = if i == 0 { "" } else { " " };
            write!(f, "{space}{}", if may_be_a_name(word) { "…" } else { word })?;
        }
        f.write_str(if shown.len() < self.0.len() { "…" } else { "" })
    }
}

/// Whether a word is a number or may be a name: `t.column`, `function(integer)`.
fn may_be_a_name(word: &str) -> bool {
    let inside = word.trim_end_matches(['.', ',', ';']);
    inside.bytes().any(|byte| byte.is_ascii_digit()) || inside.contains('.') || word.find('(').is_some_and(|at| at > 0)
}

/// A message that quotes words of the statement and no values. It shows the database's own words, and of the quoted
/// words those that stand in the statement's text. It ends at the first quoted word that does not.
pub(in crate::sql) struct Names<'a> {
    pub(in crate::sql) message: &'a str,
    /// The words of the statement, without its literals.
    pub(in crate::sql) known: &'a [&'a str],
    /// Whether a name of the statement follows a colon.
    pub(in crate::sql) after_colon: bool,
    /// Whether the message goes on after an unknown name, because nothing in it can be a value.
    pub(in crate::sql) goes_on: bool,
}

impl Names<'_> {
    fn knows(&self, word: &str) -> bool {
        self.known.iter().any(|known| known.eq_ignore_ascii_case(word))
    }

    /// The known part of a name with its qualifiers. The database may have added the qualifiers.
    fn known_part<'n>(&self, name: &'n str) -> Option<&'n str> {
        let is_known = |part: &&str| !part.is_empty() && self.knows(part);
        if name.split('.').all(|part| is_known(&part)) {
            return Some(name);
        }
        name.rsplit('.').next().filter(is_known)
    }

    /// Shows a word outside quotes; returns `false` if it may not be shown.
    fn word(&self, word: &str, named: bool, f: &mut fmt::Formatter<'_>) -> Result<bool, fmt::Error> {
        let name = word.trim_end_matches('.');
        let shown = match self.known_part(name) {
            Some(known) => known,
            None if named => return Ok(false),
            None if is_parameter(word) => word,
            None if may_be_a_name(word) || word.contains('$') => "…",
            None => name,
        };
        write!(f, "{shown}{}", word.get(name.len()..).unwrap_or_default())?;
        Ok(true)
    }

    /// Shows the quoted text that begins with `inside`; returns its length, if that can be told.
    fn quoted(&self, quote: char, inside: &str, f: &mut fmt::Formatter<'_>) -> Result<Option<usize>, fmt::Error> {
        let clause = inside.split_once(quote).map(|(clause, _)| clause).filter(|clause| CLAUSES.contains(clause));
        let name = inside.split(|char| !is_part(char)).next().unwrap_or_default();
        let (shown, length) = match (clause, self.known_part(name)) {
            (Some(clause), _) => (clause, clause.len()),
            (None, Some(known)) => (known, name.len()),
            (None, None) => {
                f.write_str("…")?;
                let end = inside.find(closing(quote)).filter(|_| self.goes_on);
                return Ok(end.map(|end| end + closing(quote).len_utf8()));
            }
        };
        let is_whole = inside.get(length..).is_some_and(|rest| rest.starts_with(quote));
        write!(f, "{quote}{shown}{}", if is_whole { quote } else { '…' })?;
        Ok(is_whole.then_some(length + quote.len_utf8()))
    }
}

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut rest, mut named, mut before) = (self.message, false, ' ');
        while let Some(char) = rest.chars().next() {
            let mut length = char.len_utf8();
            if is_part(char) {
                length = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
                if !self.word(rest.get(..length).unwrap_or_default(), named, f)? {
                    return f.write_str("…");
                }
            } else if QUOTES.contains(&char) && !(char == '\'' && before.is_ascii_alphabetic()) {
                let read = self.message.get(..self.message.len() - rest.len()).unwrap_or_default();
                match self.quoted(char, rest.get(length..).unwrap_or_default(), f)? {
                    // After `near`, MySQL quotes the rest of the statement as it is: the name may be the prefix of a
                    // literal.
                    Some(inside) if char != '\'' || !read.ends_with("near ") => length += inside,
                    Some(_) => return f.write_str("…"),
                    None => return Ok(()),
                }
            } else {
                named |= char == ':' && self.after_colon;
                write!(f, "{char}")?;
            }
            let (taken, left) = rest.split_at_checked(length).unwrap_or((rest, ""));
            before = taken.chars().next_back().unwrap_or(' ');
            rest = left;
        }
        Ok(())
    }
}

/// The character that ends a quotation that begins with `quote`.
const fn closing(quote: char) -> char {
    match quote {
        '«' => '»',
        '»' => '«',
        '„' => '“',
        '“' => '”',
        '‘' => '’',
        '‚' => '‘',
        '「' => '」',
        '‹' => '›',
        quote => quote,
    }
}

/// Whether a word is one of `PostgreSQL`'s placeholders.
fn is_parameter(word: &str) -> bool {
    word.strip_prefix('$').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

fn is_part(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '$' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_shown_up_to_its_first_value() {
        let cases = [
            ("Duplicate entry 'ann@x' for key 'email'", "Duplicate entry …"),
            ("invalid input syntax for type integer: \"4x\"", "invalid input syntax for type integer…"),
            ("value too long for type character varying(3)", "value too long for type character …"),
            ("no such column: ann@x", "no such column…"),
            ("requested character too large for encoding: 1114112", "requested character too large for encoding…"),
            ("index -5 out of valid range, 0..3", "index … out of valid range, …"),
            ("Zeitzone »ann@x« nicht erkannt", "Zeitzone …"),
            ("column t.ann does not exist", "column … does not exist"),
            ("function ann(integer) does not exist", "function … does not exist"),
            ("table t has no column named ann", "table t has no column…"),
            ("database is locked", "database is locked"),
            ("", ""),
        ];
        for (message, shown) in cases {
            assert_eq!(Words(message).to_string(), shown);
        }
    }

    #[test]
    fn names_are_shown_that_the_statement_has() {
        let known = ["SELECT", "nope", "FROM", "t2", "sku"];
        let cases = [
            (r#"relation "nope" does not exist"#, r#"relation "nope" does not exist"#),
            (r#"relation "hush" does not exist"#, "relation …"),
            ("column t2.nope does not exist", "column t2.nope does not exist"),
            ("column t3.sku does not exist", "column sku does not exist"),
            ("column hush3 does not exist", "column … does not exist"),
            (r#"syntax error at or near "'nope'""#, "syntax error at or near …"),
            (r#"syntax error at or near "nope""#, r#"syntax error at or near "nope""#),
            ("operator does not exist: text = bigint", "operator does not exist: text = bigint"),
            ("could not determine data type of parameter $1", "could not determine data type of parameter $1"),
            ("Table 'shop.nope' doesn't exist", "Table 'nope' doesn't exist"),
            ("Unknown column 'sku' in 'field list'", "Unknown column 'sku' in 'field list'"),
            ("Unknown column 'hush' in 'field list'", "Unknown column …"),
            ("right syntax to use near 'FROM t2 'hush'' at line 1", "right syntax to use near 'FROM…"),
            ("right syntax to use near 'FROM'hush'' at line 1", "right syntax to use near 'FROM'…"),
            ("unterminated text near $q$hush", "unterminated text near …"),
            ("function nope(integer) does not exist", "function nope(integer) does not exist"),
        ];
        for (message, shown) in cases {
            assert_eq!(Names { message, known: &known, after_colon: false, goes_on: false }.to_string(), shown);
        }
        let sqlite = [
            ("no such table: main.nope", "no such table: nope"),
            ("no such table: hush", "no such table: …"),
            ("no such column: \"hush\" - should this be a literal", "no such column: …"),
            ("table t2 has no column named sku", "table t2 has no column named sku"),
        ];
        for (message, shown) in sqlite {
            assert_eq!(Names { message, known: &known, after_colon: true, goes_on: false }.to_string(), shown);
        }
    }

    #[test]
    fn a_message_without_values_is_shown_to_its_end() {
        let known = ["UPDATE", "accounts", "stock", "stock_check"];
        let cases = [
            (
                r#"new row for relation "accounts" violates check constraint "stock_check""#,
                r#"new row for relation "accounts" violates check constraint "stock_check""#,
            ),
            (
                r#"insert or update on table "tenant_7" violates foreign key constraint "fk""#,
                "insert or update on table … violates foreign key constraint …",
            ),
            (r#"database "hush" does not exist"#, "database … does not exist"),
            ("Data too long for column 'stock' at row 1", "Data too long for column 'stock' at row …"),
            (
                "CONSTRAINT `stock_check` failed for `shop`.`accounts`",
                "CONSTRAINT `stock_check` failed for ….`accounts`",
            ),
            ("cannot store TEXT value in INTEGER column accounts.n", "cannot store TEXT value in INTEGER column …"),
            (r#"a name with "one" too many" quotes"#, "a name with … too many…"),
        ];
        for (message, shown) in cases {
            assert_eq!(Names { message, known: &known, after_colon: false, goes_on: true }.to_string(), shown);
        }
    }
}
