//! SQLite, by extended result code.

use std::path::Path;
use std::time::Duration;

use buttress::store::ErrorKind::{
    CheckViolation, ConnectionLost, Deadlock, ForeignKeyViolation, InvalidValue, LockTimeout, NotNullViolation, Other,
    OutOfResources, ReadOnly, Serialization, StatementTimeout, UniqueViolation,
};
use buttress::store::{Error, Session, Store};
use futures_util::future::join;
use sqlx::Sqlite;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use tokio::sync::Barrier;

use super::{ONCE, Row, answers, code, in_a_transaction, named, provoke, row, run};
use crate::support::{Fresh, TestDatabase};

const SCHEMA: &str = "
    CREATE TABLE parents (id INTEGER PRIMARY KEY);
    CREATE TABLE rows (
        id INTEGER PRIMARY KEY,
        email TEXT NOT NULL UNIQUE,
        parent INTEGER REFERENCES parents,
        n INTEGER CONSTRAINT rows_n_check CHECK (n > 0),
        tenant TEXT,
        name TEXT,
        UNIQUE (tenant, name)
    );
    CREATE TABLE cased (name TEXT);
    CREATE UNIQUE INDEX cased_name_key ON cased (lower(name));
    CREATE TABLE keyed (code TEXT PRIMARY KEY, n INT CHECK (n > 0)) WITHOUT ROWID;
    CREATE TABLE loose (a TEXT);
    CREATE TABLE strict_ (n INTEGER) STRICT;
    CREATE TRIGGER loose_a BEFORE UPDATE ON loose BEGIN SELECT RAISE(ABORT, 'it was hushhush'); END;
    INSERT INTO parents VALUES (1);
    INSERT INTO rows VALUES (1, 'hushhush', 1, 1, 't', 'hushhush');
    INSERT INTO keyed VALUES ('hushhush', 1);
    INSERT INTO cased VALUES ('hushhush');
    INSERT INTO loose (rowid, a) VALUES (1, 'hushhush');
";

const ROWS: &[Row] = &[
    named("1555", UniqueViolation, "rows.id", "INSERT INTO rows (id, email) VALUES (1, 'b')"),
    named("1555", UniqueViolation, "keyed.code", "INSERT INTO keyed VALUES ('hushhush', 1)"),
    named("2067", UniqueViolation, "rows.email", "INSERT INTO rows (id, email) VALUES (2, 'hushhush')"),
    named("2067", UniqueViolation, "cased_name_key", "INSERT INTO cased VALUES ('HushHush')"),
    named(
        "2067",
        UniqueViolation,
        "rows.tenant, rows.name",
        "INSERT INTO rows (id, email, tenant, name) VALUES (2, 'b', 't', 'hushhush')",
    ),
    named("2579", UniqueViolation, "loose.rowid", "INSERT INTO loose (rowid, a) VALUES (1, 'hushhush')"),
    row("787", ForeignKeyViolation, "INSERT INTO rows (id, email, parent) VALUES (2, 'b', 2)"),
    row("787", ForeignKeyViolation, "DELETE FROM parents"),
    named("275", CheckViolation, "rows_n_check", "UPDATE rows SET n = 0"),
    named("275", CheckViolation, "n > 0", "UPDATE keyed SET n = 0"),
    named("1299", NotNullViolation, "rows.email", "INSERT INTO rows (id) VALUES (2)"),
    row("3091", InvalidValue, "INSERT INTO strict_ VALUES ('hushhush')"),
    row("20", InvalidValue, "INSERT INTO rows (id, email) VALUES ('hushhush', 'b')"),
    row("18", InvalidValue, "SELECT zeroblob(2000000000)"),
    row("1811", Other, "UPDATE loose SET a = 'hushhush'"),
    row("1", Other, "SELECT * FROM hushhush"),
    row("1", Other, "SELECT hushhush FROM rows"),
    row("1", Other, "SELECT 'hushhush' 'hushhush' FROM"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_are_classified() {
    let fresh = Sqlite::fresh(2).await;
    fresh.run(SCHEMA).await;
    provoke(&fresh, ROWS, true).await;
}

async fn accounts() -> Fresh<Sqlite> {
    let fresh = Sqlite::fresh(3).await;
    fresh.run(Sqlite::TABLE).await;
    fresh.run("CREATE TABLE marks (n); INSERT INTO t VALUES (1, 0), (2, 0)").await;
    fresh
}

/// A constraint may be declared to undo the whole transaction; then none of it is kept.
#[tokio::test]
async fn a_constraint_that_undoes_everything_leaves_nothing() {
    let fresh = accounts().await;
    fresh.run("CREATE TABLE strict_ (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0)) STRICT").await;
    let rows = [
        (row("1555", UniqueViolation, "INSERT OR ROLLBACK INTO t VALUES (1, 0)"), false),
        (row("275", CheckViolation, "INSERT OR ROLLBACK INTO strict_ VALUES (1, 0)"), false),
        // A value that cannot be stored undoes only the statement, whatever is declared.
        (row("3091", InvalidValue, "INSERT OR ROLLBACK INTO strict_ VALUES (1, 'hushhush')"), true),
        (row("20", InvalidValue, "INSERT OR ROLLBACK INTO strict_ VALUES ('hushhush', 1)"), true),
        (row("18", InvalidValue, "INSERT OR ROLLBACK INTO strict_ VALUES (1, zeroblob(2000000000))"), true),
    ];
    for (row, kept) in rows {
        assert_eq!(in_a_transaction(&fresh, &row).await, kept, "{}", row.sql);
    }
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn a_second_writer_waits_and_is_then_a_lock_timeout() {
    let fresh = accounts().await;
    let impatient = "PRAGMA busy_timeout = 10; UPDATE t SET n = 2";
    let result: Result<(), Error> = fresh
        .store
        .with_options(ONCE)
        .transaction_once(async |tx| {
            run::<Sqlite>(tx, "UPDATE t SET n = 1").await?;
            answers(&run::<Sqlite>(&mut fresh.store.session(), impatient).await.unwrap_err(), "5", LockTimeout);
            Ok(())
        })
        .await;
    result.unwrap();
    fresh.pool_is_clean().await;
}

/// A reading transaction cannot write, except past the guard.
async fn allow_writes(tx: &mut Session) {
    let connection = tx.sql::<Sqlite>().await.unwrap().unguarded().await.unwrap();
    Sqlite::run_on(connection, "PRAGMA query_only = OFF").await.unwrap();
}

/// A reading transaction is a deferred one.
#[tokio::test]
async fn what_was_read_and_has_changed_since_is_a_serialization_failure() {
    let fresh = accounts().await;
    let failed: Result<(), Error> = fresh
        .store
        .with_options(ONCE.read_only())
        .transaction_once(async |tx| {
            allow_writes(tx).await;
            run::<Sqlite>(tx, "SELECT * FROM t").await?;
            fresh.run("UPDATE t SET n = 1").await;
            run::<Sqlite>(tx, "UPDATE t SET n = 2").await
        })
        .await;
    answers(&failed.unwrap_err(), "517", Serialization);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn a_deferred_constraint_fails_at_the_commit() {
    let fresh = accounts().await;
    fresh.run("CREATE TABLE lines (t REFERENCES t DEFERRABLE INITIALLY DEFERRED)").await;
    let store = fresh.store.with_options(ONCE);
    let failed = store.transaction_once(async |tx| run::<Sqlite>(tx, "INSERT INTO lines VALUES (7)").await).await;
    answers(&failed.unwrap_err(), "787", ForeignKeyViolation);
    assert_eq!(fresh.number("SELECT count(*) FROM lines").await, 0);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn a_handler_of_the_service_can_interrupt_a_statement() {
    let fresh = accounts().await;
    let endless = "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r";
    let mut session = fresh.store.session();
    let connection = session.sql::<Sqlite>().await.unwrap().unguarded().await.unwrap();
    connection.lock_handle().await.unwrap().set_progress_handler(1_000, || false);
    answers(&run::<Sqlite>(&mut session, endless).await.unwrap_err(), "9", StatementTimeout);
    let connection = session.sql::<Sqlite>().await.unwrap().unguarded().await.unwrap();
    connection.lock_handle().await.unwrap().remove_progress_handler();
    run::<Sqlite>(&mut session, "SELECT 1").await.unwrap();
}

/// Two connections of one cache wait for each other's tables.
#[tokio::test]
async fn two_that_wait_for_one_another_in_a_shared_cache_are_a_deadlock() {
    let shared = SqliteConnectOptions::new().filename("file:kinds?mode=memory&cache=shared").shared_cache(true);
    let store = Store::from(SqlitePoolOptions::new().max_connections(2).connect_with(shared).await.unwrap());
    run::<Sqlite>(&mut store.session(), "CREATE TABLE a (n); CREATE TABLE b (n)").await.unwrap();
    let store = store.with_options(ONCE.read_only());
    let both = Barrier::new(2);
    let crossing = |mine: &'static str, other: &'static str| {
        let (store, both) = (&store, &both);
        store.transaction_once(async move |tx| {
            allow_writes(tx).await;
            run::<Sqlite>(tx, &format!("SELECT * FROM {mine}")).await?;
            both.wait().await;
            run::<Sqlite>(tx, &format!("INSERT INTO {other} VALUES (1)")).await
        })
    };
    let (first, second): (Result<(), Error>, Result<(), Error>) = join(crossing("a", "b"), crossing("b", "a")).await;
    let error = first.and(second).expect_err("one of them gave way");
    // The driver waits for the other one to release its lock, and may then learn that it would wait for itself: a bare
    // 6.
    answers(&error, if code(&error).as_deref() == Some("6") { "6" } else { "262" }, Deadlock);
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).journal_mode(SqliteJournalMode::Delete).create_if_missing(true)
}

fn store(options: SqliteConnectOptions) -> Store {
    SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .connect_lazy_with(options)
        .into()
}

async fn fails(store: &Store, sql: &str) -> Error {
    run::<Sqlite>(&mut store.session(), sql).await.expect_err(sql)
}

#[tokio::test]
async fn a_file_that_cannot_be_used_says_how() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.db");

    let missing = store(options(&path).create_if_missing(false));
    answers(&fails(&missing, "SELECT 1").await, "14", ConnectionLost);

    let whole = store(options(&path));
    run::<Sqlite>(&mut whole.session(), "CREATE TABLE t (a TEXT); CREATE INDEX t_a ON t (a)").await.unwrap();
    for _ in 0..10 {
        run::<Sqlite>(&mut whole.session(), "INSERT INTO t VALUES (hex(randomblob(5000)))").await.unwrap();
    }
    answers(
        &fails(&whole, "PRAGMA max_page_count = 1; INSERT INTO t VALUES (zeroblob(1000000))").await,
        "13",
        OutOfResources,
    );
    answers(&fails(&whole, "PRAGMA query_only = ON; DELETE FROM t").await, "8", ReadOnly);
    answers(&fails(&store(options(&path).read_only(true)), "DELETE FROM t").await, "8", ReadOnly);
    whole.close(Duration::from_secs(5)).await.unwrap();

    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4_096..].fill(0x55);
    std::fs::write(&path, &bytes).unwrap();
    answers(&fails(&store(options(&path)), "SELECT sum(length(a)) FROM t").await, "11", OutOfResources);
    std::fs::write(&path, "this is no database ".repeat(1_000)).unwrap();
    answers(&fails(&store(options(&path)), "SELECT * FROM t").await, "26", OutOfResources);
}

// Not provoked:
// - 261 (BUSY_RECOVERY): takes a writer that dies while another one opens the file. 773 (BUSY_TIMEOUT): takes a build
//   with blocking locks. Both are 5 in the low byte.
// - 6 (LOCKED): takes two statements that run at once on one connection, which sqlx does not do; 262 is the similar
//   code.
// - 10 (IOERR): takes a disk that fails. 7 (NOMEM): the heap's limit applies to the whole process, with all other tests
//   in it.
