//! A `begin` that is dropped half-way: the connection goes back into the pool inside a transaction.

use std::sync::atomic::{AtomicBool, Ordering};

use buttress::store::{Error, Session};
use sqlx::{MySql, Postgres};

use super::ROADS;
use crate::support::cut::{Moment, cut};
use crate::support::{Fresh, TestDatabase};

const MOMENTS: [Moment; 2] = [Moment::Waiting, Moment::Woken];

/// Drops `begin` after `polls` polls, then writes a row that is not meant to be part of a transaction.
async fn row_is_lost<DB: TestDatabase>(fresh: &Fresh<DB>, row: i64, polls: usize, moment: Moment) -> bool {
    drop(cut(fresh.sql.pool().begin(), polls, moment).await);
    DB::run(fresh.sql.pool(), &format!("INSERT INTO t VALUES ({row}, 0)")).await.expect("it is acknowledged");
    fresh.number(&format!("SELECT count(*) FROM t WHERE id = {row}")).await == 0
}

/// This may take several turns: a server may answer before the test looks.
async fn plain_sqlx_loses_the_next_row<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let cuts = (1..6).flat_map(|polls| MOMENTS.map(|moment| (polls, moment)));
    for (row, (polls, moment)) in (0..5_000).zip(cuts.cycle()) {
        if row_is_lost(&fresh, row, polls, moment).await {
            return;
        }
    }
    panic!("sqlx has mended it");
}

#[tokio::test]
async fn plain_sqlx_on_postgres() {
    plain_sqlx_loses_the_next_row::<Postgres>().await;
}

#[tokio::test]
async fn plain_sqlx_on_mariadb() {
    plain_sqlx_loses_the_next_row::<MySql>().await;
}

async fn a_begin_that_is_dropped_leaves_nothing_open<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    for road in ROADS {
        for moment in MOMENTS {
            let begun = AtomicBool::new(false);
            for polls in 1.. {
                let work = road.run(&fresh, async |_: &mut Session| {
                    begun.store(true, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    Err::<(), _>(Error::corrupt("a row"))
                });
                drop(cut(work, polls, moment).await);
                fresh.pool_is_clean().await;
                if begun.load(Ordering::SeqCst) {
                    break;
                }
            }
        }
    }
}

on_every_database! {
    a_begin_that_is_dropped_leaves_nothing_open;
}
