//! The work that a transaction keeps, and the work that it does not.

use buttress::sql::sql;
use buttress::store::{Error, ErrorKind, Session, TransactionOptions};
use sqlx::Executor;

use crate::support::{Failure, TestDatabase};

/// A repository function that runs in a transaction and outside of one.
async fn insert<DB: TestDatabase>(on: &mut Session, id: i64) -> Result<(), Error> {
    let sql = sqlx::AssertSqlSafe(format!("INSERT INTO t VALUES ({id}, 0)"));
    on.sql::<DB>().await?.execute(sqlx::raw_sql(sql)).await?;
    Ok(())
}

async fn committed_work_is_kept<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    fresh.run(DB::TABLE).await;
    let names = [String::from("a"), String::from("b")];
    let count: usize = fresh
        .store
        .transaction(async |tx| {
            insert::<DB>(tx, 1).await?;
            insert::<DB>(tx, 2).await?;
            Ok::<_, Error>(names.len())
        })
        .await
        .unwrap();
    insert::<DB>(&mut fresh.store.session(), 3).await.unwrap();
    assert_eq!((count, fresh.number("SELECT count(*) FROM t").await), (2, 3));
    fresh.pool_is_clean().await;
}

async fn failed_work_is_not_kept<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    fresh.run(DB::TABLE).await;
    let failed = fresh.store.transaction(async |tx| {
        insert::<DB>(tx, 1).await?;
        Err::<(), _>(Failure::Own)
    });
    assert!(matches!(failed.await, Err(Failure::Own)));
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    fresh.pool_is_clean().await;
}

async fn a_nested_transaction_fails_alone<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    fresh.run(DB::TABLE).await;
    let kept: Result<(), Error> = fresh
        .store
        .transaction(async |tx| {
            insert::<DB>(tx, 1).await?;
            let inner: Result<(), Error> = tx
                .transaction(async |tx| {
                    insert::<DB>(tx, 2).await?;
                    insert::<DB>(tx, 1).await
                })
                .await;
            assert_eq!(inner.unwrap_err().kind(), ErrorKind::UniqueViolation);
            insert::<DB>(tx, 3).await
        })
        .await;
    kept.unwrap();
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 4);
    fresh.pool_is_clean().await;
}

async fn the_typed_road_is_the_same_road<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    fresh.run(DB::TABLE).await;
    let kept: Result<(), Error> = buttress::sql::transaction(fresh.sql.pool(), Default::default(), async |tx| {
        insert::<DB>(tx, 1).await?;
        (&mut *tx).execute("INSERT INTO t VALUES (2, 0)").await?;
        tx.transaction(async |tx| insert::<DB>(tx, 3).await).await
    })
    .await;
    kept.unwrap();
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 3);
    fresh.pool_is_clean().await;
}

/// The same at any default level of the server.
async fn who_only_reads_sees_one_moment<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    if DB::NAME == "MySQL" {
        let committed = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
        DB::run_on(&mut *fresh.sql.pool().acquire().await.unwrap(), committed).await.unwrap();
    }
    let reads = fresh.store.with_options(TransactionOptions::new().read_only());
    let seen = reads
        .transaction(async |tx| {
            let count =
                async |tx: &mut Session| sql("SELECT count(*) AS n FROM t").fetch_one(tx).await?.get::<i64>("n");
            let before = count(tx).await?;
            fresh.run("INSERT INTO t VALUES (1, 0)").await;
            Ok::<_, Error>((before, count(tx).await?))
        })
        .await;
    assert_eq!((seen.unwrap(), fresh.number("SELECT count(*) FROM t").await), ((0, 0), 1));
    fresh.pool_is_clean().await;
}

on_every_database! {
    who_only_reads_sees_one_moment;
    committed_work_is_kept;
    failed_work_is_not_kept;
    a_nested_transaction_fails_alone;
    the_typed_road_is_the_same_road;
}
