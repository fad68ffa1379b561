//! The placeholders of a statement are those that the database takes for parameters: each text is prepared, too.

use std::fmt::Write as _;

use buttress::sql::sql;
use buttress::store::{ErrorKind, Session};
use sqlx::{AssertSqlSafe, Either, Executor, MySql, Postgres, SqlSafeStr, Sqlite, Statement as _};

use crate::support::{Fresh, TestDatabase};

/// Texts are written with this in place of a placeholder, which is `?` for us and `$1` for PostgreSQL itself.
const VALUE: char = '¿';

/// PostgreSQL's operator `?`, which is written twice for us.
const OPERATOR: char = '¡';

/// A number that no text here reaches.
const TOO_MANY: usize = 99;

/// How many placeholders we see. `None` if the text is refused as it is.
async fn counted(on: &mut Session, text: &str) -> Option<usize> {
    let words: &'static str = text.replace(VALUE, "?").replace(OPERATOR, "??").leak();
    let statement = (0..TOO_MANY).fold(sql(words), |statement, _| statement.bind(1));
    let error = statement.execute(on).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{words}: {error:?}");
    let said = error.to_string();
    let (_, number) = said.split_once("the statement has ")?;
    number.split(' ').next()?.parse().ok()
}

/// How many parameters the database sees. `None` if it does not take the text.
async fn prepared<DB: Parameters>(fresh: &Fresh<DB>, text: &str) -> Option<usize> {
    let mut theirs = String::new();
    let mut values = 0;
    for char in text.chars() {
        match char {
            VALUE if DB::NUMBERED => {
                values += 1;
                write!(theirs, "${values}").unwrap();
            }
            VALUE | OPERATOR => theirs.push('?'),
            char => theirs.push(char),
        }
    }
    let mut connection = fresh.sql.pool().acquire().await.unwrap();
    DB::count(&mut connection, &theirs).await
}

trait Parameters: TestDatabase {
    /// Whether parameters have numbers.
    const NUMBERED: bool = false;
    /// Expressions; `{}` is a place for anything that does not end what it is in.
    const EXPRESSIONS: &'static [&'static str];
    /// Texts in which the databases differ.
    const CORPUS: &'static [&'static str];

    async fn count(connection: &mut Self::Connection, sql: &str) -> Option<usize>;
}

macro_rules! prepare {
    () => {
        async fn count(connection: &mut Self::Connection, sql: &str) -> Option<usize> {
            let statement = connection.prepare(AssertSqlSafe(sql.to_owned()).into_sql_str()).await.ok()?;
            statement.parameters().map(|parameters| match parameters {
                Either::Left(types) => types.len(),
                Either::Right(count) => count,
            })
        }
    };
}

impl Parameters for Postgres {
    const NUMBERED: bool = true;
    const EXPRESSIONS: &'static [&'static str] = &[
        "¿",
        "¿::bigint",
        "1+¿",
        "'{}'",
        "E'{}\\' ? {}'",
        "e'\\\\{}'",
        "E'a'\n'\\' ? {}'",
        "E'a' -- it's ?\n '\\' ? {}'",
        "'\\' || '{}'",
        "$${}$$",
        "$q$ $$ {} ' ? $q$",
        "1 AS \"{}\"",
        "/* {} /* ' ? */ {} */ ¿",
        "1 -- {}\n",
        "1 -- {}\r+ ¿",
        "(ARRAY[1, 2])[1:2]",
        "'{\"a\": 1}'::jsonb ¡ 'a'",
        "@ -1",
        "1 AS a$b$, ¿, 2 AS c$b$",
        "U&'{}'",
        "2 # ¿",
    ];
    const CORPUS: &'static [&'static str] = &[
        "SELECT ¿ WHERE 1=1 LIMIT ¿",
        "SELECT 'a'\n'?' = 'a?', ¿",
        "SELECT \"a?\"\"?\", ¿ FROM (SELECT 1 AS \"a?\"\"?\") t",
        "SELECT '[\"a\"]'::jsonb ¡| ARRAY['a'], '[\"a\"]'::jsonb ¡& ARRAY['?']",
        "SELECT $_1$ ? $1$ ? $_1$, ¿",
        "SELECT 1 /*/ ? */ + ¿",
    ];
    prepare!();
}

impl Parameters for MySql {
    const EXPRESSIONS: &'static [&'static str] = &[
        "¿",
        "1+¿",
        "'{}'",
        "'{}\\' ? {}'",
        "\"{}\\\" ? {}\"",
        "'\\\\', ¿",
        "1 AS `{}`",
        "/* {} */ ¿",
        "/* /* {} */ ¿",
        "1 # {}\n",
        "1 -- {}\n",
        "5--¿",
        "5--1, '? {}'",
        "1 /*! + ¿ */",
        "@a",
        "@@autocommit",
        "X'00'",
        "_utf8mb4'{}'",
    ];
    const CORPUS: &'static [&'static str] = &[
        "SELECT 'a' \"?\" = '?', ¿",
        "SELECT 1 --\t?\n, ¿",
        "SELECT 1 /*M! + ¿ */ + ¿",
        "SELECT `a?``?`, ¿ FROM (SELECT 1 AS `a?``?`) t",
        "SELECT 1 /*/ ? */ + ¿",
    ];
    prepare!();
}

impl Parameters for Sqlite {
    const EXPRESSIONS: &'static [&'static str] = &[
        "¿",
        "1+¿",
        "'{}'",
        "'\\', ¿",
        "\"{}\"",
        "1 AS [{}]",
        "1 AS `{}`",
        "/* {} */ ¿",
        "/* /* {} */ ¿",
        "1 -- {}\n",
        "1--{}\r ? \n",
        "x'00'",
    ];
    const CORPUS: &'static [&'static str] = &[
        "SELECT \u{feff}¿",
        "SELECT 'it''s ?', \"?\"\"?\", ¿",
        "SELECT 1 /*/ ? */ + ¿",
        "SELECT ¿ /* never closed ? ",
        "SELECT ¿, '?' -- ?",
    ];
    prepare!();
}

/// The same numbers each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }
}

/// Something that ends no quote and no comment; but no backslash, of which databases differ in the meaning.
fn noise(numbers: &mut Numbers) -> String {
    const NOISE: [&str; 16] =
        ["?", "''", "\"\"", "``", "a", " ", ";", "--", "#", "??", "? ,", "ü", ":a", "(", ")", "]]?[["];
    (0..numbers.below(5)).map(|_| numbers.one(&NOISE)).collect()
}

fn select<DB: Parameters>(numbers: &mut Numbers) -> String {
    let mut text = String::from("SELECT ");
    for at in 0..1 + numbers.below(5) {
        text.push_str(if at == 0 { "" } else { "\n, " });
        let mut parts = numbers.one(DB::EXPRESSIONS).split("{}");
        text.push_str(parts.next().unwrap());
        for part in parts {
            text.push_str(&noise(numbers));
            text.push_str(part);
        }
    }
    text
}

/// Signs in any order: few such texts are taken, and those are all the more telling.
fn signs(numbers: &mut Numbers) -> String {
    const SIGNS: [&str; 20] = [
        "?", "'", "'a'", "\"", "\"b\"", "`", "[", "]", "--", "\n", "/*", "*/", "#", "1", ",", "+", " ", "\\", "(", ")",
    ];
    let signs: String = (0..1 + numbers.below(9)).map(|_| numbers.one(&SIGNS)).collect();
    format!("SELECT {signs}")
}

async fn placeholders_are_the_database_s_own<DB: Parameters>() {
    let fresh = DB::fresh(2).await;
    let on = &mut fresh.store.session();
    for text in DB::CORPUS {
        let theirs = prepared(&fresh, text).await;
        assert!(theirs.is_some(), "{text:?} is not taken");
        let ours = counted(on, text).await;
        assert!(ours.is_none() || ours == theirs, "{text:?}: {ours:?}, and {theirs:?} by the database");
    }
    let (mut numbers, mut taken) = (Numbers(1), 0);
    for _ in 0..400 {
        let text = select::<DB>(&mut numbers);
        let Some(theirs) = prepared(&fresh, &text).await else { continue };
        taken += 1;
        assert_eq!(counted(on, &text).await, Some(theirs), "{text:?}");
    }
    assert!(taken > 200, "the database takes {taken} of 400 texts");
    fresh.pool_is_clean().await;
}

async fn any_text_that_is_taken_has_as_many<DB: Parameters>() {
    let fresh = DB::fresh(2).await;
    let on = &mut fresh.store.session();
    let (mut numbers, mut taken) = (Numbers(2), 0);
    for _ in 0..3_000 {
        let text = signs(&mut numbers);
        let Some(theirs) = prepared(&fresh, &text).await else { continue };
        let Some(ours) = counted(on, &text.replace('?', "¿")).await else { continue };
        taken += 1;
        assert_eq!(ours, theirs, "{text:?}");
    }
    assert!(taken > 20, "the database takes {taken} of 3,000 texts");
}

#[tokio::test]
async fn mariadb_any_text_that_is_taken_has_as_many() {
    any_text_that_is_taken_has_as_many::<MySql>().await;
}

#[tokio::test]
async fn sqlite_any_text_that_is_taken_has_as_many() {
    any_text_that_is_taken_has_as_many::<Sqlite>().await;
}

on_every_database! {
    placeholders_are_the_database_s_own;
}
