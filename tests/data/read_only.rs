//! A read-only store never writes, whatever it is asked to do.

use buttress::problem::IntoProblem;
use buttress::sql::{Connect, Connects, Database, Tx, transaction};
use buttress::store::{Error, ErrorKind, Memory, Session, Store, TransactionOptions};
use sqlx::{Executor, MySql, Postgres, SqlSafeStr, Sqlite};

use crate::pool::address;
use crate::support::statements::{insert, run, script};
use crate::support::{Fresh, TestDatabase};

/// The program asked for read-only access: only the program can fix this, and waiting does not help.
#[track_caller]
fn is_refused<T: std::fmt::Debug>(outcome: Result<T, Error>, what: &str) {
    let error = outcome.expect_err(what);
    assert_eq!(error.kind(), ErrorKind::ReadOnly, "{what}: {error:?}");
    assert!(!error.is_retryable());
    let problem = error.into_problem();
    assert_eq!(problem.status().as_u16(), 500, "{what}");
    assert!(problem.headers().get("retry-after").is_none(), "{what}");
}

const WRITES: &[&str] = &["INSERT INTO t VALUES (1, 0)", "DELETE FROM t", "CREATE TABLE made (id INT)"];

async fn writes_are_refused<DB: TestDatabase>(sql: &Database<DB>, more: &[&'static str]) {
    let store = Store::from(sql.clone());
    let reader = store.read_only();
    for write in WRITES.iter().chain(more) {
        let mut session = reader.session();
        count::<DB>(&mut session).await;
        is_refused(run::<DB>(&mut session, write).await, write);
        count::<DB>(&mut session).await;
        is_refused(script::<DB>(&mut session, write).await, write);
        is_refused(session.transaction(async |tx| run::<DB>(tx, write).await).await, write);
        count::<DB>(&mut session).await;
        drop(session);
        is_refused(reader.transaction_once(async |tx| script::<DB>(tx, write).await).await, write);
        is_refused(
            reader
                .with_options(TransactionOptions::new())
                .transaction_once(async |tx| run::<DB>(tx, write).await)
                .await,
            "with other options",
        );
        let reads = TransactionOptions::new().read_only();
        is_refused(sql.transaction_once(reads, async |tx: &mut Tx<DB>| run::<DB>(tx, write).await).await, "typed");
        let on_pool = transaction(sql.readers(), reads, async |tx: &mut Tx<DB>| run::<DB>(tx, write).await);
        is_refused(on_pool.await, "on a pool");
    }
    // The same connection, if there is only one, writes for others.
    insert::<DB>(&mut store.session(), 1).await.unwrap();
    assert_eq!(count::<DB>(&mut reader.session()).await, 1);
    let dropped = reader.session();
    drop(dropped);
    run::<DB>(&mut store.session(), "DELETE FROM t").await.unwrap();
}

async fn count<DB: TestDatabase>(on: &mut Session) -> i64 {
    let row = buttress::sql::sql("SELECT count(*) FROM t").fetch_one(on).await.unwrap();
    row.get(0).unwrap()
}

async fn opened<DB: TestDatabase + Connects>(fresh: &Fresh<DB>) -> Database<DB> {
    Connect::to(&address(fresh)).unwrap().max_connections(1).open_as::<DB>().await.unwrap()
}

#[tokio::test]
async fn postgres() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    let more = ["SELECT nextval('ids')", "WITH a AS (DELETE FROM t RETURNING id) SELECT * FROM a"];
    fresh.run("CREATE SEQUENCE ids").await;
    writes_are_refused(&fresh.sql, &more).await;
    writes_are_refused(&opened(&fresh).await, &more).await;
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn mariadb() {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    fresh.run("CREATE PROCEDURE writes() BEGIN COMMIT; INSERT INTO t VALUES (1, 0); END").await;
    let more = ["CALL writes()", "SET STATEMENT max_statement_time = 9 FOR DELETE FROM t"];
    writes_are_refused(&fresh.sql, &more).await;
    writes_are_refused(&opened(&fresh).await, &more).await;
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn sqlite() {
    let fresh = Sqlite::fresh(1).await;
    fresh.run(Sqlite::TABLE).await;
    let more = ["PRAGMA user_version = 7", "PRAGMA query_only = OFF", "EXPLAIN PRAGMA query_only = OFF"];
    writes_are_refused(&fresh.sql, &more).await;
    writes_are_refused(&opened(&fresh).await, &more).await;
    fresh.pool_is_clean().await;
    let memory = Connect::to("sqlite::memory:").unwrap().open_as::<Sqlite>().await.unwrap();
    Sqlite::run(memory.pool(), Sqlite::TABLE).await.unwrap();
    writes_are_refused(&memory, &more).await;
}

/// SQLite carries out most settings when they are prepared.
#[tokio::test]
async fn sqlite_what_is_only_prepared() {
    let fresh = Sqlite::fresh(1).await;
    fresh.run(Sqlite::TABLE).await;
    let mut session = fresh.store.read_only().session();
    let conn = session.sql::<Sqlite>().await.unwrap();
    let prepared = conn.prepare("PRAGMA query_only = OFF".into_sql_str()).await.map(drop);
    is_refused(prepared.map_err(Into::into), "prepared");
    let described = conn.describe("PRAGMA query_only = OFF".into_sql_str()).await.map(drop);
    is_refused(described.map_err(Into::into), "described");
    is_refused(insert::<Sqlite>(&mut session, 1).await, "a write after them");
    let conn = session.sql::<Sqlite>().await.unwrap();
    conn.prepare("SELECT count(*) FROM t".into_sql_str()).await.unwrap();
    assert_eq!(count::<Sqlite>(&mut session).await, 0);
}

#[tokio::test]
async fn memory() {
    let store = Store::from(Memory::new(0)).read_only();
    is_refused(store.session().memory::<i32>().unwrap().write(|n| *n += 1).await, "out of a transaction");
    is_refused(store.transaction_once(async |tx| tx.memory::<i32>()?.write(|n| *n += 1).await).await, "in one");
}

/// Statements that a transaction may run before its first query, and a session at any time.
#[tokio::test]
async fn postgres_nobody_makes_it_write_again() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    let reader = fresh.store.read_only();
    for opens in [
        "SET TRANSACTION READ WRITE",
        "SET SESSION CHARACTERISTICS AS TRANSACTION/**/READ/**/WRITE",
        "SET default_transaction_read_only = off",
        "SET LOCAL transaction_read_only = off",
        "SELECT set_config('transaction_' || 'read_' || 'only', 'off', false)",
        "SET TRANSACTION READ/**/WRITE; INSERT INTO t VALUES (1, 0)",
    ] {
        let mut session = reader.session();
        let _ = script::<Postgres>(&mut session, opens).await;
        assert!(insert::<Postgres>(&mut session, 1).await.is_err(), "{opens}");
        drop(session);
        let wrote: Result<(), Error> = reader
            .transaction_once(async |tx| {
                let _ = script::<Postgres>(tx, opens).await;
                insert::<Postgres>(tx, 1).await
            })
            .await;
        assert!(wrote.is_err(), "{opens}");
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0, "{opens}");
        fresh.pool_is_clean().await;
    }
}

/// A store that cannot write although it is not read-only is a standby, or will recover: a 503.
#[tokio::test]
async fn a_server_that_takes_no_writes_is_unavailable() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    let database = fresh.sql.pool().connect_options().get_database().unwrap().to_owned();
    fresh.run(&format!("ALTER DATABASE {database} SET default_transaction_read_only = on")).await;
    let store = Store::from(opened(&fresh).await);
    let error = insert::<Postgres>(&mut store.session(), 1).await.unwrap_err();
    assert_eq!((error.kind(), error.into_problem().status().as_u16()), (ErrorKind::ReadOnly, 503));
    is_refused(insert::<Postgres>(&mut store.read_only().session(), 1).await, "by us");
}

/// Rows that are not read to their end, and errors, do no harm to the next statement or the next borrower.
async fn a_reading_session_goes_on<DB: TestDatabase>()
where
    for<'c> &'c mut buttress::sql::Conn<DB>: Executor<'c, Database = DB>,
{
    use futures_util::StreamExt as _;
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    fresh.run("INSERT INTO t VALUES (1, 0), (2, 0), (3, 0)").await;
    let mut session = fresh.store.read_only().session();
    for _ in 0..3 {
        assert!(run::<DB>(&mut session, "SELECT nothing FROM nowhere").await.is_err());
        let conn = session.sql::<DB>().await.unwrap();
        let mut rows = Executor::fetch(&mut *conn, "SELECT id FROM t");
        rows.next().await.unwrap().unwrap();
        drop(rows);
        assert_eq!(count::<DB>(&mut session).await, 3);
    }
    fresh.run("DELETE FROM t").await;
    assert_eq!(count::<DB>(&mut session).await, 0, "each statement sees what is there by then");
    drop(session);
    fresh.pool_is_clean().await;
}

on_every_database! {
    a_reading_session_goes_on;
}

/// The driver's error says what was not done, and why.
#[tokio::test]
async fn an_error_of_a_reader_tells_of_its_statement() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    let mut reader = fresh.store.read_only().session();
    let refused = sqlx::query("INSERT INTO t VALUES (1, 0)").execute(reader.sql::<Postgres>().await.unwrap()).await;
    let refused = refused.unwrap_err();
    let error = refused.as_database_error().unwrap();
    assert_eq!(error.code().as_deref(), Some("25006"));
    let why: Vec<String> =
        std::iter::successors(error.source(), |error| error.source()).map(ToString::to_string).collect();
    assert_eq!(why, ["in INSERT t", "the session or transaction is for reading only"]);
}
