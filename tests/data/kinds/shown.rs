//! The parts of the failed statement that an error shows: its own words, and never a value.

use std::error::Error as _;

use buttress::problem::IntoProblem;
use buttress::sql::{Connect, Statement, sql};
use buttress::store::{Error, ErrorKind, Session};
use sqlx::{MySql, Postgres, Sqlite};

use super::{run, text};
use crate::capture::Capture;
use crate::support::{TestDatabase, server};

trait Shown: TestDatabase {
    const SCHEMA: &'static str;

    /// Statements with syntax errors, and the expected text about them.
    fn mistakes() -> Vec<(Statement<'static>, &'static str)>;

    /// Statements that a constraint or a column refuses: what quotes names alone is shown to its end.
    fn refused() -> Vec<(Statement<'static>, &'static str)>;

    /// Statements that quote a value, with a value that consists of the statement's own words.
    fn given_their_own_words() -> Vec<(Statement<'static>, &'static str)>;
}

impl Shown for Postgres {
    const SCHEMA: &'static str = "
        CREATE TABLE r (id BIGINT CONSTRAINT small CHECK (id < 9) CONSTRAINT single UNIQUE, doc JSONB);
        CREATE TABLE of_r (r BIGINT CONSTRAINT there REFERENCES r (id), must TEXT NOT NULL);
        CREATE FUNCTION copied() RETURNS trigger LANGUAGE plpgsql
            AS $$BEGIN INSERT INTO of_r VALUES (NEW.id, NULL); RETURN NEW; END$$;
        CREATE TABLE copies (id BIGINT);
        CREATE TRIGGER copied BEFORE INSERT ON copies FOR EACH ROW EXECUTE FUNCTION copied();
        INSERT INTO r VALUES (1);
    ";

    fn mistakes() -> Vec<(Statement<'static>, &'static str)> {
        vec![
            (sql("SELECT * FROM nowhere WHERE id = ?").bind(1), r#"42P01: relation "nowhere" does not exist"#),
            (sql("SELECT nothing FROM r WHERE id = ?").bind(1), r#"42703: column "nothing" does not exist"#),
            (sql("SELECT r.nothing2 FROM r"), "42703: column r.nothing2 does not exist"),
            (sql("INSERT INTO r (nothing) VALUES (?)").bind(1), r#"column "nothing" of relation "r" does not exist"#),
            (sql("SELECT 'plugh' FORM r"), r#"42601: syntax error at or near "r""#),
            (sql("SELECT 'plugh' 'plugh'"), "42601: syntax error at or near …"),
            (sql("SELECT nothing(id) FROM r"), "42883: function nothing(bigint) does not exist"),
            (sql("UPDATE r SET doc = ?").bind("{}"), r#"42804: column "doc" is of type jsonb"#),
        ]
    }

    fn refused() -> Vec<(Statement<'static>, &'static str)> {
        vec![
            (
                sql("UPDATE r SET id = ?").bind(77_123),
                r#"23514: new row for relation "r" violates check constraint "small""#,
            ),
            (
                sql("INSERT INTO r (id) VALUES (?)").bind(1),
                r#"23505: duplicate key value violates unique constraint "single""#,
            ),
            (
                sql("INSERT INTO of_r VALUES (?, 'plugh')").bind(77_123),
                r#"23503: insert or update on table "of_r" violates foreign key constraint "there""#,
            ),
            (
                sql("INSERT INTO of_r VALUES (?, NULL)").bind(1),
                r#"23502: null value in column … of relation "of_r" violates not-null constraint"#,
            ),
            // The statement does not say which table it was.
            (
                sql("INSERT INTO copies VALUES (?)").bind(1),
                "23502: null value in column … of relation … violates not-null constraint",
            ),
        ]
    }

    fn given_their_own_words() -> Vec<(Statement<'static>, &'static str)> {
        vec![
            (sql("SELECT nextval(CAST(? AS regclass)) AS plugh").bind("plugh"), "plugh"),
            (sql("SELECT CAST(? AS bigint) AS plugh").bind("plugh"), "plugh"),
            (sql("SELECT 'plugh'::regclass AS plugh"), "plugh"),
        ]
    }
}

impl Shown for MySql {
    const SCHEMA: &'static str = "
        CREATE TABLE r (id BIGINT PRIMARY KEY, word VARCHAR(9) NOT NULL UNIQUE, CONSTRAINT small CHECK (id < 9));
        INSERT INTO r VALUES (1, '');
        CREATE PROCEDURE look(name TEXT) EXECUTE IMMEDIATE CONCAT('SELECT * FROM ', name);
    ";

    fn mistakes() -> Vec<(Statement<'static>, &'static str)> {
        vec![
            (sql("SELECT * FROM nowhere WHERE id = ?").bind(1), "1146 (42S02): Table 'nowhere' doesn't exist"),
            (sql("SELECT nothing FROM r WHERE id = ?").bind(1), "Unknown column 'nothing' in"),
            (sql("SELECT 'plugh' FROM r WHER id = 'plugh'"), "near 'id…"),
            (sql("INSERT INTO r (nothing) VALUES (?)").bind(1), "Unknown column 'nothing' in"),
        ]
    }

    fn refused() -> Vec<(Statement<'static>, &'static str)> {
        vec![
            (
                sql("UPDATE r SET word = ?").bind("plugh plugh"),
                "1406 (22001): Data too long for column 'word' at row …",
            ),
            (sql("UPDATE r SET id = ?").bind(77_123), "4025 (23000): CONSTRAINT `small` failed for ….`r`"),
            (sql("INSERT INTO r (id, word) VALUES (?, NULL)").bind(2), "Column 'word' cannot be null"),
        ]
    }

    fn given_their_own_words() -> Vec<(Statement<'static>, &'static str)> {
        vec![
            (sql("CALL look(?) -- plugh").bind("plugh"), "plugh"),
            (
                sql("INSERT INTO r (id, word) SELECT plugh.id, ? FROM (SELECT 1 AS id UNION SELECT 2) plugh")
                    .bind("plugh"),
                "plugh",
            ),
        ]
    }
}

impl Shown for Sqlite {
    const SCHEMA: &'static str = "CREATE TABLE r (id INTEGER); CREATE TABLE kept (id INTEGER) STRICT;
        INSERT INTO kept VALUES (1); CREATE VIRTUAL TABLE words USING fts5 (word)";

    fn mistakes() -> Vec<(Statement<'static>, &'static str)> {
        vec![
            (sql("SELECT * FROM nowhere WHERE id = ?").bind(1), "1: no such table: nowhere"),
            (sql("SELECT r.nowt FROM r WHERE id = ?").bind(1), "1: no such column: r.nowt"),
            (sql("SELECT 'plugh' FORM r"), "1: near \"r\": syntax error"),
            (sql("INSERT INTO r (nowt) VALUES (?)").bind(1), "1: table r has no column named nowt"),
            (sql("SELECT nowt(id) FROM r"), "1: no such function: nowt"),
            (sql("SELECT \"plugh\".id FROM r"), "1: no such column"),
        ]
    }

    fn refused() -> Vec<(Statement<'static>, &'static str)> {
        vec![(sql("UPDATE kept SET id = ?").bind("plugh"), "3091: cannot store TEXT value in INTEGER column kept.id")]
    }

    fn given_their_own_words() -> Vec<(Statement<'static>, &'static str)> {
        vec![
            (sql("SELECT 1 AS plugh FROM words WHERE words MATCH ?").bind("plugh : a"), "plugh"),
            (sql("SELECT json_extract('{}', ?) AS plugh").bind("plugh"), "plugh"),
        ]
    }
}

async fn fails(on: &mut Session, statement: Statement<'_>) -> Error {
    let described = format!("{statement:?}");
    statement.fetch_all(on).await.expect_err(&described)
}

async fn a_statement_that_is_not_understood_is_shown<DB: Shown>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::SCHEMA).await;
    let on = &mut fresh.store.session();
    let capture = Capture::inside();
    for (statement, shown) in DB::mistakes() {
        let error = fails(on, statement).await;
        let said = error.to_string();
        assert!(said.contains(shown), "{said}\n{shown}");
        let all = text(&error);
        assert!(!all.contains("plugh"), "{all}");
        // The printed chain repeats nothing.
        let source = error.source().unwrap().to_string();
        assert!(!said.contains(&source) && !source.contains(shown), "{said}: {source}");
        error.into_problem().report(None);
        let event = capture.seen().events.last().unwrap().clone();
        assert!(event.fields["error"].contains(shown) && event.fields.contains_key("db.query.summary"), "{event:?}");
    }
    let on_table = fails(on, sql("SELECT * FROM nowhere")).await.into_problem();
    on_table.report(None);
    assert_eq!(capture.seen().events.last().unwrap().fields["db.query.summary"], "\"SELECT nowhere\"");
}

async fn a_message_without_values_is_shown_to_its_end<DB: Shown>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::SCHEMA).await;
    let on = &mut fresh.store.session();
    for (statement, shown) in DB::refused() {
        let error = fails(on, statement).await;
        assert!(error.to_string().contains(shown), "{error}\n{shown}");
        let all = text(&error);
        assert!(!all.contains("plugh") && !all.contains("77123"), "{all}");
    }
}

/// A text that is built at run time is not shown anywhere: its words may be anything.
async fn a_text_that_was_made_at_run_time_is_not_shown<DB: Shown>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::SCHEMA).await;
    let on = &mut fresh.store.session();
    for made in ["SELECT * FROM plugh", "SELECT plugh FROM r", "SELECT r.plugh FROM r", "SELECT plugh(1)", "plugh"] {
        let error = run::<DB>(on, made).await.expect_err(made);
        assert!(!text(&error).contains("plugh"), "{}", text(&error));
    }
}

async fn a_value_that_is_a_word_of_the_statement_is_not_shown<DB: Shown>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::SCHEMA).await;
    let on = &mut fresh.store.session();
    for (statement, value) in DB::given_their_own_words() {
        let error = fails(on, statement).await;
        let shown = text(&error);
        assert!(!shown.contains(value), "{shown}");
    }
}

async fn a_forgotten_migration_of_the_outbox_is_named<DB: Shown>() {
    let fresh = DB::fresh(1).await;
    let error = fails(&mut fresh.store.session(), sql("SELECT id FROM buttress_outbox WHERE id = ?").bind(1)).await;
    assert!(error.to_string().contains("Outbox::migrate"), "{error}");
    let other = fails(&mut fresh.store.session(), sql("SELECT id FROM outbox WHERE id = ?").bind(1)).await;
    assert!(!other.to_string().contains("Outbox::migrate"), "{other}");
}

/// A program gets the driver's error, however much more is known about it.
async fn the_drivers_own_error_stays_what_it_is<DB: Shown>() {
    let fresh = DB::fresh(1).await;
    let mut session = fresh.store.session();
    let conn = session.sql::<DB>().await.unwrap();
    let error = sqlx::Executor::execute(conn, "SELECT * FROM nowhere").await.map(drop).unwrap_err();
    let database = error.as_database_error().unwrap();
    let known = database.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some()
        || database.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>().is_some()
        || database.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some();
    assert!(known && database.message().contains("nowhere") && database.code().is_some());
    assert!(Error::from(error).to_string().contains("nowhere"));
}

on_every_database! {
    a_statement_that_is_not_understood_is_shown;
    a_message_without_values_is_shown_to_its_end;
    a_text_that_was_made_at_run_time_is_not_shown;
    a_value_that_is_a_word_of_the_statement_is_not_shown;
    a_forgotten_migration_of_the_outbox_is_named;
    the_drivers_own_error_stays_what_it_is;
}

/// Which database there is not, as the address has it. The user is half of what it takes to log in, and not said.
#[tokio::test]
async fn a_database_that_is_not_there_is_named() {
    let (postgres, maria) = (server("BUTTRESS_TEST_POSTGRES"), server("BUTTRESS_TEST_MARIADB"));
    let elsewhere = |url: &str| format!("{}/nowhere", url.rsplit_once('/').unwrap().0);
    for (address, said) in [
        (elsewhere(&postgres), r#"3D000: database "nowhere" does not exist"#),
        (postgres.replace("buttress@", "nobody@"), "28000: role … does not exist"),
        (elsewhere(&maria), "Unknown database 'nowhere'"),
        (maria.replace(":database-password@", ":wrong@"), "@… (using password: YES)"),
    ] {
        let error = Connect::to(&address).unwrap().open().await.unwrap_err().to_string();
        assert!(error.contains(said) && !["wrong", "nobody"].iter().any(|secret| error.contains(secret)), "{error}");
    }
}

#[tokio::test]
async fn an_error_alone_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("none/shop.db");
    let address = format!("sqlite:{}?mode=rw", file.display());
    let error = Connect::to(&address).unwrap().open().await.unwrap_err();
    assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
    let url = "postgres://127.0.0.1:1/shop";
    let error = Connect::to(url).unwrap().start_within(std::time::Duration::ZERO).open().await.unwrap_err();
    let said = error.to_string();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert!(said.contains("127.0.0.1:1") && said.contains("refused"), "{said}");
}
