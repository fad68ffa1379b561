//! The party at fault for an error: the client, if a value that it sent cannot be stored; otherwise the service, for
//! which the log has an explanation.

use buttress::problem::IntoProblem;
use buttress::sql::{Statement, sql};
use buttress::store::{Error, ErrorKind};
use sqlx::{MySql, Postgres, Sqlite};
use tracing::Level;

use super::text;
use crate::capture::{Capture, Fields};
use crate::support::TestDatabase;

/// The errors to provoke, in the terms of each database.
trait Blamed: TestDatabase {
    const SCHEMA: &'static str;

    /// Statements of the service that fail whatever is bound to them: with the code of the database, and the
    /// constraint.
    fn the_services() -> Vec<(Statement<'static>, &'static str, Option<&'static str>)>;

    /// Statements that fail because of the value that is bound to them.
    fn the_clients() -> Vec<Statement<'static>>;
}

impl Blamed for Postgres {
    const SCHEMA: &'static str = "
        CREATE TABLE r (id BIGINT PRIMARY KEY, n INT CHECK (n > 0), must TEXT NOT NULL DEFAULT '', short VARCHAR(3), day DATE);
        CREATE TABLE divided (n INT);
        CREATE FUNCTION divide() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.n := NEW.n / 0; RETURN NEW; END$$;
        CREATE TRIGGER divide BEFORE INSERT ON divided FOR EACH ROW EXECUTE FUNCTION divide();
        CREATE TABLE overflown (n INT);
        CREATE FUNCTION overflow() RETURNS trigger LANGUAGE plpgsql
            AS $$BEGIN NEW.n := 99999999999 + 0 * NEW.n; RETURN NEW; END$$;
        CREATE TRIGGER overflow BEFORE INSERT ON overflown FOR EACH ROW EXECUTE FUNCTION overflow();
        INSERT INTO r VALUES (1, 2147483647);
    ";

    fn the_services() -> Vec<(Statement<'static>, &'static str, Option<&'static str>)> {
        vec![
            (sql("INSERT INTO divided VALUES (?)").bind(1), "22012", None),
            (sql("INSERT INTO overflown VALUES (?)").bind(1), "22003", None),
            (sql("UPDATE r SET n = n + 1 WHERE id = ?").bind(1), "22003", None),
            (sql("UPDATE r SET id = id + ?").bind(i64::MAX), "22003", None),
            (sql("UPDATE r SET id = CAST(? AS BIGINT)").bind(f64::NAN), "22003", None),
            (sql("UPDATE r SET n = CAST(? AS INT)").bind(f64::INFINITY), "22003", None),
            (sql("UPDATE r SET n = 99999999999"), "22003", None),
            (sql("SELECT id FROM r LIMIT 1 OFFSET ?").bind(-1), "2201X", None),
            (sql("SELECT CAST(short AS INT) FROM (SELECT 'x' AS short) s"), "22P02", None),
            (sql("SELECT CAST('x' AS INT) FROM r WHERE id = ?").bind(1), "22P02", None),
            (sql("UPDATE r SET day = 'never' WHERE id = ?").bind(1), "22007", None),
            (sql("INSERT INTO r (id, must) VALUES (?, NULL)").bind(2), "23502", Some("r.must")),
            (sql("INSERT INTO r (id, n) VALUES (?, 0)").bind(2), "23514", Some("r_n_check")),
            (sql("INSERT INTO r (id) VALUES (?)").bind(1), "23505", Some("r_pkey")),
        ]
    }

    fn the_clients() -> Vec<Statement<'static>> {
        vec![
            sql("UPDATE r SET n = ?").bind(99_999_999_999_i64),
            sql("UPDATE r SET short = ?").bind("long"),
            sql("UPDATE r SET must = ?").bind("\0"),
            sql("UPDATE r SET day = CAST(? AS DATE)").bind("never"),
            sql("UPDATE r SET n = CAST(? AS INT)").bind("none"),
            sql("SELECT 1 FROM r WHERE must ~ ?").bind("("),
        ]
    }
}

impl Blamed for MySql {
    const SCHEMA: &'static str = "
        CREATE TABLE r (
            id BIGINT PRIMARY KEY, n INT, must VARCHAR(9) NOT NULL DEFAULT '', short VARCHAR(3), day DATE, free INT UNSIGNED,
            CONSTRAINT r_n_check CHECK (n > 0)
        );
        CREATE TABLE divided (n INT);
        CREATE TRIGGER divide BEFORE INSERT ON divided FOR EACH ROW SET NEW.n = NEW.n / 0;
        INSERT INTO r (id, free) VALUES (1, 1);
    ";

    fn the_services() -> Vec<(Statement<'static>, &'static str, Option<&'static str>)> {
        vec![
            (sql("INSERT INTO divided VALUES (?)").bind(1), "1365", None),
            (sql("UPDATE r SET free = free - 5 WHERE id = ?").bind(1), "1690", None),
            (sql("UPDATE r SET n = 99999999999"), "1264", None),
            (sql("UPDATE r SET short = 'long'"), "1406", None),
            (sql("INSERT INTO r (id, must) VALUES (?, NULL)").bind(2), "1048", Some("must")),
            (sql("INSERT INTO r (id, n) VALUES (?, 0)").bind(2), "4025", Some("r_n_check")),
            (sql("INSERT INTO r (id) VALUES (?)").bind(1), "1062", Some("PRIMARY")),
        ]
    }

    fn the_clients() -> Vec<Statement<'static>> {
        vec![
            sql("UPDATE r SET n = ?").bind(99_999_999_999_i64),
            sql("UPDATE r SET short = ?").bind("long"),
            sql("UPDATE r SET day = ?").bind("never"),
            sql("UPDATE r SET n = ?").bind("none"),
        ]
    }
}

impl Blamed for Sqlite {
    const SCHEMA: &'static str = "
        CREATE TABLE r (
            id INTEGER PRIMARY KEY, n INTEGER CONSTRAINT r_n_check CHECK (n > 0), must TEXT NOT NULL DEFAULT '', day TEXT
        ) STRICT;
        INSERT INTO r (id, n) VALUES (1, 5);
    ";

    fn the_services() -> Vec<(Statement<'static>, &'static str, Option<&'static str>)> {
        vec![
            (sql("UPDATE r SET n = 'text'"), "3091", None),
            (sql("UPDATE r SET n = n + ?").bind(i64::MAX), "3091", None),
            (sql("UPDATE r SET n = n * ? WHERE must <> ?").bind(i64::MAX).bind("none"), "3091", None),
            (sql("UPDATE r SET id = id + ?").bind(i64::MAX), "20", None),
            (sql("SELECT sum(9223372036854775807) + ? FROM (SELECT 1 UNION ALL SELECT 2)").bind(1), "1", None),
            (sql("INSERT INTO r (id, must) VALUES (?, NULL)").bind(2), "1299", Some("r.must")),
            (sql("INSERT INTO r (id, n) VALUES (?, 0)").bind(2), "275", Some("r_n_check")),
            (sql("INSERT INTO r (id) VALUES (?)").bind(1), "1555", Some("r.id")),
        ]
    }

    fn the_clients() -> Vec<Statement<'static>> {
        vec![sql("UPDATE r SET n = ?").bind("none"), sql("UPDATE r SET id = ?").bind("none")]
    }
}

/// The log event of an error that becomes the response.
fn logged(capture: &Capture, error: Error) -> (u16, Level, Fields) {
    let problem = error.into_problem();
    let status = problem.status().as_u16();
    problem.report(None);
    let last = capture.seen().events.last().unwrap().clone();
    (status, last.level, last.fields)
}

async fn a_mistake_of_the_service_is_a_500_that_the_log_explains<DB: Blamed>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::SCHEMA).await;
    let capture = Capture::inside();
    for (statement, code, constraint) in DB::the_services() {
        let described = format!("{statement:?}");
        let error = statement.fetch_all(&mut fresh.store.session()).await.expect_err(&described);
        let (kind, shown) = (format!("{:?}", error.kind()), text(&error));
        let (status, level, fields) = logged(&capture, error);
        assert_eq!((status, level), (500, Level::ERROR), "{described}: {shown}");
        assert_eq!(fields.get("kind"), Some(&format!("{kind:?}")), "{fields:?}");
        assert_eq!(fields.get("constraint"), constraint.map(|name| format!("{name:?}")).as_ref(), "{fields:?}");
        assert!(fields["db.query.summary"].contains(" r") || fields["db.query.summary"].len() > 3, "{fields:?}");
        assert!(fields["error"].contains(code), "{fields:?}");
    }
}

async fn a_value_that_cannot_be_stored_is_the_clients<DB: Blamed>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::SCHEMA).await;
    let capture = Capture::inside();
    for statement in DB::the_clients() {
        let described = format!("{statement:?}");
        let error = statement.fetch_all(&mut fresh.store.session()).await.expect_err(&described);
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{described}: {error}");
        let (status, level, fields) = logged(&capture, error);
        assert_eq!((status, level), (422, Level::DEBUG), "{described}");
        assert_eq!(fields["kind"], "\"InvalidValue\"", "{fields:?}");
        assert!(fields.contains_key("db.query.summary"), "{fields:?}");
        // The operator reads why: the code and the words of the database, without the value.
        let why = &fields["error"];
        assert!(
            why.starts_with("a value cannot be stored: ") && why.contains(|char: char| char.is_ascii_digit()),
            "{why}"
        );
        assert!(
            !["long", "never", "none", "99999999999"]
                .iter()
                .any(|value| why.contains(&format!("{value}'")) || why.ends_with(value)),
            "{why}"
        );
    }
}

on_every_database! {
    a_mistake_of_the_service_is_a_500_that_the_log_explains;
    a_value_that_cannot_be_stored_is_the_clients;
}
