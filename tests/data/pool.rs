//! Opening a database, and what its pool does afterwards.

use std::error::Error as _;
use std::time::{Duration, Instant};

use buttress::data::sql::{Connect, Sql, SqlDatabase, sql};
use buttress::data::{Error, Kind, Options, Session, Store};
use sqlx::{MySql, Postgres, Sqlite};

use crate::support::{TestDatabase, eventually, server};

async fn opened(variable: &str) -> Store {
    Store::connect(&server(variable)).await.unwrap()
}

async fn setting(store: &Store, query: &'static str) -> String {
    sql(query).fetch_one(&mut store.session()).await.unwrap().get(0).unwrap()
}

#[tokio::test]
async fn a_session_of_postgres_has_limits_and_a_name() {
    let store = Connect::to(&server("BUTTRESS_TEST_POSTGRES"))
        .unwrap()
        .name("shop")
        .statement_timeout(Duration::from_secs(7))
        .open()
        .await
        .unwrap();
    let settings = [
        ("SELECT current_setting('application_name')", "shop"),
        ("SELECT current_setting('statement_timeout')", "7s"),
        ("SELECT current_setting('idle_in_transaction_session_timeout')", "1min"),
        ("SELECT current_setting('client_connection_check_interval')", "5s"),
        ("SELECT current_setting('TimeZone')", "UTC"),
    ];
    for (query, wanted) in settings {
        assert_eq!(setting(&store, query).await, wanted, "{query}");
    }
}

#[tokio::test]
async fn a_session_of_mariadb_has_limits_and_is_strict() {
    let store = Connect::to(&server("BUTTRESS_TEST_MARIADB"))
        .unwrap()
        .statement_timeout(Duration::from_millis(7500))
        .lock_timeout(Duration::from_millis(1200))
        .open()
        .await
        .unwrap();
    let settings = [
        ("SELECT CAST(@@max_statement_time AS CHAR)", "7.500000"),
        ("SELECT CAST(@@innodb_lock_wait_timeout AS CHAR)", "2"),
        ("SELECT CAST(@@innodb_snapshot_isolation AS CHAR)", "ON"),
        ("SELECT @@time_zone", "+00:00"),
    ];
    for (query, wanted) in settings {
        assert_eq!(setting(&store, query).await, wanted, "{query}");
    }
    assert!(setting(&store, "SELECT @@sql_mode").await.contains("STRICT_ALL_TABLES"));
}

#[tokio::test]
async fn a_file_has_one_writer_and_readers_that_cannot_write() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("shop.db").display());
    let store = Store::connect(&url).await.unwrap();
    assert_eq!(setting(&store, "PRAGMA journal_mode").await, "wal");
    sql("CREATE TABLE t (n INTEGER)").execute(&mut store.session()).await.unwrap();
    let refused = sql("INSERT INTO t VALUES (1)").execute(&mut store.read_only().session()).await;
    assert_eq!(refused.unwrap_err().kind(), Kind::ReadOnly);

    // Readers wait for no writer, and a second writer does not wait for itself.
    let outcome: Result<(), Error> = store
        .transaction(async |tx| {
            sql("INSERT INTO t VALUES (1)").execute(tx).await?;
            let readers = store.read_only();
            let count = async |tx: &mut Session| sql("SELECT count(*) FROM t").fetch_one(tx).await?.get::<i64>(0);
            assert_eq!(readers.transaction(count).await?, 0);
            let second = store.transaction(async |_| Ok::<_, Error>(())).await;
            assert_eq!(second.unwrap_err().kind(), Kind::WouldDeadlock);
            let alone = sql("INSERT INTO t VALUES (2)").execute(&mut store.session()).await;
            assert_eq!(alone.unwrap_err().kind(), Kind::WouldDeadlock);
            Ok(())
        })
        .await;
    outcome.unwrap();
}

#[tokio::test]
async fn a_database_in_memory_outlives_its_connections() {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    sql("CREATE TABLE t (n INTEGER)").execute(&mut store.session()).await.unwrap();
    let sqlite: Sql<Sqlite> = store.sql().unwrap();
    sqlite.pool().acquire().await.unwrap().close().await.unwrap();
    let counted = sql("SELECT count(*) FROM t").fetch_one(&mut store.read_only().session()).await.unwrap();
    assert_eq!(counted.get::<i64>(0).unwrap(), 0);
    // Another one of the same address is another database.
    let other = Store::connect("sqlite::memory:").await.unwrap();
    assert!(sql("SELECT count(*) FROM t").fetch_one(&mut other.session()).await.is_err());
}

#[tokio::test]
async fn no_address_is_repeated() {
    let wrong = [
        "postgres://user:MARKER@host:port/d",
        "mysql://user:MARKER%40@host:99999999/d",
        "sqlite:MARKER?mode=zz",
        "oracle://user:MARKER@host/d",
        "MARKER",
        "",
    ];
    for url in wrong {
        let error = Connect::to(url).unwrap_err();
        assert_eq!(error.kind(), Kind::Configuration, "{url}");
        assert!(!said(&error).contains("MARKER"), "{}", said(&error));
    }
    let connect = Connect::to("postgres://user:MAR%4bER@host/d?application_name=MARKER").unwrap();
    assert!(!format!("{connect:?}").contains("MAR"), "{connect:?}");
}

/// All that an error says, also to a developer.
fn said(error: &Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut next = error.source();
    while let Some(source) = next {
        text += &format!(" {source} {source:?}");
        next = source.source();
    }
    text
}

#[tokio::test]
async fn a_wrong_password_ends_the_start_at_once_and_is_not_shown() {
    let url = server("BUTTRESS_TEST_MARIADB").replace(":buttress@", ":MARKER@");
    let begun = Instant::now();
    let error = Connect::to(&url).unwrap().open().await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(!said(&error).contains("MARKER"), "{}", said(&error));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_waited_for_and_not_for_ever() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let connect = Connect::to(&format!("postgres://buttress@{nobody}/buttress")).unwrap();
    let begun = Instant::now();
    let error = connect.clone().start_within(Duration::from_millis(700)).open().await.unwrap_err();
    assert!(matches!(error.kind(), Kind::ConnectionLost | Kind::PoolExhausted), "{error:?}");
    assert!((500..5_000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    // Nobody waits where it is left to the first use.
    let lazy = connect.lazy().acquire_timeout(Duration::from_millis(200)).open().await.unwrap();
    let error = sql("SELECT 1").execute(&mut lazy.session()).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::ConnectionLost | Kind::PoolExhausted), "{error:?}");
    assert_eq!(lazy.figures().timed_out, u64::from(error.kind() == Kind::PoolExhausted));
}

#[tokio::test]
async fn the_typed_road_takes_its_own_kind_of_address() {
    let connect = Connect::to(&server("BUTTRESS_TEST_POSTGRES")).unwrap();
    assert!(connect.open_as::<Postgres>().await.is_ok());
    assert_eq!(connect.open_as::<MySql>().await.unwrap_err().kind(), Kind::Configuration);
    assert_eq!(connect.open_as::<Sqlite>().await.unwrap_err().kind(), Kind::Configuration);
    assert!(opened("BUTTRESS_TEST_MARIADB").await.sql::<Postgres>().is_none());
}

async fn figures_tell_who_waits<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    let held = fresh.sql.pool().acquire().await.unwrap();
    let store = fresh.store.clone();
    let waiting = tokio::spawn(async move { store.check(Duration::from_secs(5)).await });
    eventually("somebody waits", async || fresh.store.figures().waiting == 1).await;
    drop(held);
    waiting.await.unwrap().unwrap();
    let figures = fresh.store.figures();
    assert_eq!((figures.waiting, figures.max, figures.size), (0, 1, 1));
    assert!(figures.acquired >= 1 && figures.waited > Duration::ZERO, "{figures:?}");
}

async fn a_close_waits_for_what_is_in_use_and_says_what_does_not_end<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    let (release, held) = tokio::sync::oneshot::channel::<()>();
    let (store, begun) = (fresh.store.clone(), tokio::sync::oneshot::channel());
    let work = tokio::spawn(async move {
        let (tell, held) = (begun.0, held);
        store
            .with(Options::new())
            .once(async move |tx| {
                tx.sql::<DB>().await?;
                let _ = tell.send(());
                let _ = held.await;
                Ok::<_, Error>(())
            })
            .await
    });
    begun.1.await.unwrap();
    let still_open = fresh.store.close(Duration::from_millis(100)).await.unwrap_err();
    assert_eq!((still_open.connections, still_open.detached), (1, 0));
    // Nobody gets in any more, and who is in can finish.
    let refused = fresh.store.transaction(async |_| Ok::<_, Error>(())).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::PoolClosed);
    release.send(()).unwrap();
    work.await.unwrap().unwrap();
    fresh.store.close(Duration::from_secs(5)).await.unwrap();
}

async fn a_close_waits_for_what_is_detached<DB: SqlDatabase + TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let store = fresh.store.clone();
    drop(fresh.store.detached(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        sql("INSERT INTO t VALUES (1, 1)").execute(&mut store.session()).await
    }));
    fresh.store.close(Duration::from_secs(5)).await.unwrap();
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1);
}

on_every_database! {
    figures_tell_who_waits;
    a_close_waits_for_what_is_in_use_and_says_what_does_not_end;
    a_close_waits_for_what_is_detached;
}
