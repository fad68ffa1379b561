//! One writing connection, and several that read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use buttress::sql::{Connect, Database};
use buttress::store::{Error, ErrorKind, Store};
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Connection, Executor, Sqlite};
use tempfile::TempDir;
use tokio::sync::Barrier;

use crate::support::soak;

fn file(dir: &TempDir) -> String {
    format!("sqlite:{}", dir.path().join("shop.db").display())
}

async fn opened(url: &str) -> (Database<Sqlite>, Store) {
    let sql = Connect::to(url).unwrap().open_as::<Sqlite>().await.unwrap();
    (sql.clone(), Store::from(sql))
}

async fn run(store: &Store, sql: &'static str) -> Result<(), Error> {
    store.session().sql::<Sqlite>().await?.execute(sql).await?;
    Ok(())
}

async fn count(store: &Store) -> Result<i64, Error> {
    let mut session = store.session();
    Ok(sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(session.sql::<Sqlite>().await?).await?)
}

#[tokio::test]
async fn a_file_is_opened_with_care() {
    let dir = tempfile::tempdir().unwrap();
    let (sql, store) = opened(&file(&dir)).await;
    run(&store, "CREATE TABLE t (n INTEGER)").await.unwrap();
    for pool in [sql.pool(), sql.readers()] {
        let settings: (String, i64, i64, i64) = sqlx::query_as(
            "SELECT journal_mode, synchronous, foreign_keys, timeout
             FROM pragma_journal_mode, pragma_synchronous, pragma_foreign_keys, pragma_busy_timeout",
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert_eq!(settings, ("wal".into(), 2, 1, 5000));
    }
    assert_eq!((sql.pool().options().get_max_connections(), sql.readers().options().get_max_connections()), (1, 4));
}

#[tokio::test]
async fn a_reader_does_not_write() {
    let dir = tempfile::tempdir().unwrap();
    let (_, store) = opened(&file(&dir)).await;
    run(&store, "CREATE TABLE t (n INTEGER)").await.unwrap();
    let stray = run(&store.read_only(), "INSERT INTO t VALUES (1)").await;
    assert_eq!(stray.unwrap_err().kind(), ErrorKind::ReadOnly);
    let stray: Result<(), Error> = store
        .read_only()
        .transaction(async |tx| {
            tx.sql::<Sqlite>().await?.execute("INSERT INTO t VALUES (1)").await?;
            Ok(())
        })
        .await;
    assert_eq!(stray.unwrap_err().kind(), ErrorKind::ReadOnly);
    assert_eq!(count(&store).await.unwrap(), 0);
}

#[tokio::test]
async fn a_session_that_reads_has_transactions_that_read() {
    let dir = tempfile::tempdir().unwrap();
    let (_, store) = opened(&file(&dir)).await;
    run(&store, "CREATE TABLE t (n INTEGER)").await.unwrap();
    let mut reading = store.read_only().session();
    let moment = reading.transaction(async |tx| {
        let before: i64 = sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(tx.sql::<Sqlite>().await?).await?;
        run(&store, "INSERT INTO t VALUES (1)").await?;
        let after = sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(tx.sql::<Sqlite>().await?).await?;
        Ok::<(i64, i64), Error>((before, after))
    });
    assert_eq!(moment.await.unwrap(), (0, 0), "it sees one moment, and keeps nobody from writing");
}

#[tokio::test]
async fn readers_do_not_wait_for_the_writer() {
    let dir = tempfile::tempdir().unwrap();
    let (_, store) = opened(&file(&dir)).await;
    run(&store, "CREATE TABLE t (n INTEGER)").await.unwrap();
    let written: Result<(), Error> = store
        .transaction(async |tx| {
            tx.sql::<Sqlite>().await?.execute("INSERT INTO t VALUES (1)").await?;
            assert_eq!(count(&store.read_only()).await?, 0, "what is not committed is not seen");
            Ok(())
        })
        .await;
    written.unwrap();
    assert_eq!(count(&store.read_only()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_database_in_memory_lives_as_long_as_its_store() {
    for url in ["sqlite::memory:", "sqlite://:memory:", "sqlite:shop?mode=memory"] {
        let (sql, store) = opened(url).await;
        run(&store, "CREATE TABLE t (n INTEGER)").await.unwrap();
        println!("{url}");
        sql.pool().acquire().await.unwrap().close().await.unwrap();
        assert_eq!(count(&store).await.unwrap(), 0, "{url}: it outlives its connection");
        assert_eq!(count(&store.read_only()).await.unwrap(), 0, "{url}: readers see it");
        // There is one connection for everything.
        let nested: Result<i64, Error> = store.transaction(async |_| count(&store.read_only()).await).await;
        assert_eq!(nested.unwrap_err().kind(), ErrorKind::WouldDeadlock);
    }
    let (_, other) = opened("sqlite::memory:").await;
    assert!(count(&other).await.is_err(), "another one is another one");
}

/// A pool that the service opened may hold the only connection to a database in memory, which is lost with it.
#[tokio::test]
async fn a_database_in_memory_outlives_a_transaction_that_it_undid_by_itself() {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let store = Store::from(pool.clone());
    run(&store, "CREATE TABLE t (n INTEGER PRIMARY KEY ON CONFLICT ROLLBACK); INSERT INTO t VALUES (1)").await.unwrap();
    for swallow in [false, true] {
        let undone: Result<(), Error> = store
            .transaction(async |tx| {
                let taken = tx.sql::<Sqlite>().await?.execute("INSERT INTO t VALUES (2), (1)").await;
                if swallow { Ok(()) } else { Err(taken.unwrap_err().into()) }
            })
            .await;
        let kind = if swallow { ErrorKind::TransactionLost } else { ErrorKind::UniqueViolation };
        assert_eq!(undone.unwrap_err().kind(), kind);
        assert_eq!(count(&store).await.unwrap(), 1, "it is still there");
    }
    let kept: Result<(), Error> = store
        .transaction(async |tx| {
            tx.sql::<Sqlite>().await?.execute("INSERT INTO t VALUES (2)").await?;
            Ok(())
        })
        .await;
    kept.unwrap();
    assert!(!pool.acquire().await.unwrap().is_in_transaction());
    assert_eq!(count(&store).await.unwrap(), 2);
}

#[tokio::test]
async fn a_file_is_made_unless_the_address_says_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    for mode in ["rw", "ro"] {
        let begun = Instant::now();
        let missing = Connect::to(&format!("{}?mode={mode}", file(&dir))).unwrap().open().await;
        assert!(missing.is_err() && begun.elapsed() < Duration::from_secs(5), "mode={mode} is not waited for");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    let (_, store) = opened(&file(&dir)).await;
    run(&store, "CREATE TABLE t (n INTEGER)").await.unwrap();

    let (_, reading) = opened(&format!("{}?mode=ro", file(&dir))).await;
    assert_eq!(count(&reading).await.unwrap(), 0);
    assert_eq!(run(&reading, "INSERT INTO t VALUES (1)").await.unwrap_err().kind(), ErrorKind::ReadOnly);
    let (_, writing) = opened(&format!("{}?mode=rw", file(&dir))).await;
    run(&writing, "INSERT INTO t VALUES (1)").await.unwrap();
    assert_eq!(count(&reading).await.unwrap(), 1);
}

/// The first connection to a file changes its journal, and the others find it locked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_open_a_new_file_at_once() {
    const OPENERS: usize = 16;
    for _ in 0..soak(10, 300) {
        let (dir, start) = (tempfile::tempdir().unwrap(), Arc::new(Barrier::new(OPENERS)));
        let opening = |_| {
            let (connect, start) = (Connect::to(&file(&dir)).unwrap(), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                connect.open().await
            })
        };
        for store in (0..OPENERS).map(opening).collect::<Vec<_>>() {
            store.await.unwrap().unwrap();
        }
    }
}
