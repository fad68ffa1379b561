//! A nested transaction that fails to begin, or is dropped, undoes the one around it; later statements commit by
//! themselves.

use std::sync::atomic::{AtomicBool, Ordering};

use buttress::store::{Error, ErrorKind, Session};
use sqlx::{Acquire, MySql, Postgres, Sqlite};

use super::ROADS;
use crate::support::cut::{Moment, cut};
use crate::support::statements::insert;
use crate::support::{Fresh, TestDatabase};

/// Begins a nested transaction and drops it after one poll; the next row is rolled back. Returns whether it is there
/// anyway.
async fn row_is_kept<DB: TestDatabase>(fresh: &Fresh<DB>, row: i64) -> bool {
    let mut tx = fresh.sql.pool().begin().await.unwrap();
    DB::run_on(&mut tx, &format!("INSERT INTO t VALUES (-{row}, 0)")).await.unwrap();
    drop(cut((&mut tx).begin(), 1, Moment::Waiting).await);
    DB::run_on(&mut tx, &format!("INSERT INTO t VALUES ({row}, 0)")).await.unwrap();
    tx.rollback().await.expect("it says so");
    fresh.number(&format!("SELECT count(*) FROM t WHERE id = {row}")).await == 1
}

/// This may take several turns: a server may answer before the test looks.
async fn plain_sqlx_commits_what_follows_a_nested_one_that_was_dropped<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for row in 1..5_000 {
        if row_is_kept(&fresh, row).await {
            assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1, "and what was before it is not");
            return;
        }
    }
    panic!("sqlx has mended it");
}

#[tokio::test]
async fn plain_sqlx_on_postgres() {
    plain_sqlx_commits_what_follows_a_nested_one_that_was_dropped::<Postgres>().await;
}

#[tokio::test]
async fn plain_sqlx_on_mariadb() {
    plain_sqlx_commits_what_follows_a_nested_one_that_was_dropped::<MySql>().await;
}

#[tokio::test]
async fn plain_sqlx_on_sqlite() {
    plain_sqlx_commits_what_follows_a_nested_one_that_was_dropped::<Sqlite>().await;
}

#[tokio::test]
async fn plain_sqlx_on_postgres_commits_what_follows_a_nested_one_that_failed_to_begin() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    let mut tx = fresh.sql.pool().begin().await.unwrap();
    Postgres::run_on(&mut tx, "INSERT INTO t VALUES (1, 0)").await.unwrap();
    assert!(Postgres::run_on(&mut tx, "not even SQL").await.is_err());
    assert!((&mut tx).begin().await.is_err());
    Postgres::run_on(&mut tx, "INSERT INTO t VALUES (2, 0)").await.unwrap();
    tx.rollback().await.expect("it says so");
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 2);
}

#[tokio::test]
async fn postgres_begins_no_nested_one_after_an_error() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    for road in ROADS {
        let refused = road.run(&fresh, async |tx: &mut Session| {
            insert::<Postgres>(tx, 1).await?;
            assert!(insert::<Postgres>(tx, 1).await.is_err());
            let entered = AtomicBool::new(false);
            let nested: Result<(), Error> = tx
                .transaction(async |_| {
                    entered.store(true, Ordering::SeqCst);
                    Ok(())
                })
                .await;
            assert_eq!(nested.unwrap_err().kind(), ErrorKind::Aborted);
            assert!(!entered.into_inner());
            assert_eq!(insert::<Postgres>(tx, 2).await.unwrap_err().kind(), ErrorKind::Aborted);
            Ok(())
        });
        assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::Aborted);
    }
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    fresh.pool_is_clean().await;
}

/// Two levels down a transaction fails to begin; the level between is undone, and the outermost continues.
#[tokio::test]
async fn postgres_a_nested_one_that_cannot_begin_is_contained_by_the_one_around_it() {
    let fresh = Postgres::fresh(1).await;
    fresh.run(Postgres::TABLE).await;
    for (id, road) in (1..).zip(ROADS) {
        let kept = road.run(&fresh, async move |tx: &mut Session| {
            insert::<Postgres>(tx, id).await?;
            let between: Result<(), Error> = tx
                .transaction(async |tx| {
                    assert!(insert::<Postgres>(tx, id).await.is_err());
                    tx.transaction(async |_| Ok(())).await
                })
                .await;
            assert_eq!(between.unwrap_err().kind(), ErrorKind::Aborted);
            insert::<Postgres>(tx, id + 10).await
        });
        kept.await.unwrap();
    }
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 1 + 11 + 2 + 12);
    fresh.pool_is_clean().await;
}

/// Dropped at any moment, from its begin to its end: its effect is unknown, so nothing is kept.
async fn a_nested_one_that_is_dropped_dooms_the_one_around_it<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    for (road, moment) in ROADS.into_iter().flat_map(|road| [(road, Moment::Waiting), (road, Moment::Woken)]) {
        for polls in 1.. {
            let through = AtomicBool::new(false);
            let ended = road.run(&fresh, async |tx: &mut Session| {
                insert::<DB>(tx, 1).await?;
                let nested = tx.transaction(async |tx| {
                    insert::<DB>(tx, 2).await?;
                    tx.transaction(async |tx| insert::<DB>(tx, 3).await).await
                });
                match cut(nested, polls, moment).await {
                    Some(kept) => {
                        kept?;
                        through.store(true, Ordering::SeqCst);
                    }
                    None => {
                        let refused = insert::<DB>(tx, 4).await;
                        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Aborted);
                        let refused: Result<(), Error> = tx.transaction(async |_| Ok(())).await;
                        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Aborted);
                    }
                }
                Ok(())
            });
            let ended = ended.await;
            fresh.pool_is_clean().await;
            if through.into_inner() {
                ended.unwrap();
                assert_eq!(fresh.number("SELECT count(*) FROM t").await, 3);
                fresh.run("DELETE FROM t").await;
                break;
            }
            assert_eq!(ended.unwrap_err().kind(), ErrorKind::Aborted);
            assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0, "{polls} polls");
        }
    }
}

on_every_database! {
    a_nested_one_that_is_dropped_dooms_the_one_around_it;
}
