//! A full disk: a transaction in progress is undone, and later ones are written once there is room.

use buttress::store::{Error, ErrorKind, Session};
use sqlx::{AssertSqlSafe, Executor, Sqlite};

use crate::support::statements::insert;
use crate::support::{Fresh, TestDatabase};

/// Writes a megabyte while the file may have only `pages` pages.
async fn write(fresh: &Fresh<Sqlite>, pages: u32) -> Result<(), Error> {
    fresh
        .store
        .transaction_once(async move |tx: &mut Session| {
            insert::<Sqlite>(tx, 1).await?;
            let sql = format!("PRAGMA max_page_count = {pages}; INSERT INTO large VALUES (zeroblob(1000000))");
            tx.sql::<Sqlite>().await?.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
            Ok(())
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_undoes_the_transaction_and_nothing_else() {
    let fresh = Sqlite::fresh(1).await;
    fresh.run(Sqlite::TABLE).await;
    fresh.run("CREATE TABLE large (content BLOB)").await;
    for _ in 0..3 {
        assert_eq!(write(&fresh, 10).await.unwrap_err().kind(), ErrorKind::OutOfResources);
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    }
    write(&fresh, 1_000_000).await.unwrap();
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1);
    assert_eq!(fresh.number("SELECT sum(length(content)) FROM large").await, 1_000_000);
    fresh.pool_is_clean().await;
}
