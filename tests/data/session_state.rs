//! The next user of a connection finds no settings of the previous session.

use buttress::sql::{Connect, Connects, Database};
use buttress::store::{Error, Session, Store};
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Executor, MySql, Postgres, SqlSafeStr, Sqlite};

use crate::pool::address;
use crate::support::statements::{insert, run, script};
use crate::support::{Fresh, TestDatabase, eventually};

/// A statement that changes a session, and a query for a number that is 0 if nothing did.
type Change = (&'static str, &'static str);

const POSTGRES: &[Change] = &[
    ("SET search_path = pg_catalog", "SELECT (current_setting('search_path') = 'pg_catalog')::int"),
    ("SET app.tenant = 'ann'", TENANT),
    ("set/**/app.tenant to 'ann'", TENANT),
    ("SELECT set_config('app.tenant', 'ann', false)", TENANT),
    ("SELECT pg_catalog.\"set_config\" ('app.tenant', 'ann', 1 = 2)", TENANT),
    ("SELECT Set_Config -- so\n ('app.tenant', 'ann', false)", TENANT),
    ("WITH a AS (SELECT set_config('app.tenant', 'ann', false)) SELECT * FROM a", TENANT),
    ("INSERT INTO t SELECT count(*) + 1, length(set_config('app.tenant', 'ann', false)) FROM t", TENANT),
    ("EXPLAIN ANALYZE SELECT set_config('app.tenant', 'ann', false)", TENANT),
    ("SELECT U&\"\\0073et_config\"('app.tenant', 'ann', false)", TENANT),
    (
        "UPDATE pg_settings SET setting = 'pg_catalog' WHERE name = 'search_path'",
        "SELECT (current_setting('search_path') = 'pg_catalog')::int",
    ),
    (
        "WITH a AS (SELECT 'pg_catalog' AS b) UPDATE pg_settings SET setting = b FROM a WHERE name = 'search_path'",
        "SELECT (current_setting('search_path') = 'pg_catalog')::int",
    ),
    ("DO $$ BEGIN SET app.tenant = 'ann'; END $$", TENANT),
    ("SET ROLE pg_monitor", "SELECT (current_user = 'pg_monitor')::int"),
    ("SET SESSION AUTHORIZATION pg_monitor", "SELECT (session_user = 'pg_monitor')::int"),
    ("SET statement_timeout = 1234", "SELECT (current_setting('statement_timeout') = '1234ms')::int"),
    (
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "SELECT (current_setting('transaction_read_only') = 'on')::int",
    ),
    ("CREATE TEMP TABLE mine (id INT)", TEMPORARY),
    ("SELECT 1 AS a INTO TEMPORARY mine", TEMPORARY),
    ("SELECT pg_advisory_lock(7)", ADVISORY),
    ("SELECT pg_try_advisory_lock_shared(7)", ADVISORY),
    ("UPDATE t SET n = 1 WHERE pg_try_advisory_lock(7)", ADVISORY),
    ("LISTEN news", "SELECT count(*) FROM pg_listening_channels()"),
    ("PREPARE mine AS SELECT 1", "SELECT count(*) FROM pg_prepared_statements WHERE name = 'mine'"),
    ("DECLARE mine CURSOR WITH HOLD FOR SELECT 1", "SELECT count(*) FROM pg_cursors WHERE name = 'mine'"),
];

const TEMPORARY: &str = "SELECT count(*) FROM pg_class WHERE relname = 'mine' AND relnamespace = pg_my_temp_schema()";
const TENANT: &str = "SELECT (coalesce(current_setting('app.tenant', true), '') = 'ann')::int";
const ADVISORY: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()";

const MARIADB: &[Change] = &[
    ("SET @tenant = 'ann'", "SELECT @tenant IS NOT NULL"),
    ("SELECT 'ann' INTO @tenant", "SELECT @tenant IS NOT NULL"),
    ("SELECT @tenant := 'ann'", "SELECT @tenant IS NOT NULL"),
    ("UPDATE t SET n = (@tenant := 1)", "SELECT @tenant IS NOT NULL"),
    ("SET SESSION sql_mode = ''", "SELECT @@sql_mode = ''"),
    ("SET/**/NAMES latin1", "SELECT @@character_set_client = 'latin1'"),
    ("SET SESSION TRANSACTION READ ONLY", "SELECT @@tx_read_only"),
    ("USE information_schema", "SELECT database() = 'information_schema'"),
    ("SELECT GET_LOCK('mine', 0)", "SELECT coalesce(is_used_lock('mine') = connection_id(), 0)"),
    ("DO Get_Lock('mine', 0)", "SELECT coalesce(is_used_lock('mine') = connection_id(), 0)"),
    ("SELECT 1 /*! INTO @tenant */", "SELECT @tenant IS NOT NULL"),
    ("CALL changes()", "SELECT @tenant IS NOT NULL"),
    (
        "PREPARE mine FROM 'SELECT 1'",
        "SELECT variable_value > 0 FROM information_schema.session_status
        WHERE variable_name = 'Com_prepare_sql'",
    ),
];

const SQLITE: &[Change] = &[
    ("PRAGMA foreign_keys = OFF", "SELECT foreign_keys = 0 FROM pragma_foreign_keys"),
    ("EXPLAIN PRAGMA foreign_keys = OFF", "SELECT foreign_keys = 0 FROM pragma_foreign_keys"),
    ("EXPLAIN QUERY PLAN PRAGMA foreign_keys = OFF", "SELECT foreign_keys = 0 FROM pragma_foreign_keys"),
    ("PRAGMA query_only(1)", "SELECT query_only FROM pragma_query_only"),
    ("PRAGMA/**/query_only = 1", "SELECT query_only FROM pragma_query_only"),
    ("ATTACH ':memory:' AS other", "SELECT count(*) > 1 FROM pragma_database_list"),
    ("CREATE TEMP TABLE mine (id INT)", "SELECT count(*) FROM sqlite_temp_master"),
    ("SELECT 1; CREATE TABLE temp.mine (id INT)", "SELECT count(*) FROM sqlite_temp_master"),
];

/// In a transaction that is kept, in one that is undone, and in none, with both ways to run a transaction.
async fn nothing_stays<DB: TestDatabase>(fresh: &Fresh<DB>, sql: &Database<DB>, changes: &[Change]) {
    let store = Store::from(sql.clone());
    for (change, number) in changes {
        let (what, found) = (format!("{change:?}"), async || DB::number(sql.pool(), number).await);
        assert_eq!(found().await, 0, "{what}: before");
        assert!(change_in::<DB>(&mut store.session(), change).await, "{what} works out of a transaction");
        assert_eq!(found().await, 0, "{what}, out of a transaction");
        // Some changes are not possible in a transaction.
        for fails in [false, true] {
            let _: Result<(), Error> = store
                .transaction_once(async |tx| {
                    change_in::<DB>(tx, change).await;
                    if fails { Err(Error::corrupt("a row")) } else { Ok(()) }
                })
                .await;
            assert_eq!(found().await, 0, "{what}, in a transaction that fails: {fails}");
        }
    }
    fresh.pool_is_clean().await;
}

/// Whether the change succeeded, as one statement or as a script.
async fn change_in<DB: TestDatabase>(on: &mut Session, change: &str) -> bool {
    let prepared = run::<DB>(on, change).await;
    prepared.is_ok() || script::<DB>(on, change).await.is_ok()
}

async fn opened<DB: TestDatabase + Connects>(fresh: &Fresh<DB>) -> Database<DB> {
    Connect::to(&address(fresh)).unwrap().max_connections(1).open_as::<DB>().await.unwrap()
}

#[tokio::test]
async fn postgres() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    nothing_stays(&fresh, &fresh.sql, POSTGRES).await;
    nothing_stays(&fresh, &opened(&fresh).await, POSTGRES).await;
}

#[tokio::test]
async fn mariadb() {
    let fresh = MySql::fresh(1).await;
    fresh.run(MySql::TABLE).await;
    // An `UPDATE` without a row would change nothing.
    fresh.run("INSERT INTO t VALUES (1, 0)").await;
    fresh.run("CREATE PROCEDURE changes() SET @tenant = 'ann'").await;
    nothing_stays(&fresh, &fresh.sql, MARIADB).await;
    nothing_stays(&fresh, &opened(&fresh).await, MARIADB).await;
}

#[tokio::test]
async fn sqlite() {
    let fresh = Sqlite::fresh(1).await;
    nothing_stays(&fresh, &fresh.sql, SQLITE).await;
    nothing_stays(&fresh, &opened(&fresh).await, SQLITE).await;
    let memory = Connect::to("sqlite::memory:").unwrap().open_as::<Sqlite>().await.unwrap();
    nothing_stays(&fresh, &memory, SQLITE).await;
}

/// SQLite carries out most settings when they are prepared.
#[tokio::test]
async fn sqlite_what_is_only_prepared() {
    let fresh = Sqlite::fresh(1).await;
    let off = "PRAGMA foreign_keys = OFF";
    for sql in [&fresh.sql, &opened(&fresh).await] {
        let found = async || Sqlite::number(sql.pool(), "SELECT foreign_keys = 0 FROM pragma_foreign_keys").await;
        let mut session = Store::from(sql.clone()).session();
        session.sql::<Sqlite>().await.unwrap().prepare(off.into_sql_str()).await.unwrap();
        drop(session);
        assert_eq!(found().await, 0, "prepared");
        let mut session = Store::from(sql.clone()).session();
        session.sql::<Sqlite>().await.unwrap().describe(off.into_sql_str()).await.unwrap();
        drop(session);
        assert_eq!(found().await, 0, "described");
    }
    fresh.pool_is_clean().await;
}

const PID: &str = "SELECT pg_backend_pid()";

/// A connection of a pool that the crate opened keeps its server process, and its prepared statements.
#[tokio::test]
async fn postgres_a_connection_is_reset_and_not_replaced() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    let sql = opened(&fresh).await;
    let store = Store::from(sql.clone());
    let pid = Postgres::number(sql.pool(), PID).await;
    let prepared = async || insert_one(&store).await;
    prepared().await;
    script::<Postgres>(&mut store.session(), "SET statement_timeout = 1; SET app.tenant = 'ann'").await.unwrap();
    let limit = "SELECT extract(epoch FROM current_setting('statement_timeout')::interval)";
    assert_eq!(Postgres::number(sql.pool(), limit).await, 30, "the pool's own settings are back");
    prepared().await;
    assert_eq!(Postgres::number(sql.pool(), PID).await, pid);
}

async fn insert_one(store: &Store) {
    let insert = buttress::sql::sql("INSERT INTO t SELECT count(*) + ?, 0 FROM t").bind(1);
    insert.execute(&mut store.session()).await.unwrap();
}

/// A change that ends with its transaction, and a statement that changes nothing, cost nothing.
#[tokio::test]
async fn postgres_a_connection_that_nothing_has_changed_is_kept() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    let pid = Postgres::number(fresh.sql.pool(), PID).await;
    for statement in [
        "SET LOCAL statement_timeout = 1000",
        "SELECT set_config('app.tenant', 'ann', true)",
        "SELECT pg_advisory_xact_lock(7)",
        "SELECT 'temp into' FROM t",
        "INSERT INTO t VALUES (1, 0)",
        "CREATE TABLE other (id INT)",
    ] {
        let kept: Result<(), Error> =
            fresh.store.transaction_once(async |tx| run::<Postgres>(tx, statement).await).await;
        kept.unwrap();
        assert_eq!(Postgres::number(fresh.sql.pool(), PID).await, pid, "{statement}");
    }
    assert_eq!(Postgres::number(fresh.sql.pool(), TENANT).await, 0);
}

#[tokio::test]
async fn postgres_what_cannot_be_seen_can_be_said() {
    let fresh = Postgres::fresh(1).await;
    fresh
        .run("CREATE FUNCTION enter() RETURNS text LANGUAGE sql AS $$ SELECT set_config('app.tenant', 'ann', false) $$")
        .await;
    let mut session = fresh.store.session();
    run::<Postgres>(&mut session, "SELECT enter()").await.unwrap();
    session.reset_on_release();
    drop(session);
    assert_eq!(Postgres::number(fresh.sql.pool(), TENANT).await, 0);

    // In a transaction, past the guard.
    let kept: Result<(), Error> = fresh
        .store
        .transaction_once(async |tx| {
            Ok(Postgres::run_on(tx.sql::<Postgres>().await?.unguarded().await?, "SELECT enter()").await?)
        })
        .await;
    kept.unwrap();
    assert_eq!(Postgres::number(fresh.sql.pool(), TENANT).await, 0);
}

/// A pool that the service opened may hold the only connection to a database in memory, which matters more than its
/// settings.
#[tokio::test]
async fn a_database_in_memory_is_not_lost_for_a_setting() {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let store = Store::from(pool.clone());
    run::<Sqlite>(&mut store.session(), Sqlite::TABLE).await.unwrap();
    run::<Sqlite>(&mut store.session(), "PRAGMA cache_size = 100").await.unwrap();
    insert::<Sqlite>(&mut store.session(), 1).await.unwrap();
    assert_eq!(Sqlite::number(&pool, "SELECT count(*) FROM t").await, 1);
    eventually("the connection is back", async || pool.num_idle() == 1).await;
}
