//! A statement of SQLite whose caller has left: it would hold the only writer until its end.

use std::future::Future;
use std::time::Duration;

use buttress::sql::{Connect, Tx, sql};
use buttress::store::{Error, ErrorKind, Session, Store, TransactionOptions};
use sqlx::Sqlite;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::support::TestDatabase;
use crate::support::cut::{Moment, cut};
use crate::support::statements::{insert, run, script};

/// Far less than a statement here takes if it is not stopped.
const LONG: Duration = Duration::from_secs(60);
/// The time after which a statement here is dropped.
const SHORT: Duration = Duration::from_millis(100);

/// A statement that reads for an hour.
const READS: &str =
    "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 10000000000) SELECT count(*) FROM c";
/// A statement that writes at the end of an hour.
const WRITES: &str =
    "INSERT INTO t WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 10000000000)
    SELECT max(x), 0 FROM c";

async fn soon<T>(work: impl Future<Output = T>) -> T {
    timeout(LONG, work).await.expect("nobody waits for a statement that was given up")
}

/// A file with its one writer, an in-memory database, and a pool that the service opened.
async fn stores() -> (Vec<Store>, Vec<TempDir>) {
    let dir = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", dir.path().join("shop.db").display());
    let pool = Sqlite::fresh(1).await;
    let stores = vec![
        Connect::to(&file).unwrap().open().await.unwrap(),
        Connect::to("sqlite::memory:").unwrap().open().await.unwrap(),
        pool.store,
    ];
    for store in &stores {
        script::<Sqlite>(&mut store.session(), Sqlite::TABLE).await.unwrap();
    }
    (stores, vec![dir, pool.dir.unwrap()])
}

async fn count(store: &Store) -> i64 {
    let count = sql("SELECT count(*) AS n FROM t");
    count.fetch_one(&mut store.read_only().session()).await.unwrap().get("n").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_at_the_deadline_of_its_transaction() {
    let (stores, _dirs) = stores().await;
    for store in stores {
        for (id, endless) in (1..).zip([READS, WRITES, READS, WRITES]) {
            let hurried = store.with_options(TransactionOptions::new().deadline(SHORT));
            let late: Result<(), Error> = soon(hurried.transaction(async |tx| {
                insert::<Sqlite>(tx, 100).await?;
                run::<Sqlite>(tx, endless).await
            }))
            .await;
            assert_eq!(late.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
            // The writer is free at once, works, and is not stopped by an interrupt that was meant for another.
            soon(insert::<Sqlite>(&mut store.session(), id)).await.unwrap();
            let kept: Result<(), Error> = soon(store.transaction(async |tx| insert::<Sqlite>(tx, id + 10).await)).await;
            kept.unwrap();
            soon(store.check(LONG)).await.unwrap();
        }
        assert_eq!(count(&store).await, 8, "what was given up is undone");
        soon(store.close(LONG)).await.unwrap();
    }
}

/// Dropped like by a timeout around a request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_when_its_future_is_dropped() {
    let (stores, _dirs) = stores().await;
    for store in stores {
        for (id, endless) in (1..).zip([READS, WRITES, READS, WRITES]) {
            // In a transaction, outside of one, in a nested one, and dropped at its first wait.
            let work = store.transaction(async |tx: &mut Session| {
                insert::<Sqlite>(tx, 100).await?;
                tx.transaction(async |tx| run::<Sqlite>(tx, endless).await).await
            });
            assert!(timeout(SHORT, work).await.is_err());
            let mut session = store.session();
            assert!(timeout(SHORT, run::<Sqlite>(&mut session, endless)).await.is_err());
            drop(session);
            let mut session = store.session();
            insert::<Sqlite>(&mut session, id + 10).await.unwrap();
            assert!(cut(run::<Sqlite>(&mut session, endless), 1, Moment::Waiting).await.is_none());
            soon(insert::<Sqlite>(&mut session, id + 20)).await.expect("the same session goes on");
            drop(session);
            soon(insert::<Sqlite>(&mut store.session(), id)).await.unwrap();
        }
        assert_eq!(count(&store).await, 12, "what was given up is undone");
        soon(store.close(LONG)).await.unwrap();
    }
}

/// With several connections, a transaction with a deadline is stopped as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_at_the_deadline_on_any_connection() {
    let dir = tempfile::tempdir().unwrap();
    let file = Connect::to(&format!("sqlite:{}", dir.path().join("shop.db").display())).unwrap();
    let store = file.readers(2).open().await.unwrap();
    let pool = Sqlite::fresh(2).await;
    let options = TransactionOptions::new().deadline(SHORT);
    for _ in 0..5 {
        let late: Result<(), Error> =
            soon(store.with_options(options.read_only()).transaction(async |tx| run::<Sqlite>(tx, READS).await)).await;
        assert_eq!(late.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
        let late: Result<(), Error> =
            soon(pool.sql.transaction(options, async |tx: &mut Tx<Sqlite>| run::<Sqlite>(tx, READS).await)).await;
        assert_eq!(late.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
    }
    soon(store.close(LONG)).await.unwrap();
    soon(pool.pool_is_clean()).await;
}
