//! Reading SQL: one pass over a text tells everything that is known of it.
//!
//! | what | who needs it |
//! |---|---|
//! | where its values are | [`sql`](crate::sql::sql), which counts them and, on `PostgreSQL`, numbers them |
//! | its [`Effect`] on the transaction, its [`Residue`] in the session | the guard, before the text is sent |
//! | its [`Description`]: the text without values, a summary, a fingerprint | spans, the count of statements, errors |
//!
//! [`Tokens`] cuts the text into tokens by the [`Syntax`] of its database, which is a constant in the database's folder.
//! A [`Reader`] takes them. The result, a [`Reading`], is [kept] for texts that the program is compiled with, so that
//! they are read once; it goes with the statement for others. Texts of sqlx's own queries take the same way.
//!
//! The text is only a first line. A statement that is known to be harmless costs nothing; after any other, the server is
//! asked. A text that is not certainly understood is taken for the worst: nothing of it is shown, the transaction is
//! asked afterwards, and the connection is closed.
//!
//! [kept]: kept::Kept

mod describe;
pub(super) mod kept;
pub(super) mod lex;
pub(super) mod marks;
#[cfg(feature = "mysql")]
pub(super) mod script;
pub(super) mod statement;
mod summary;
#[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "its names alone stand in double quotes"))]
pub(super) mod syntax;

use std::borrow::Cow;

use self::describe::{Describer, may_be_text};
use self::lex::{Kind, Token, Tokens};
use self::marks::Marks;
use self::statement::Statement;

pub(super) use self::describe::Description;
pub(super) use self::syntax::Syntax;

/// The database whose SQL a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "its driver makes it"))]
    Postgres,
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "its driver makes it"))]
    MySql,
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "its driver makes it"))]
    Sqlite,
}

/// The effect of a text on its transaction, from the mildest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// It stays inside the transaction, or is one of its own.
    #[default]
    None,
    /// It sets a savepoint: out of a transaction, that begins one on SQLite.
    Savepoint,
    /// It is not known to be harmless: the server has to be asked afterwards.
    Unknown,
    /// It begins or ends a transaction, or uses a savepoint of the guard's.
    Control,
}

/// Changes that a session may have kept, which the next borrower of its connection would find.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Residue {
    #[default]
    None,
    /// Changes that a server can be told to forget: settings, roles, temporary tables, locks, cursors, subscriptions.
    Settings,
    /// Changes that end only with the connection, such as statements that were prepared by their name.
    Lasting,
}

/// The result of reading a text.
#[derive(Debug, Clone)]
pub struct Reading {
    facts: Facts,
    description: Option<Cow<'static, Description>>,
}

/// The facts about a text that the guard needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Facts {
    effect: Effect,
    residue: Residue,
    marks: Marks,
    /// How many statements it has, one that is empty not counted.
    statements: u32,
    begins: Begins,
    /// Whether a semicolon in a text might end a statement, depending on what the session makes of a backslash.
    may_hide: bool,
}

/// The rows that the first statement of a text gives, by its first word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Begins {
    /// `SELECT`, `VALUES`
    Query,
    /// `WITH`, which may begin either.
    With,
    /// `INSERT`, `UPDATE`, `DELETE`, `REPLACE`
    Write,
    #[default]
    Other,
}

impl Reading {
    /// Reads a text that is sent as it is. It is described if it is `described`, for a span or a count.
    pub(super) fn of(sql: &str, syntax: &'static Syntax, described: bool) -> Self {
        let mut reader = Reader::new(syntax, false, described);
        let mut tokens = Tokens::new(sql, syntax);
        tokens.by_ref().for_each(|token| reader.token(token));
        reader.note_certainty(&tokens);
        reader.finish(sql)
    }

    /// A reading that borrows the description of one that is kept.
    pub(super) fn borrowed(&'static self) -> Self {
        let description = self.description.as_deref().map(Cow::Borrowed);
        Self { facts: self.facts, description }
    }

    /// The effect of the text on the transaction; `alone` says that the server takes no more than one statement.
    pub(super) fn effect(&self, alone: bool) -> Effect {
        let least = if self.facts.may_hide && !alone { Effect::Unknown } else { Effect::None };
        self.facts.effect.max(least)
    }

    /// The changes that the text may leave in the session.
    pub(super) fn residue(&self, alone: bool) -> Residue {
        let least = if self.facts.may_hide && !alone { Residue::Lasting } else { Residue::None };
        self.facts.residue.max(least)
    }

    /// Whether the text may allow writes again where they are forbidden.
    pub(super) const fn allows_writes(&self) -> bool {
        self.facts.marks.has(Marks::ALLOWS_WRITES)
    }

    /// Whether the text holds nothing but blanks, comments and semicolons.
    pub(super) const fn is_blank(&self) -> bool {
        self.facts.statements == 0
    }

    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "it asks"))]
    pub(super) const fn has_several(&self) -> bool {
        self.facts.statements > 1
    }

    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "it asks"))]
    pub(super) const fn has_any(&self, marks: Marks) -> bool {
        self.facts.marks.has(marks)
    }

    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "it asks"))]
    pub(super) const fn begins(&self) -> Begins {
        self.facts.begins
    }

    /// The description of the text, if a span or a count wanted one when it was read.
    pub(super) fn description(&self) -> Option<&Description> {
        self.description.as_deref()
    }
}

/// Reads the tokens that it is given: those of a text, or those of its parts one after the other.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    syntax: &'static Syntax,
    statement: Statement<'a>,
    first: [&'a str; 3],
    facts: Facts,
    describer: Option<Describer<'a>>,
    is_clear: bool,
    is_settled: bool,
}

impl<'a> Reader<'a> {
    /// `is_source` says that the text is one of [`sql`](crate::sql::sql), in which a `?` stands for each value.
    pub(super) fn new(syntax: &'static Syntax, is_source: bool, described: bool) -> Self {
        Self {
            syntax,
            statement: Statement::new(),
            first: [""; 3],
            facts: Facts::default(),
            describer: described.then(|| Describer::new(syntax, is_source)),
            is_clear: true,
            is_settled: true,
        }
    }

    /// Takes the next token.
    pub(super) fn token(&mut self, token: Token<'a>) {
        self.describe(token);
        match token.kind {
            Kind::Blank => {}
            Kind::Open if token.text.starts_with("/*") => {}
            Kind::Sign if token.text == ";" => self.end_statement(),
            _ => self.statement.token(token),
        }
    }

    /// Takes a token that only matters to a description.
    pub(super) fn describe(&mut self, token: Token<'a>) {
        if let Some(describer) = &mut self.describer {
            describer.token(token);
        }
    }

    pub(super) const fn is_described(&self) -> bool {
        self.describer.is_some()
    }

    /// Whether what was read so far is certainly what the database reads, whatever the session makes of a backslash.
    pub(super) const fn is_certain(&self) -> bool {
        self.is_clear && self.is_settled
    }

    /// Takes note of how certain the tokens were.
    pub(super) const fn note_certainty(&mut self, tokens: &Tokens<'a>) {
        self.is_clear &= tokens.is_clear();
        self.is_settled &= tokens.is_settled();
    }

    fn end_statement(&mut self) {
        let mut statement = std::mem::replace(&mut self.statement, Statement::new());
        if statement.is_empty() {
            return;
        }
        let first = self.facts.statements == 0;
        if first {
            self.first = statement.head;
            self.facts.begins = begins(&statement);
        }
        let (effect, residue) = statement.end(self.syntax, first);
        self.notes(effect, residue, statement.marks.with(statement.inside));
        self.facts.statements = self.facts.statements.saturating_add(1);
    }

    fn notes(&mut self, effect: Effect, residue: Residue, marks: Marks) {
        let facts = &mut self.facts;
        facts.effect = facts.effect.max(effect);
        facts.residue = facts.residue.max(residue);
        facts.marks = facts.marks.with(marks);
    }

    /// The result; `sql` is the whole text.
    pub(super) fn finish(mut self, sql: &str) -> Reading {
        self.end_statement();
        if !self.is_settled {
            // Whatever seems to be quoted counts, too.
            let marks = Marks::of_anything(sql);
            let (_, residue) = Statement::of_marks(self.first, marks).end(self.syntax, true);
            self.notes(Effect::None, residue, marks);
            self.facts.may_hide = memchr::memchr(b';', sql.as_bytes()).is_some();
        }
        if !self.is_clear {
            self.notes(Effect::Unknown, Residue::Lasting, Marks::NONE);
        }
        let is_clear = self.is_clear;
        let description = self.describer.map(|describer| Cow::Owned(describer.finish(is_clear, sql)));
        Reading { facts: self.facts, description }
    }
}

fn begins(statement: &Statement<'_>) -> Begins {
    if statement.begins_with(&["select", "values"]) {
        Begins::Query
    } else if statement.begins_with(&["with"]) {
        Begins::With
    } else if statement.begins_with(&["insert", "update", "delete", "replace"]) {
        Begins::Write
    } else {
        Begins::Other
    }
}

/// The description of a text that was read without one.
pub(super) fn describe(sql: &str, syntax: &'static Syntax) -> Description {
    let mut describer = Describer::new(syntax, false);
    let mut tokens = Tokens::new(sql, syntax);
    tokens.by_ref().for_each(|token| describer.token(token));
    describer.finish(tokens.is_clear(), sql)
}

/// The words of a text: its keywords and names. None of a text that cannot be read, nor what SQLite may take for a text.
pub(super) fn words<'a>(sql: &'a str, syntax: &'static Syntax) -> Vec<&'a str> {
    let mut tokens = Tokens::new(sql, syntax);
    let names = tokens.by_ref().filter(|token| !may_be_text(*token, syntax)).filter_map(Token::name).collect();
    if tokens.is_clear() { names } else { Vec::new() }
}

/// Whether a word or a sign stands at this byte, and neither a value nor a comment.
pub(super) fn is_word_at(sql: &str, syntax: &'static Syntax, byte: usize) -> bool {
    let mut tokens = Tokens::new(sql, syntax);
    let mut found = false;
    let mut begin = 0;
    while let Some(token) = tokens.next() {
        let is_word = !matches!(token.kind, Kind::Blank | Kind::Literal | Kind::Number);
        found |= is_word && (begin..tokens.position()).contains(&byte);
        begin = tokens.position();
    }
    found && tokens.is_clear()
}

#[allow(clippy::mixed_attributes_style, reason = "the databases that it needs are features")]
#[cfg(test)]
mod tests {
    #![cfg(all(feature = "mysql", feature = "postgres", feature = "sqlite"))]

    use proptest::prelude::*;

    use super::*;
    use crate::sql::mysql::SYNTAX as MYSQL;
    use crate::sql::postgres::SYNTAX as POSTGRES;
    use crate::sql::sqlite::SYNTAX as SQLITE;

    const SYNTAXES: [&Syntax; 3] = [&POSTGRES, &MYSQL, &SQLITE];

    fn effect(sql: &str, syntax: &'static Syntax) -> Effect {
        Reading::of(sql, syntax, false).effect(false)
    }

    fn shown(sql: &str, syntax: &'static Syntax) -> Option<String> {
        describe(sql, syntax).text
    }

    #[test]
    fn statements_are_told_by_their_first_words() {
        let cases = [
            ("SELECT 1", Effect::None),
            ("  \n-- a comment\n/* another */ \n  insert into t values (1);", Effect::None),
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
            ("INSERT INTO t VALUES (1); COMMIT", Effect::Unknown),
            ("INSERT INTO t VALUES ('a;b')", Effect::None),
            ("INSERT INTO t VALUES ('a; commit')", Effect::None),
            ("beginning", Effect::Unknown),
            ("savepoint a", Effect::Savepoint),
            ("SELECT 1; savepoint a", Effect::Savepoint),
            ("SAVEPOINT a; COMMIT", Effect::Unknown),
            ("savepoint buttress_1", Effect::Control),
            ("ROLLBACK TO `BUTTRESS_1`", Effect::Control),
            ("SELECT 1; RELEASE _sqlx_savepoint_1", Effect::Control),
            ("select 1; commit", Effect::Unknown),
            ("selected", Effect::Unknown),
            ("SELECT 1; selected", Effect::Unknown),
            ("/*! COMMIT */", Effect::Unknown),
            ("SELECT\r\n1 -- so\r\n", Effect::None),
            ("-- one; two\nCOMMIT", Effect::Control),
            ("/* one; two */ COMMIT", Effect::Control),
            ("SELECT 1; -- one; two\nCOMMIT", Effect::Unknown),
            ("SELECT 1 -- one; /* two\n; COMMIT", Effect::Unknown),
            ("SELECT 'one; -- two'; COMMIT", Effect::Unknown),
            ("SELECT 1 -- '\n; COMMIT -- '", Effect::Unknown),
            ("'a' COMMIT", Effect::Unknown),
            ("-- nothing; but a comment", Effect::None),
            ("/* never closed", Effect::Unknown),
            ("SELECT 'never closed", Effect::Unknown),
            ("SELECT 1 \u{0}; COMMIT", Effect::Unknown),
            ("SELECT 1 \u{1}", Effect::Unknown),
        ];
        for (sql, expected) in cases {
            assert_eq!(effect(sql, &MYSQL), expected, "{sql}");
        }
    }

    #[test]
    fn each_database_reads_in_its_own_way() {
        use Effect::{Control, None, Unknown};
        for (sql, expected) in [
            ("SELECT \"b; commit\", 'it''s; commit'", [None, None, None]),
            ("SELECT $$a; commit$$, $a$b; $$ commit;$a$", [None, Unknown, Unknown]),
            ("SELECT 1 /* ; commit */ -- ; commit", [None, None, None]),
            ("SELECT $1; COMMIT -- $1", [Unknown, Unknown, Unknown]),
            ("SELECT a$$; COMMIT; SELECT b$$", [Unknown, Unknown, Unknown]),
            ("SELECT 'a\\'; COMMIT; SELECT '", [Unknown, Unknown, Unknown]),
            ("SELECT 'a\\'; SELECT '", [Unknown, Unknown, Unknown]),
            ("SELECT E'a\\'; COMMIT; '", [None, Unknown, Unknown]),
            ("SELECT '\\d'; SELECT '\\d'", [None, None, None]),
            ("SELECT $$a$b$; COMMIT $$; COMMIT", [Unknown, Unknown, Unknown]),
            ("SELECT 1 /* /*/ ' */ */; COMMIT; -- '", [Unknown, None, None]),
            ("/* /* */ */ COMMIT", [Control, Unknown, Unknown]),
            ("/* /* */ COMMIT", [Unknown, Control, Control]),
            ("-- so\rCOMMIT", [Control, None, None]),
            ("# so\nCOMMIT", [Unknown, Control, Unknown]),
            ("\u{feff}COMMIT", [Unknown, Unknown, Control]),
            ("SELECT 1 - 1; TRUNCATE t", [None, Unknown, Unknown]),
            ("CREATE TABLE t (id INT)", [None, Unknown, None]),
            ("SET x = 1", [None, None, Unknown]),
            ("SELECT 1; INSERT INTO t VALUES (1);", [None, None, None]),
            ("/*!40000 COMMIT */", [None, Unknown, None]),
            ("/*M! COMMIT */ SELECT 1", [None, Unknown, None]),
            ("SET PASSWORD = 'a'", [None, Unknown, Unknown]),
            ("SET DEFAULT ROLE NONE", [None, Unknown, Unknown]),
            ("SET/**/STATEMENT max_statement_time=1 FOR COMMIT", [None, Unknown, Unknown]),
            ("SET x = 1, autocommit = 0", [None, Unknown, Unknown]),
            ("SET x = 1, PASSWORD = 'a'", [None, Unknown, Unknown]),
        ] {
            assert_eq!(SYNTAXES.map(|syntax| effect(sql, syntax)), expected, "{sql}");
        }
    }

    #[test]
    fn one_statement_hides_nothing_behind_a_semicolon() {
        let read = Reading::of("SELECT 'it\\'s; COMMIT'", &MYSQL, false);
        assert_eq!((read.effect(true), read.residue(true)), (Effect::None, Residue::None));
        assert_eq!((read.effect(false), read.residue(false)), (Effect::Unknown, Residue::Lasting));
    }

    #[test]
    fn a_text_is_blank_without_a_statement() {
        for (sql, blank) in [
            ("", true),
            (" \n;; ", true),
            ("-- one; two", true),
            ("-- one\n/* two; */ ; -- three", true),
            ("/* never closed; SELECT 1", true),
            ("/**/SELECT 1", false),
            ("(SELECT 1)", false),
            ("- 1", false),
        ] {
            for syntax in SYNTAXES {
                assert_eq!(Reading::of(sql, syntax, false).is_blank(), blank, "{sql}");
            }
        }
        let blank = |sql| SYNTAXES.map(|syntax| Reading::of(sql, syntax, false).is_blank());
        assert_eq!(blank("/* /* */ */"), [true, false, false]);
        assert_eq!(blank("/* /* */ SELECT 1 /* */"), [true, false, false]);
        assert_eq!(blank("\u{feff}"), [false, false, true]);
    }

    #[test]
    fn a_setting_that_allows_writes_is_noticed() {
        for (sql, allows) in [
            ("PRAGMA query_only = OFF", true),
            ("SET default_transaction_read_only = off", true),
            ("SET TRANSACTION READ/**/WRITE", true),
            ("SELECT set_config('transaction_read_only', 'off', true)", true),
            ("DO $$ BEGIN SET TRANSACTION READ WRITE; END $$", true),
            ("SELECT read, write FROM t -- read_only", false),
        ] {
            assert_eq!(Reading::of(sql, &POSTGRES, false).allows_writes(), allows, "{sql}");
        }
    }

    #[test]
    fn a_statement_of_the_crate_s_own_words_shows_what_is_sent() {
        let mut reader = Reader::new(&POSTGRES, true, true);
        Tokens::new("SELECT ?, a ?? b, '?', ?", &POSTGRES).for_each(|token| reader.token(token));
        let read = reader.finish("");
        let shown = read.description().and_then(|description| description.text.as_deref());
        assert_eq!(shown, Some("SELECT $1, a ? b, ?, $2"));
        assert_eq!(Reading::of("SELECT $1, a ? b, '?', $2", &POSTGRES, true).description(), read.description());
    }

    #[test]
    fn values_are_left_out_and_all_else_is_kept() {
        let cases = [
            ("SELECT a FROM t WHERE b = 'x' AND c = 1.5e3", "SELECT a FROM t WHERE b = ? AND c = ?"),
            (
                "SELECT a1, t2.b FROM t2 WHERE c=$1 AND d=?2 AND e=?",
                "SELECT a1, t2.b FROM t2 WHERE c=$1 AND d=?2 AND e=?",
            ),
            ("  SELECT\n\t1 -- the x\n, /* a */ 2", "SELECT ? , ?"),
            ("SELECT 'it''s x', '', 'y'", "SELECT ?, ?, ?"),
            ("SELECT é FROM ü WHERE a = 'ö'", "SELECT é FROM ü WHERE a = ?"),
            ("SELECT a$1", "SELECT a$1"),
            ("", ""),
        ];
        for (sql, expected) in cases {
            for syntax in SYNTAXES {
                assert_eq!(shown(sql, syntax).as_deref(), Some(expected));
            }
        }
    }

    #[test]
    fn each_database_quotes_in_its_own_way() {
        let cases = [
            (
                &POSTGRES,
                r#"SELECT "a b" FROM "c""d" WHERE x = E'it\'s x' AND y = 'a\'"#,
                r#"SELECT "a b" FROM "c""d" WHERE x = ? AND y = ?"#,
            ),
            (&POSTGRES, "SELECT $$it's x$$, $a1$ $$ x $a1$, $1", "SELECT ?, ?, $1"),
            (&POSTGRES, "SELECT a::int # 5", "SELECT a::int # ?"),
            (&POSTGRES, "SELECT E'a'\n'\\'x', `b", "SELECT ?, `b"),
            (&POSTGRES, "SELECT /* /* x */ x */ a$b$ , 'x$b$x'", "SELECT a$b$ , ?"),
            (&POSTGRES, "SELECT 1 -- x\r, 'x\nx'", "SELECT ? , ?"),
            (
                &MYSQL,
                r#"SELECT `a b` FROM t WHERE x = "it's x" AND y = 'a\'b' # the x"#,
                "SELECT `a b` FROM t WHERE x = ? AND y = ?",
            ),
            (&MYSQL, r#"SELECT "a\"b""#, "SELECT ?"),
            (&MYSQL, "SELECT X'00', _utf8mb4'x'", "SELECT X?, _utf8mb4?"),
            (&MYSQL, "SELECT 1--'\nx'", "SELECT ?--?"),
            (&SQLITE, "SELECT [it's], 'x', [it's] FROM [a]", "SELECT [it's], ?, [it's] FROM [a]"),
            (&SQLITE, "SELECT 1 /* /* x */, 'x'", "SELECT ? , ?"),
            (&SQLITE, r#"SELECT "x", a."b", "c".d FROM "e""#, r#"SELECT ?, a."b", "c".d FROM "e""#),
            (&SQLITE, r#"SELECT a IS DISTINCT FROM "x" FROM "b""#, r#"SELECT a IS DISTINCT FROM ? FROM "b""#),
            (&SQLITE, r#"INSERT OR ABORT INTO "a" VALUES ("x")"#, r#"INSERT OR ABORT INTO "a" VALUES (?)"#),
            (&SQLITE, r#"VACUUM main INTO "x""#, "VACUUM main INTO ?"),
        ];
        for (syntax, sql, expected) in cases {
            assert_eq!(shown(sql, syntax).as_deref(), Some(expected), "{:?}", syntax.system);
        }
    }

    #[test]
    fn a_text_that_cannot_be_read_shows_nothing() {
        for sql in ["SELECT 'never closed", "SELECT /* never closed", "SELECT \"never closed"] {
            for syntax in SYNTAXES {
                assert_eq!((shown(sql, syntax), words(sql, syntax)), (None, Vec::new()));
            }
        }
        assert_eq!(shown("SELECT $$never closed", &POSTGRES), None);
        assert_eq!(shown("SELECT /* /* */ never closed", &POSTGRES), None);
        assert_eq!(shown("SELECT 1$a$ x $a$", &POSTGRES), None);
        assert_eq!(shown("SELECT /*!40000 'x' */", &MYSQL), None);
        assert_eq!(shown("SELECT /*M! 'x' */", &MYSQL), None);
        assert_eq!(shown("SELECT [never closed", &SQLITE), None);
        for sign in ["$a", ":a", "@a", "#a", "$a::b", "$$", ":::a"] {
            let sql = format!("SELECT {sign}('), 'x', {sign}(')");
            assert_eq!((shown(&sql, &SQLITE), words(&sql, &SQLITE)), (None, Vec::new()), "{sql}");
        }
    }

    #[test]
    fn a_place_is_in_a_word_or_not() {
        let sql = "SELECT \"é\", 'x' /* y */ FROM t";
        let places = [("S", true), ("é", true), (",", true), ("x", false), ("y", false), ("t", true), (" F", false)];
        for (what, is_word) in places {
            assert_eq!(is_word_at(sql, &POSTGRES, sql.rfind(what).unwrap()), is_word, "{what}");
        }
        assert!(!is_word_at("SELECT a 'open", &POSTGRES, 0));
    }

    const SECRET: &str = "hushhush";

    /// Pieces that hold the secret in literals and comments alone, and traps for a reader that takes quotes for others.
    fn pieces(syntax: &Syntax) -> &'static [&'static str] {
        match syntax.system {
            System::Postgres => &[
                "E'\\'{}'",
                "E'a'\n'\\'{}'",
                "e'it''\\'{}'",
                "$q$ '{} $q$",
                "$$ ' {} $a$ $$",
                "/* /* ' */ '{} */",
                "a$b$ 'x$b${}'",
                "\"it's\"",
                "-- '\r '{}'",
                "'\\' , '{}'",
                "U&'{}'",
                "a <@ b ` '{}'",
            ],
            System::MySql => &[
                "'\\'{}'",
                "\"'{}\"",
                "\"\\\"{}\"",
                "1--'\n{}'",
                "1 -- '{}\n",
                "# '{}\n",
                "`it's`",
                "/* /* ' {} */",
                "X'00'",
                "5--\"'{}\"",
                "@a := '{}'",
            ],
            System::Sqlite => &[
                "[it's]",
                "`it's`",
                "\"{}\"",
                "'\\' , '{}'",
                "/* /* ' {} */",
                "x'00'",
                "-- '{}\n",
                "[a]]'{}'",
                "1--'{}\n",
            ],
        }
    }

    fn syntaxes() -> impl Strategy<Value = &'static Syntax> {
        proptest::sample::select(&SYNTAXES[..])
    }

    proptest! {
        #[test]
        fn a_literal_is_never_shown(
            syntax in syntaxes(),
            parts in proptest::collection::vec((0_usize..24, "[^\\\\'*/\n\r\u{0}]{0,6}"), 1..8),
        ) {
            let mut sql = String::from("SELECT a");
            for (shape, noise) in &parts {
                let piece = pieces(syntax).get(*shape).map_or_else(
                    || [format!("'{noise}{SECRET}{noise}'"), format!("/* {noise}{SECRET}*/"), format!("b{shape}")][shape % 3].clone(),
                    |piece| piece.replace("{}", SECRET),
                );
                sql = format!("{sql} , {piece}");
            }
            let shown = shown(&sql, syntax);
            prop_assert!(shown.as_ref().is_some_and(|shown| !shown.contains(SECRET)), "{sql}\n{shown:?}");
            prop_assert!(!words(&sql, syntax).contains(&SECRET));
            let summary = format!("{:?}", describe(&sql, syntax).summary);
            prop_assert!(!summary.contains(SECRET), "{summary}");
        }

        #[test]
        fn no_text_breaks_it(sql in r#"[?'"`\[\]$#:@\-/*\\ \naE1üM!]{0,24}"#, syntax in syntaxes()) {
            let _ = (Reading::of(&sql, syntax, true), words(&sql, syntax), is_word_at(&sql, syntax, 3));
            let pieces: String = Tokens::new(&sql, syntax).map(|token| token.text).collect();
            prop_assert_eq!(pieces, sql, "the tokens add up to the text");
        }
    }
}
