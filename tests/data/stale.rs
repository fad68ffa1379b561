//! Statements that a connection has prepared, and whose tables another connection changes.

use std::time::Duration;

use buttress::sql::{Row, SqlDatabase, Tx, sql};
use buttress::store::{Error, ErrorKind, Retry, Session, Store, TransactionOptions};
use futures_util::TryStreamExt as _;
use futures_util::future::try_join_all;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Column as _, Executor, MySql, Postgres, Row as _, Sqlite};
use tokio::sync::Barrier;

use crate::support::statements::script;
use crate::support::{Fresh, TestDatabase};

const CONNECTIONS: usize = 8;
const ALL: &str = "SELECT * FROM t";
const KEPT: &str = "INSERT INTO t (id) VALUES (2) RETURNING *";

async fn fresh<DB: TestDatabase>(connections: usize) -> Fresh<DB> {
    let fresh = DB::fresh(connections as u32).await;
    fresh.run("CREATE TABLE t (id BIGINT PRIMARY KEY, a BIGINT NOT NULL DEFAULT 1, c BIGINT NOT NULL DEFAULT 3)").await;
    fresh.run("INSERT INTO t (id) VALUES (1)").await;
    fresh
}

/// Changes by another release, and the columns after each. A default value shows which column it belongs to.
const CHANGES: [(&str, &[(&str, i64)]); 5] = [
    ("ALTER TABLE t ADD COLUMN d BIGINT NOT NULL DEFAULT 4", &[("a", 1), ("c", 3), ("d", 4)]),
    ("ALTER TABLE t DROP COLUMN a", &[("c", 3), ("d", 4)]),
    ("ALTER TABLE t RENAME COLUMN c TO a", &[("a", 3), ("d", 4)]),
    ("ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN e BIGINT NOT NULL DEFAULT 5", &[("d", 4), ("e", 5)]),
    ("ALTER TABLE t DROP COLUMN d; ALTER TABLE t ADD COLUMN d BIGINT NOT NULL DEFAULT 6", &[("e", 5), ("d", 6)]),
];

/// Every value is under its own name.
fn assert_right(row: &Row, id: i64, columns: &[(&str, i64)], case: &str) {
    assert_eq!(row.get::<i64>("id").unwrap(), id, "{case}");
    for (at, (name, value)) in columns.iter().enumerate() {
        assert_eq!(row.get::<i64>(*name).unwrap(), *value, "{case}: {name}");
        assert_eq!(row.get::<i64>(at + 1).unwrap(), *value, "{case}: {name}, by its place");
    }
    assert!(row.get::<i64>(columns.len() + 1).is_err(), "{case}: there are no more");
}

async fn names<DB: SqlDatabase>(on: &mut Session) -> Result<Vec<String>, Error> {
    let rows = on.sql::<DB>().await?.fetch_all(sqlx::query::<DB>(ALL)).await?;
    Ok(rows.iter().flat_map(|row| row.columns().iter().map(|column| column.name().to_owned())).collect())
}

/// Outside a transaction the caller does not notice: the refused statement was not run, and is run again.
async fn out_of_a_transaction_give_what_the_tables_are<DB: TestDatabase>() {
    let fresh = fresh::<DB>(1).await;
    let mut session = fresh.store.session();
    names::<DB>(&mut session).await.unwrap();
    sql(ALL).fetch_all(&mut session).await.unwrap();
    sql(KEPT).fetch_one(&mut session).await.unwrap();
    for (change, columns) in CHANGES {
        sql("DELETE FROM t WHERE id = 2").execute(&mut session).await.unwrap();
        fresh.run(change).await;
        let row = sql(KEPT).fetch_one(&mut session).await.unwrap();
        assert_right(&row, 2, columns, change);
        let rows = sql(ALL).push("ORDER BY id").fetch_all(&mut session).await.unwrap();
        assert_right(&rows[1], 2, columns, change);
        let rows = sql(ALL).fetch_optional(&mut session).await.unwrap();
        assert_right(&rows.unwrap(), 1, columns, change);
        let expected: Vec<_> = std::iter::once("id").chain(columns.iter().map(|(name, _)| *name)).collect();
        assert_eq!(names::<DB>(&mut session).await.unwrap(), [expected.clone(), expected].concat(), "{change}");
    }
    drop(session);
    fresh.pool_is_clean().await;
}

/// Makes every connection of the pool prepare the statement.
async fn all_prepare<DB: TestDatabase>(fresh: &Fresh<DB>) {
    let together = Barrier::new(CONNECTIONS);
    let prepare = async || -> Result<(), Error> {
        let mut session = fresh.store.session();
        session.sql::<DB>().await?;
        together.wait().await;
        sql(ALL).fetch_all(&mut session).await.map(drop)
    };
    try_join_all((0..CONNECTIONS).map(|_| prepare())).await.unwrap();
}

/// One failed attempt is enough, although all connections have kept the statement.
async fn in_a_transaction_cost_one_attempt<DB: TestDatabase>() {
    let fresh = fresh::<DB>(CONNECTIONS).await;
    let options = TransactionOptions::new().retry(Retry::new().attempts(2));
    for (typed, (change, columns)) in [false, true].into_iter().cycle().zip(CHANGES) {
        all_prepare(&fresh).await;
        fresh.run(change).await;
        for _ in 0..CONNECTIONS {
            let work = async |tx: &mut Session| sql(ALL).fetch_one(tx).await;
            let row = if typed {
                fresh.sql.transaction(options, async |tx: &mut Tx<DB>| work(tx).await).await
            } else {
                fresh.store.with_options(options).transaction(work).await
            };
            assert_right(&row.unwrap(), 1, columns, change);
        }
    }
    fresh.pool_is_clean().await;
}

/// After a rollback to a savepoint, the same transaction can run the statement again.
async fn in_a_nested_transaction_can_be_run_again<DB: TestDatabase>() {
    let fresh = fresh::<DB>(1).await;
    sql(ALL).fetch_all(&mut fresh.store.session()).await.unwrap();
    let (change, columns) = CHANGES[0];
    fresh.run(change).await;
    let row: Result<Row, Error> = fresh
        .store
        .transaction_once(async |tx| {
            match tx.transaction(async |tx| sql(ALL).fetch_one(tx).await).await {
                Err(error) => assert_eq!(error.kind(), ErrorKind::StaleStatement),
                Ok(row) => assert_right(&row, 1, columns, change),
            }
            sql(ALL).fetch_one(tx).await
        })
        .await;
    assert_right(&row.unwrap(), 1, columns, change);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn after_a_change_of_a_type_give_what_the_tables_are() {
    let fresh = fresh::<Postgres>(1).await;
    let mut session = fresh.store.session();
    for change in ["INTEGER", "BIGINT", "SMALLINT"] {
        fresh.run(&format!("ALTER TABLE t ALTER COLUMN a TYPE {change}")).await;
        let row = sql("SELECT a FROM t WHERE id = ?").bind(1).fetch_one(&mut session).await.unwrap();
        assert_eq!(row.get::<i64>("a").unwrap(), 1, "{change}");
    }
}

#[tokio::test]
async fn that_the_server_has_forgotten_are_prepared_again() {
    let fresh = fresh::<Postgres>(1).await;
    let mut session = fresh.store.session();
    let mut insert = async |id: i64| {
        let affected = sql("INSERT INTO t (id) VALUES (?)").bind(id).execute(&mut session).await;
        script::<Postgres>(&mut session, "DEALLOCATE ALL").await.unwrap();
        affected
    };
    for id in 2..5 {
        assert_eq!(insert(id).await.unwrap(), 1);
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 4);
}

/// The server reports once that the statement has to be prepared again; this report is not transactional.
#[tokio::test]
async fn that_mysql_wants_again_are_run_again() {
    let fresh = fresh::<MySql>(1).await;
    fresh.run("CREATE TABLE calls (n BIGINT) ENGINE = MyISAM").await;
    fresh
        .run(
            "CREATE FUNCTION called(code BIGINT) RETURNS BIGINT MODIFIES SQL DATA BEGIN
                INSERT INTO calls VALUES (1);
                IF (SELECT count(*) FROM calls) = 1 AND code = 1615 THEN
                    SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1615;
                END IF;
                IF (SELECT count(*) FROM calls) = 1 AND code = 1243 THEN
                    SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1243;
                END IF;
                RETURN (SELECT count(*) FROM calls);
             END",
        )
        .await;
    for code in [1615, 1243] {
        let call = async |on: &mut Session| {
            let row = sql("SELECT called(?) AS n").bind(code).fetch_one(on).await?;
            row.get::<i64>("n")
        };
        assert_eq!(call(&mut fresh.store.session()).await.unwrap(), 2, "{code}");
        fresh.run("TRUNCATE calls").await;
        assert_eq!(fresh.store.transaction_once(call).await.unwrap(), 2, "{code}: the transaction stands");
        fresh.run("TRUNCATE calls").await;
    }
    fresh.pool_is_clean().await;
}

/// The rows may come of any of them.
#[tokio::test]
async fn of_several_give_what_the_tables_are() {
    for several in [
        "UPDATE t SET id = ?; SELECT * FROM t",
        "SELECT 1 WHERE 1 > ?; SELECT * FROM t",
        "DELETE FROM t WHERE id = ?; INSERT INTO t (id) VALUES (1) RETURNING *",
    ] {
        let fresh = fresh::<Sqlite>(1).await;
        let run = async |on: &mut Session| sql(several).bind(1).fetch_one(on).await;
        run(&mut fresh.store.session()).await.unwrap();
        for (change, columns) in CHANGES {
            fresh.run(change).await;
            assert_right(&run(&mut fresh.store.session()).await.unwrap(), 1, columns, change);
            assert_right(&fresh.store.transaction_once(run).await.unwrap(), 1, columns, change);
        }
        fresh.pool_is_clean().await;
    }
}

/// Another process may change the tables of a database that is attached to every connection of a pool.
#[tokio::test]
async fn of_an_attached_database_give_what_its_tables_are() {
    let other = fresh::<Sqlite>(1).await;
    let dir = other.dir.as_ref().unwrap().path();
    let attach = format!("ATTACH '{}' AS other", dir.join("test.db").display());
    let pool = SqlitePoolOptions::new().max_connections(1).after_connect(move |connection, _| {
        let attach = AssertSqlSafe(attach.clone());
        Box::pin(async move { connection.execute(attach).await.map(drop) })
    });
    let main = SqliteConnectOptions::new().filename(dir.join("main.db")).create_if_missing(true);
    let store = Store::from(pool.connect_with(main).await.unwrap());
    let (all, kept) = ("SELECT * FROM other.t", "INSERT INTO other.t (id) VALUES (2) RETURNING *");
    sql(all).fetch_all(&mut store.session()).await.unwrap();
    for (change, columns) in CHANGES {
        other.run("DELETE FROM t WHERE id = 2").await;
        other.run(change).await;
        assert_right(&sql(all).fetch_one(&mut store.session()).await.unwrap(), 1, columns, change);
        other.run("ALTER TABLE t ADD COLUMN more BIGINT; ALTER TABLE t DROP COLUMN more").await;
        assert_right(&sql(kept).fetch_one(&mut store.session()).await.unwrap(), 2, columns, change);
        let row: Result<Row, Error> =
            store.transaction_once(async |tx| sql(all).push("WHERE id = 2").fetch_one(tx).await).await;
        assert_right(&row.unwrap(), 2, columns, change);
    }
}

/// A reader beside the writer of the same process has kept its statements, too.
#[tokio::test]
async fn of_a_reader_notice_what_the_writer_changes() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("shop.db").display());
    let store = Store::connect(&url).await.unwrap();
    script::<Sqlite>(&mut store.session(), "CREATE TABLE t (id BIGINT, a BIGINT DEFAULT 1, c BIGINT DEFAULT 3)")
        .await
        .unwrap();
    script::<Sqlite>(&mut store.session(), "INSERT INTO t (id) VALUES (1)").await.unwrap();
    for (change, columns) in CHANGES {
        let mut reader = store.read_only().session();
        sql(ALL).fetch_all(&mut reader).await.unwrap();
        script::<Sqlite>(&mut store.session(), change).await.unwrap();
        assert_right(&sql(ALL).fetch_one(&mut reader).await.unwrap(), 1, columns, change);
    }
}

/// A statement that is being prepared waits for the lock, and the table has changed when it gets it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn that_waited_for_the_change_notice_it() {
    let fresh = fresh::<Sqlite>(1).await;
    for (change, columns) in CHANGES {
        sql("DELETE FROM t WHERE id = 2").execute(&mut fresh.store.session()).await.unwrap();
        let mut other = fresh.witness.acquire().await.unwrap();
        Sqlite::run_on(&mut other, "BEGIN IMMEDIATE").await.unwrap();
        Sqlite::run_on(&mut other, change).await.unwrap();
        let store = fresh.store.clone();
        let waiting = tokio::spawn(async move { sql(KEPT).fetch_one(&mut store.session()).await });
        // It usually waits by then; the expected result is the same either way.
        tokio::time::sleep(Duration::from_millis(100)).await;
        Sqlite::run_on(&mut other, "COMMIT").await.unwrap();
        drop(other);
        assert_right(&waiting.await.unwrap().unwrap(), 2, columns, change);
    }
    fresh.pool_is_clean().await;
}

/// Unread rows leave no transaction open, and a transaction that was begun by hand takes no statement with it.
#[tokio::test]
async fn are_run_in_no_transaction_that_is_not_ended() {
    let fresh = fresh::<Sqlite>(1).await;
    let many = (10..1_000).map(|id| format!("({id})")).collect::<Vec<_>>().join(",");
    fresh.run(&format!("INSERT INTO t (id) VALUES {many}")).await;
    let mut session = fresh.store.session();
    let mut rows = session.sql::<Sqlite>().await.unwrap().fetch(sqlx::query(ALL));
    assert!(rows.try_next().await.unwrap().is_some());
    drop(rows);
    sql("DELETE FROM t WHERE id > 5").execute(&mut session).await.unwrap();
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1, "it is there at once");

    for wrong in ["INSERT INTO t (id) VALUES (1) RETURNING *", "SELECT * FROM t WHERE abs(-9223372036854775808) = id"] {
        sql(wrong).fetch_all(&mut session).await.unwrap_err();
        sql("INSERT INTO t (id) VALUES (3)").execute(&mut session).await.unwrap();
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, 2, "{wrong}");
        let open = sqlx::query("DELETE FROM t WHERE id = 3 RETURNING * /* open");
        open.fetch_one(session.sql::<Sqlite>().await.unwrap()).await.unwrap();
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1, "{wrong}");
    }

    session.sql::<Sqlite>().await.unwrap().unguarded().await.unwrap().execute("BEGIN").await.unwrap();
    assert_right(&sql(KEPT).fetch_one(&mut session).await.unwrap(), 2, &[("a", 1), ("c", 3)], "begun by hand");
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 2, "it is committed");
    drop(session);
    fresh.pool_is_clean().await;
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 2);
}

on_every_database! {
    out_of_a_transaction_give_what_the_tables_are;
    in_a_transaction_cost_one_attempt;
    in_a_nested_transaction_can_be_run_again;
}
