//! Databases quote their input. None of it appears in an error, a problem or a log.

use std::error::Error as _;

use buttress::problem::IntoProblem;
use buttress::sql::DriverError;
use buttress::store::{Error, Session};
use sqlx::{Executor, MySql, Postgres, Sqlite};

use super::{ONCE, text};
use crate::capture::{CANARY, UNSPEAKABLE, leaks, watch};
use crate::support::TestDatabase;

/// The same word, in places where a quotation could seem to have ended, or not to have begun.
fn values() -> Vec<String> {
    let shapes = ["{}", "'{}", "a' {}", "a'b {}'", "a\" {}", "a` {}", "a: {}", "a' for key '{}", "a', CONSTRAINT `{}`"];
    let mut values: Vec<_> = shapes.iter().map(|shape| shape.replace("{}", UNSPEAKABLE)).collect();
    // Longer than the limit of a message.
    values.push(format!("a' {} for key '", UNSPEAKABLE.repeat(100)));
    values
}

trait Bound: TestDatabase {
    const SCHEMA: &'static str;

    /// Statements that fail when they are given the values, or some of them.
    const STATEMENTS: &'static [&'static str];

    /// Runs a statement with a value bound to it.
    fn bound(on: &mut Session, sql: &'static str, value: &str) -> impl Future<Output = Result<(), Error>> + Send;
}

impl Bound for Postgres {
    const SCHEMA: &'static str = "
        CREATE TABLE rows (email TEXT UNIQUE, n INT CHECK (n > 0), short VARCHAR(3), CHECK (email <> 'x'));
        CREATE FUNCTION raise(a TEXT) RETURNS TEXT LANGUAGE plpgsql
            AS $$BEGIN RAISE EXCEPTION '% is wrong', a USING ERRCODE = 'check_violation'; END$$;
        CREATE FUNCTION assert(a TEXT) RETURNS TEXT LANGUAGE plpgsql AS $$BEGIN ASSERT a = '', a; RETURN a; END$$;
    ";
    const STATEMENTS: &'static [&'static str] = &[
        "INSERT INTO rows (email) VALUES ($1), ($1)",
        "INSERT INTO rows (short) VALUES ($1)",
        "SELECT $1::text::bigint",
        "SELECT $1::text::uuid",
        "SELECT $1::text::timestamptz",
        "SELECT $1::text::json",
        "SELECT $1::text::int[]",
        "SELECT $1 || chr(0)",
        "SELECT convert_from(convert_to($1, 'UTF8') || '\\xff'::bytea, 'UTF8')",
        "SELECT to_char(now(), 'x'), ('[' || $1)::int4range",
        "SELECT 'a' ~ ('(' || $1)",
        "SELECT set_config('work_mem', $1, true)",
        "SELECT nextval($1::text::regclass)",
        "SELECT raise($1)",
        "SELECT assert($1)",
    ];

    async fn bound(on: &mut Session, sql: &'static str, value: &str) -> Result<(), Error> {
        on.sql::<Self>().await?.execute(sqlx::query(sql).bind(value)).await?;
        Ok(())
    }
}

impl Bound for MySql {
    const SCHEMA: &'static str = "
        CREATE TABLE rows_ (
            email VARCHAR(700), n INT, short VARCHAR(3), day DATE, size ENUM('s'), doc JSON,
            UNIQUE KEY rows_email_key (email)
        );
        CREATE PROCEDURE raise_(a TEXT) SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = a;
        CREATE PROCEDURE find_(a TEXT) SIGNAL SQLSTATE '02000' SET MESSAGE_TEXT = a;
        CREATE PROCEDURE number_(a TEXT) SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = a, MYSQL_ERRNO = 1146;
        CREATE PROCEDURE own_(a TEXT) SIGNAL SQLSTATE 'AB123' SET MESSAGE_TEXT = a, MYSQL_ERRNO = 31000;
    ";
    const STATEMENTS: &'static [&'static str] = &[
        "INSERT INTO rows_ (email) SELECT ? FROM seq_1_to_2",
        "INSERT INTO rows_ (n) VALUES (?)",
        "INSERT INTO rows_ (short) VALUES (?)",
        "INSERT INTO rows_ (day) VALUES (?)",
        "INSERT INTO rows_ (size) VALUES (?)",
        "INSERT INTO rows_ (doc) VALUES (?)",
        "INSERT INTO rows_ (n) VALUES (CAST(? AS INT))",
        "INSERT INTO rows_ (email) VALUES (CONCAT(?, X'FF'))",
        "SELECT 'a' RLIKE CONCAT('(', ?)",
        "CALL raise_(?)",
        "CALL find_(?)",
        "CALL number_(?)",
        "CALL own_(?)",
    ];

    async fn bound(on: &mut Session, sql: &'static str, value: &str) -> Result<(), Error> {
        on.sql::<Self>().await?.execute(sqlx::query(sql).bind(value)).await?;
        Ok(())
    }
}

impl Bound for Sqlite {
    const SCHEMA: &'static str = "
        CREATE TABLE rows (email TEXT UNIQUE, id INTEGER PRIMARY KEY);
        CREATE TABLE strict_ (n INTEGER) STRICT;
        CREATE VIRTUAL TABLE words USING fts5 (word);
    ";
    const STATEMENTS: &'static [&'static str] = &[
        "INSERT INTO rows (email) VALUES (?1), (?1)",
        "INSERT INTO rows (id) VALUES (?1)",
        "INSERT INTO strict_ VALUES (?1)",
        "SELECT json(?1 || '{')",
        "SELECT json_extract('{}', ?1)",
        "SELECT * FROM words WHERE words MATCH ?1 || ':' || ?1",
        "SELECT * FROM words WHERE words MATCH '\"' || ?1",
    ];

    async fn bound(on: &mut Session, sql: &'static str, value: &str) -> Result<(), Error> {
        on.sql::<Self>().await?.execute(sqlx::query(sql).bind(value)).await?;
        Ok(())
    }
}

/// Whether the driver's own error contains the value; otherwise there would be nothing to hide.
fn is_quoted(error: &Error) -> bool {
    let driver = error.source().and_then(|source| source.downcast_ref::<DriverError>());
    driver.is_some_and(|error| format!("{:?}", error.driver()).contains(UNSPEAKABLE))
}

fn says_nothing(error: Error, when: &str) {
    let shown = text(&error);
    let problem = error.into_problem();
    problem.report(None);
    let sent = String::from_utf8(problem.render().to_vec()).unwrap();
    assert!(!shown.contains(UNSPEAKABLE) && !sent.contains(UNSPEAKABLE), "{when}:\n{shown}\n{sent}");
}

async fn what_was_sent_does_not_come_back<DB: Bound>() {
    watch();
    let fresh = DB::fresh(1).await;
    fresh.run(DB::SCHEMA).await;
    let mut quoted = 0;
    for sql in DB::STATEMENTS {
        let mut failed = 0;
        for value in values() {
            let alone = DB::bound(&mut fresh.store.session(), sql, &value).await;
            let (store, value) = (fresh.store.with_options(ONCE), value.as_str());
            let inside = store.transaction(async |tx| DB::bound(tx, sql, value).await).await;
            for error in [alone, inside].into_iter().filter_map(Result::err) {
                failed += 1;
                quoted += i32::from(is_quoted(&error));
                says_nothing(error, &format!("{sql} with {value}"));
            }
        }
        assert!(failed > 0, "{sql} does not fail");
    }
    assert!(quoted > 20, "the database quoted {quoted} times only");
    assert_eq!(leaks(UNSPEAKABLE), [""; 0]);
}

on_every_database! {
    what_was_sent_does_not_come_back;
}

/// The watch sees the events that it is meant to see, on other threads, too.
#[test]
fn a_leak_would_be_seen() {
    watch();
    std::thread::spawn(|| tracing::trace!(value = CANARY, "harmless")).join().unwrap();
    assert_eq!(leaks(CANARY).len(), 1);
}
