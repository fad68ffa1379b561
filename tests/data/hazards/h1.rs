//! A `begin` that is dropped half-way: the connection goes back into the pool inside a transaction.

use std::sync::atomic::{AtomicBool, Ordering};

use buttress::data::{Error, Session};
use sqlx::{MySql, Postgres};

use super::ROADS;
use crate::support::TestDatabase;
use crate::support::cut::{Moment, cut};

const MOMENTS: [Moment; 2] = [Moment::Waiting, Moment::Woken];

/// Drops `begin` after so many polls, then writes a row that nobody asked to be part of a transaction.
async fn row_is_lost<DB: TestDatabase>(polls: usize, moment: Moment) -> bool {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    drop(cut(fresh.sql.pool().begin(), polls, moment).await);
    DB::run(fresh.sql.pool(), "INSERT INTO t VALUES (1, 0)").await.expect("it is acknowledged");
    fresh.number("SELECT count(*) FROM t").await == 0
}

async fn plain_sqlx_loses_the_next_row<DB: TestDatabase>() {
    for polls in 1..6 {
        for moment in MOMENTS {
            if row_is_lost::<DB>(polls, moment).await {
                return;
            }
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
