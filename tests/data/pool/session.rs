//! The settings of a session when it begins.

use std::time::Duration;

use buttress::sql::{Connect, Connects, Database, sql};
use buttress::store::{Error, ErrorKind, Store};
use sqlx::{ConnectOptions as _, Connection as _, MySql, MySqlPool, PgPool, Postgres};

use tokio::task::block_in_place;

use super::address;
use crate::round_trips::counted;
use crate::support::server::{PrivateServer, ServerKind};
use crate::support::{Fresh, TestDatabase, eventually, server};

const SHORT: Duration = Duration::from_millis(100);

async fn opened<DB: TestDatabase + Connects>(
    fresh: &Fresh<DB>,
    set: impl FnOnce(Connect) -> Connect,
) -> (Database<DB>, Store) {
    let sql = set(Connect::to(&address(fresh)).unwrap()).open_as::<DB>().await.unwrap();
    (sql.clone(), Store::from(sql))
}

/// A statement in a transaction.
async fn run<DB: TestDatabase>(store: &Store, sql: &'static str) -> Result<(), Error>
where
    for<'c> &'c mut buttress::sql::Conn<DB>: sqlx::Executor<'c, Database = DB>,
{
    store
        .transaction_once(async |tx| {
            sqlx::Executor::execute(tx.sql::<DB>().await?, sqlx::raw_sql(sql)).await?;
            Ok(())
        })
        .await
}

async fn setting(pool: &PgPool, name: &str) -> String {
    sqlx::query_scalar("SELECT current_setting($1)").bind(name).fetch_one(pool).await.unwrap()
}

async fn variable(pool: &MySqlPool, name: &str) -> String {
    let sql = format!("SELECT CAST(@@SESSION.{name} AS CHAR)");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn postgres_is_told_its_limits() {
    let fresh = Postgres::fresh(1).await;
    let (sql, _) = opened(&fresh, |connect| connect).await;
    for (name, value) in [
        ("statement_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("client_connection_check_interval", "5s"),
        ("lock_timeout", "0"),
        ("TimeZone", "UTC"),
    ] {
        assert_eq!(setting(sql.pool(), name).await, value, "{name}");
    }
    assert!(setting(sql.pool(), "application_name").await.starts_with("data-"), "as this program");

    let (sql, _) = opened(&fresh, |connect| connect.name("it's a \"shop\"\0 \u{e9}").lock_timeout(SHORT)).await;
    assert_eq!(setting(sql.pool(), "application_name").await, "it's a \"shop\"? ?");
    assert_eq!(setting(sql.pool(), "lock_timeout").await, "100ms");

    let named = format!("{}&application_name=till", address(&fresh));
    let sql = Connect::to(&named).unwrap().open_as::<Postgres>().await.unwrap();
    assert_eq!(setting(sql.pool(), "application_name").await, "till", "the address says so");
}

#[tokio::test]
async fn mariadb_is_told_its_limits() {
    let fresh = MySql::fresh(1).await;
    let (sql, _) = opened(&fresh, |connect| connect.lock_timeout(Duration::from_millis(1500))).await;
    for (name, value) in [
        ("max_statement_time", "30.000000"),
        ("idle_transaction_timeout", "60"),
        ("innodb_lock_wait_timeout", "2"),
        ("innodb_snapshot_isolation", "ON"),
        ("time_zone", "+00:00"),
        ("character_set_client", "utf8mb4"),
    ] {
        assert_eq!(variable(sql.pool(), name).await, value, "{name}");
    }
    assert!(variable(sql.pool(), "sql_mode").await.contains("STRICT_ALL_TABLES"));
}

/// Only the server's own configuration decides this.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_mariadb_has_by_default_loses_nothing() {
    let all = ["--autocommit=0", "--sql-mode=ANSI,NO_BACKSLASH_ESCAPES", "--default-storage-engine=MyISAM"];
    // The kind of completion by itself, too: with the others it would not be what loses a write.
    for options in [
        &["--completion-type=1"][..],
        &[&all[..], &["--completion-type=1"]].concat(),
        &[&all[..], &["--completion-type=2"]].concat(),
    ] {
        let server = block_in_place(|| PrivateServer::start_with(ServerKind::MariaDb, options));
        let admin = MySqlPool::connect(server.url()).await.unwrap();
        for global in
            ["foreign_key_checks = 0", "check_constraint_checks = 0", "sql_select_limit = 1", "sql_auto_is_null = 1"]
        {
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!("SET GLOBAL {global}"))).execute(&admin).await.unwrap();
        }
        let store = Connect::to(server.url()).unwrap().max_connections(2).open().await.unwrap();
        nothing_is_lost(&store, &admin).await;
    }
}

async fn nothing_is_lost(store: &Store, admin: &MySqlPool) {
    let witness = async || -> i64 {
        let mut witness = admin.acquire().await.unwrap();
        sqlx::raw_sql("SET autocommit = 1").execute(&mut *witness).await.unwrap();
        sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(&mut *witness).await.unwrap()
    };
    let mut session = store.session();
    for table in [
        "CREATE TABLE p (id BIGINT PRIMARY KEY)",
        "CREATE TABLE t (id BIGINT AUTO_INCREMENT PRIMARY KEY, p BIGINT, s TEXT CHECK (s <> 'no'), \
         CONSTRAINT t_p FOREIGN KEY (p) REFERENCES p (id))",
    ] {
        sql(table).execute(&mut session).await.unwrap();
    }
    sql("INSERT INTO t (s) VALUES (\"it\\'s\")").execute(&mut session).await.unwrap();
    assert_eq!(witness().await, 1, "it was acknowledged");
    for _ in 0..2 {
        let kept: Result<u64, Error> =
            store.transaction(async |tx| sql("INSERT INTO t (s) VALUES (?)").bind("b").execute(tx).await).await;
        kept.unwrap();
    }
    assert_eq!(witness().await, 3, "it was acknowledged");
    // On the connection that has committed.
    sql("INSERT INTO t (s) VALUES (?)").bind("d").execute(&mut store.session()).await.unwrap();
    assert_eq!(witness().await, 4, "it was acknowledged");
    let undone: Result<(), Error> = store
        .transaction(async |tx| {
            sql("INSERT INTO t (s) VALUES (?)").bind("c").execute(tx).await?;
            Err(Error::new(ErrorKind::Other))
        })
        .await;
    assert!(undone.is_err());
    assert_eq!(witness().await, 4, "it was undone");
    assert_eq!(sql("SELECT id FROM t").fetch_all(&mut session).await.unwrap().len(), 4, "all rows come");
    assert!(sql("SELECT id FROM t WHERE id IS NULL").fetch_all(&mut session).await.unwrap().is_empty());
    let first = sql("SELECT s FROM t ORDER BY id").fetch_optional(&mut session).await.unwrap().unwrap();
    assert_eq!(first.get::<String>(0).unwrap(), "it's");
    let joined = sql("SELECT 'a' || 'b'").fetch_one(&mut session).await.unwrap();
    assert_eq!(joined.get::<String>(0).unwrap(), "ab");
    let lost = sql("INSERT INTO t (p) VALUES (?)").bind(7).execute(&mut session).await.unwrap_err();
    assert_eq!((lost.kind(), lost.constraint()), (ErrorKind::ForeignKeyViolation, Some("t_p")));
    let wrong = sql("INSERT INTO t (s) VALUES (?)").bind("no").execute(&mut session).await.unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::CheckViolation);
    assert!(sql("INSERT INTO t (id) VALUES (1 / 0)").execute(&mut session).await.is_err(), "no NULL for it");
}

/// Modes that change neither how a text is read nor how a value is silently stored are left to the server.
#[tokio::test]
async fn mariadb_keeps_modes_of_its_own() {
    let fresh = MySql::fresh(1).await;
    let (sql, _) = opened(&fresh, |connect| connect).await;
    let modes = variable(sql.pool(), "sql_mode").await;
    assert!(!modes.contains("ONLY_FULL_GROUP_BY"), "{modes}");
    for (name, value) in [("autocommit", "ON"), ("completion_type", "NO_CHAIN"), ("lc_messages", "en_US")] {
        assert_eq!(variable(sql.pool(), name).await, value, "{name}");
    }
}

#[tokio::test]
async fn a_backslash_ends_no_text_on_postgres() {
    let fresh = Postgres::fresh(1).await;
    fresh
        .run(
            "DO $$ BEGIN
                EXECUTE format('ALTER DATABASE %I SET standard_conforming_strings = off', current_database());
                EXECUTE format('ALTER DATABASE %I SET bytea_output = escape', current_database());
            END $$",
        )
        .await;
    let (_, store) = opened(&fresh, |connect| connect).await;
    let mut session = store.session();
    let row = sql("SELECT 'a\\' || ?").bind("b").fetch_one(&mut session).await.unwrap();
    assert_eq!(row.get::<String>(0).unwrap(), "a\\b");
    let on = session.sql::<Postgres>().await.unwrap();
    let bytes = sqlx::Executor::fetch_one(on, sqlx::raw_sql("SELECT decode('00ff', 'hex')")).await.unwrap();
    assert_eq!(sqlx::Row::get::<Vec<u8>, _>(&bytes, 0), [0, 255]);
}

async fn limits_may_be_any<DB: TestDatabase + Connects>() {
    let fresh = DB::fresh(1).await;
    for limit in [Duration::MAX, Duration::from_nanos(1)] {
        let any = |connect: Connect| {
            let connect = connect.statement_timeout(limit).idle_in_transaction_timeout(limit).lock_timeout(limit);
            connect
                .idle_timeout(limit)
                .max_lifetime(limit)
                .ping_after(limit)
                .max_connections(u32::MAX)
                .readers(u32::MAX)
        };
        // A limit that is too short to do anything in still has to fail and not to panic.
        let connect = any(Connect::to(&address(&fresh)).unwrap());
        let connect = connect.start_within(limit.max(SHORT)).acquire_timeout(Duration::MAX);
        if limit == Duration::MAX {
            connect.open().await.unwrap().check(Duration::from_secs(5)).await.unwrap();
        } else if let Ok(store) = connect.open().await {
            let _ = store.check(limit).await;
        }
    }
    let none = |connect: Connect| {
        let connect = connect.statement_timeout(None).idle_in_transaction_timeout(None).lock_timeout(None);
        connect.idle_timeout(None).max_lifetime(None).max_connections(0).readers(0).min_connections(9)
    };
    let (sql, store) = opened(&fresh, none).await;
    assert_eq!(sql.pool().options().get_max_connections(), 1);
    store.check(Duration::from_secs(5)).await.unwrap();
}

on_every_database! {
    limits_may_be_any;
}

#[tokio::test]
async fn postgres_ends_what_takes_too_long() {
    let fresh = Postgres::fresh(1).await;
    let (_, store) = opened(&fresh, |connect| connect.statement_timeout(SHORT)).await;
    assert_eq!(run::<Postgres>(&store, "SELECT pg_sleep(9)").await.unwrap_err().kind(), ErrorKind::StatementTimeout);

    let (sql, _) = opened(&fresh, |connect| connect.idle_in_transaction_timeout(SHORT)).await;
    let mut tx = sql.pool().begin().await.unwrap();
    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *tx).await.unwrap();
    let there = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}");
    eventually("the session is ended", async || fresh.number(&there).await == 0).await;
    let kind = Error::from(sqlx::query("SELECT 1").execute(&mut *tx).await.unwrap_err()).kind();
    assert!(matches!(kind, ErrorKind::TransactionTimeout | ErrorKind::ConnectionLost), "{kind:?}");
}

#[tokio::test]
async fn mariadb_ends_what_takes_too_long() {
    let fresh = MySql::fresh(1).await;
    let (_, store) = opened(&fresh, |connect| connect.statement_timeout(SHORT)).await;
    assert_eq!(run::<MySql>(&store, "SELECT SLEEP(9)").await.unwrap_err().kind(), ErrorKind::StatementTimeout);

    let (sql, _) = opened(&fresh, |connect| connect.idle_in_transaction_timeout(SHORT)).await;
    let mut tx = sql.pool().begin().await.unwrap();
    let id: u64 = sqlx::query_scalar("SELECT connection_id()").fetch_one(&mut *tx).await.unwrap();
    let there = format!("SELECT count(*) FROM information_schema.processlist WHERE id = {id}");
    eventually("the session is ended", async || fresh.number(&there).await == 0).await;
    let kind = Error::from(sqlx::query("SELECT 1").execute(&mut *tx).await.unwrap_err()).kind();
    assert!(matches!(kind, ErrorKind::TransactionTimeout | ErrorKind::ConnectionLost), "{kind:?}");
}

/// A dropped future sends no cancel request: without the check, the server would continue for a minute.
#[tokio::test]
async fn postgres_notices_that_a_client_went_away() {
    let fresh = Postgres::fresh(1).await;
    let (_, store) = opened(&fresh, |connect| connect.statement_timeout(None)).await;
    let sleeping = "SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT pg_sleep%'";
    let task = tokio::spawn(async move { run::<Postgres>(&store, "SELECT pg_sleep(60)").await });
    eventually("it runs", async || fresh.number(sleeping).await == 1).await;
    task.abort();
    eventually("the server has given up, too", async || fresh.number(sleeping).await == 0).await;
}

/// A connection by the driver alone, after its first statement.
async fn one_statement(address: &str) -> Box<dyn std::any::Any + Send> {
    if address.starts_with("mysql") {
        let options: sqlx::mysql::MySqlConnectOptions = address.parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql("SELECT 1").execute(&mut connection).await.unwrap();
        Box::new(connection)
    } else {
        let options: sqlx::postgres::PgConnectOptions = address.parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql("SELECT 1").execute(&mut connection).await.unwrap();
        Box::new(connection)
    }
}

#[tokio::test]
async fn a_session_is_told_in_one_round_trip() {
    let trips = async |server_address: String, told: bool| {
        let (_, rest) = server_address.split_once('@').unwrap();
        let (server, _) = rest.split_once('/').unwrap();
        let (addr, trips) = counted(server.to_owned()).await;
        let address = server_address.replace(server, &addr.to_string());
        if told {
            let store = Connect::to(&address).unwrap().lazy().open().await.unwrap();
            // The first connection is checked, too.
            let mut first = store.session();
            sql("SELECT 1").fetch_one(&mut first).await.unwrap();
            let before = trips.count();
            store.check(Duration::from_secs(9)).await.unwrap();
            eventually("the connection is back", async || store.pool_stats().idle == 1).await;
            let told = trips.count() - before;
            drop(first);
            return told;
        }
        let first = one_statement(&address).await;
        let before = trips.count();
        drop(one_statement(&address).await);
        let by_hand = trips.count() - before;
        drop(first);
        by_hand
    };
    for variable in ["BUTTRESS_TEST_POSTGRES", "BUTTRESS_TEST_MARIADB"] {
        let by_hand = trips(server(variable), false).await;
        let ours = trips(server(variable), true).await;
        // And one for the return of the connection.
        assert_eq!(ours, by_hand + 1 + 1, "{variable}");
    }
}

#[tokio::test]
async fn a_connection_is_tested_only_after_it_was_idle() {
    let fresh = Postgres::fresh(1).await;
    for (ping_after, kind) in [(Duration::ZERO, None), (Duration::from_secs(60), Some(ErrorKind::ConnectionLost))] {
        let (sql, store) = opened(&fresh, |connect| connect.ping_after(ping_after).max_connections(1)).await;
        eventually("its connection is idle", async || sql.pool_stats().idle == 1).await;
        fresh
            .number(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                      WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await;
        let checked = store.check(Duration::from_secs(9)).await;
        assert_eq!(checked.err().map(|error| error.kind()), kind, "{ping_after:?}");
        let mut again = sql.pool().acquire().await.unwrap();
        again.ping().await.unwrap();
    }
}
