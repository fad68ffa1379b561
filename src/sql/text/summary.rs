//! The summary of a statement: `SELECT orders customers`.

use super::lex::{Kind, Token};

/// The longest summary, in bytes.
const LONGEST: usize = 255;

/// Words that begin a statement, inside another one, too.
const ANYWHERE: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/// Words that begin a statement only at its start.
const AT_START: [&str; 20] = [
    "ALTER", "ANALYZE", "BEGIN", "CALL", "COMMIT", "COPY", "CREATE", "DO", "DROP", "EXPLAIN", "LOCK", "MERGE",
    "PRAGMA", "REPLACE", "ROLLBACK", "SET", "SHOW", "TRUNCATE", "VACUUM", "VALUES",
];

/// Words that may stand between a keyword and the name of the table that it announces.
const BEFORE_NAME: [&str; 11] =
    ["ABORT", "EXISTS", "FAIL", "IF", "IGNORE", "LOW_PRIORITY", "NOT", "ONLY", "OR", "REPLACE", "ROLLBACK"];

/// Words that end a list of tables.
const AFTER_TABLES: [&str; 12] =
    ["FOR", "GROUP", "HAVING", "LIMIT", "ON", "ORDER", "RETURNING", "SET", "UNION", "USING", "VALUES", "WHERE"];

fn known(text: &str, words: &[&'static str]) -> Option<&'static str> {
    words.iter().find(|word| word.eq_ignore_ascii_case(text)).copied()
}

/// The operations of a statement, and their tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::sql) struct Summary {
    /// `SELECT`; the first, if there are several.
    pub(in crate::sql) operation: Option<&'static str>,
    /// The table, if there is one only.
    pub(in crate::sql) collection: Option<String>,
    /// All operations, each followed by its tables.
    pub(in crate::sql) text: String,
    several: bool,
}

impl Summary {
    fn push(&mut self, word: &str) {
        if self.text.len() + word.len() < LONGEST {
            self.text.push_str(if self.text.is_empty() { "" } else { " " });
            self.text.push_str(word);
        }
    }
}

/// The token before the present word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Before {
    #[default]
    /// Nothing, or something after which a statement may begin.
    Start,
    /// A closed parenthesis: `WITH x AS (…) SELECT`, but also `ON CONFLICT (id) DO` and `ON (a = b) SET`.
    Closed,
    Distinct,
    Other,
}

/// Whether a name of a table comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Names {
    #[default]
    No,
    /// After `FROM`, `JOIN` or a comma: unless it turns out to be a function.
    Source,
    /// After `INTO`, `UPDATE` or `TABLE`: a parenthesis may follow.
    Target,
    /// After a name, at this depth: a comma may bring the next.
    Listed(u32),
}

/// Sums up the tokens that it is given.
#[derive(Debug, Default)]
pub(super) struct Summariser {
    summary: Summary,
    /// A name with its parts, as far as it was read, and whether a dot was the last of it.
    name: Option<(String, bool)>,
    before: Before,
    names: Names,
    depth: u32,
    /// A bit for each depth at which a `FROM` is one of tables, and not that of a function.
    from: u64,
    /// A bit for each depth at which a parenthesis stands in place of a table.
    derived: u64,
    /// Whether the statement is a `VACUUM`, which writes into a file.
    vacuums: bool,
}

impl Summariser {
    /// Takes a token that is not blank, and looks at the next one.
    pub(super) fn token(&mut self, token: Token<'_>, next: Option<Token<'_>>) {
        let next_is = |sign| next.is_some_and(|next| next.is(sign));
        match (self.name.take(), token.name()) {
            (Some((name, false)), _) => self.name = Some((name, true)),
            (Some((name, true)), Some(part)) => self.name = Some((format!("{name}.{part}"), false)),
            (Some(name), None) => self.name = Some(name),
            (None, Some(name)) if self.wants_name(name) => self.name = Some((name.to_owned(), false)),
            (None, _) => {
                match token.kind {
                    Kind::Word => self.word(token.text, next_is("(")),
                    Kind::Sign => self.sign(token.text),
                    _ => self.before = Before::Other,
                }
                return;
            }
        }
        let goes_on = next_is(".") || next.and_then(Token::name).is_some();
        if let Some((name, after_dot)) = self.name.take() {
            if next_is(".") || after_dot && goes_on {
                self.name = Some((name, after_dot));
            } else {
                self.name(name, next_is("("));
            }
        }
    }

    pub(super) fn finish(self) -> Summary {
        self.summary
    }

    fn here(&self) -> u64 {
        1_u64.checked_shl(self.depth).unwrap_or(0)
    }

    fn wants_name(&self, text: &str) -> bool {
        let announced = matches!(self.names, Names::Source | Names::Target);
        let keyword = known(text, &ANYWHERE).or(known(text, &BEFORE_NAME)).or(known(text, &["LATERAL", "TABLE"]));
        announced && keyword.is_none()
    }

    fn name(&mut self, name: String, parenthesis: bool) {
        let is_function = parenthesis && self.names == Names::Source;
        self.names = Names::Listed(self.depth);
        self.before = Before::Other;
        if is_function {
            return;
        }
        self.summary.push(&name);
        match &self.summary.collection {
            None if !self.summary.several => self.summary.collection = Some(name),
            Some(other) if *other != name => {
                self.summary.several = true;
                self.summary.collection = None;
            }
            _ => {}
        }
    }

    fn word(&mut self, text: &str, parenthesis: bool) {
        let before = std::mem::replace(&mut self.before, Before::Other);
        let begins = match known(text, &ANYWHERE) {
            Some("SELECT") => Some("SELECT"),
            Some(word) if matches!(before, Before::Start | Before::Closed) && !parenthesis => Some(word),
            None if before == Before::Closed => known(text, &["MERGE"]),
            None if before == Before::Start && !parenthesis => known(text, &AT_START),
            _ => None,
        };
        if let Some(operation) = begins {
            return self.operation(operation);
        }
        match known(text, &["DISTINCT", "FROM", "INTO", "JOIN", "TABLE", "WITH"]) {
            Some("DISTINCT") => self.before = Before::Distinct,
            Some("FROM") if before != Before::Distinct && self.from & self.here() != 0 => {
                self.from &= !self.here();
                self.names = Names::Source;
            }
            Some("JOIN") => self.names = Names::Source,
            Some("INTO") if self.vacuums => {}
            Some("INTO" | "TABLE") => self.names = Names::Target,
            _ if known(text, &AFTER_TABLES).is_some() => self.names = Names::No,
            _ => {}
        }
    }

    fn operation(&mut self, operation: &'static str) {
        self.summary.push(operation);
        self.summary.operation.get_or_insert(operation);
        self.names = if operation == "UPDATE" { Names::Target } else { Names::No };
        self.from |= self.here();
        self.vacuums = operation == "VACUUM";
        if matches!(operation, "EXPLAIN" | "ANALYZE") {
            self.before = Before::Start;
        }
    }

    fn sign(&mut self, sign: &str) {
        self.before = match sign {
            "(" | ";" => Before::Start,
            ")" => Before::Closed,
            _ => Before::Other,
        };
        match sign {
            "(" => {
                if self.names == Names::Source {
                    self.derived |= self.here();
                }
                self.depth += 1;
                self.from &= !self.here();
                if matches!(self.names, Names::Source | Names::Target) {
                    self.names = Names::No;
                }
            }
            ")" => {
                self.depth = self.depth.saturating_sub(1);
                if self.derived & self.here() != 0 {
                    self.derived &= !self.here();
                    self.names = Names::Listed(self.depth);
                }
            }
            "," if self.names == Names::Listed(self.depth) => self.names = Names::Source,
            ";" => self.names = Names::No,
            _ => {}
        }
    }
}

#[allow(clippy::mixed_attributes_style, reason = "the databases that it needs are features")]
#[cfg(test)]
mod tests {
    #![cfg(all(feature = "mysql", feature = "postgres"))]

    use super::*;
    use crate::sql::mysql::SYNTAX as MYSQL;
    use crate::sql::postgres::SYNTAX as POSTGRES;
    use crate::sql::text::syntax::Syntax;

    fn summed_up(sql: &str, syntax: &'static Syntax) -> Summary {
        crate::sql::text::describe(sql, syntax).summary
    }

    #[test]
    fn a_statement_is_told_by_its_operations_and_tables() {
        let cases = [
            ("SELECT * FROM orders WHERE id = $1", "SELECT orders", Some("orders")),
            ("select o.id from orders o, customers AS c where 1 = 1", "SELECT orders customers", None),
            ("SELECT * FROM shop.\"orders\" JOIN lines ON true", "SELECT shop.orders lines", None),
            (
                "INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET n = 1",
                "INSERT orders",
                Some("orders"),
            ),
            ("UPDATE a JOIN b ON (a.id = b.id) SET a.n = 1", "UPDATE a b", None),
            ("WITH x AS (SELECT 1) MERGE INTO a USING x ON true", "SELECT MERGE a", Some("a")),
            ("INSERT INTO a SELECT * FROM b", "INSERT a SELECT b", None),
            ("INSERT OR REPLACE INTO a VALUES (1)", "INSERT a", Some("a")),
            ("UPDATE ONLY orders SET n = replace(n, 'a', 'b') FROM lines", "UPDATE orders lines", None),
            (
                "DELETE FROM \"orders\" WHERE id IN (SELECT id FROM \"orders\")",
                "DELETE orders SELECT orders",
                Some("orders"),
            ),
            ("SELECT extract(epoch FROM at), a IS DISTINCT FROM b FROM t FOR UPDATE", "SELECT t", Some("t")),
            ("SELECT n FROM generate_series(1, 2) AS n", "SELECT", None),
            ("SELECT * FROM (SELECT id FROM a) AS x, b", "SELECT SELECT a b", None),
            ("WITH x AS (DELETE FROM a RETURNING id) SELECT count(*) FROM x", "DELETE a SELECT x", None),
            ("CREATE TABLE IF NOT EXISTS a (b INT)", "CREATE a", Some("a")),
            ("EXPLAIN SELECT 1", "EXPLAIN SELECT", None),
            ("VACUUM main INTO \"a file\"", "VACUUM", None),
            ("SET search_path TO x", "SET", None),
            ("do something", "DO", None),
            ("(SELECT 1 FROM a) UNION ALL (SELECT 2 FROM a)", "SELECT a SELECT a", Some("a")),
            ("nonsense 'x' FROM y", "", None),
            ("SELECT FROM", "SELECT", None),
            ("SELECT * FROM a WHERE b = 'never closed", "", None),
            ("", "", None),
        ];
        for (sql, text, collection) in cases {
            let summary = summed_up(sql, &POSTGRES);
            assert_eq!((summary.text.as_str(), summary.collection.as_deref()), (text, collection), "{sql}");
            assert_eq!(summary.operation, text.split(' ').next().filter(|word| !word.is_empty()), "{sql}");
        }
    }

    #[test]
    fn a_summary_is_short_and_holds_no_value() {
        let sql = format!("SELECT 's3cr3t' FROM {}", vec!["a_long_name"; 100].join(", "));
        let summary = summed_up(&sql, &MYSQL);
        assert!(summary.text.len() < 256 && !summary.text.contains("s3cr3t"));
        // Unbalanced parentheses end as well.
        summed_up(&"(".repeat(1_000), &MYSQL);
        summed_up(&")SELECT * FROM a".repeat(100), &MYSQL);
    }
}
