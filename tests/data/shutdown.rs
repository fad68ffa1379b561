//! The lifetimes of the runtime, the store, the pool and the session.

use std::time::Duration;

use buttress::store::{Error, ErrorKind};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::support::TestDatabase;
use crate::support::statements::{insert, script};

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Runs work in a thread without a runtime.
fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().expect("it does not panic"))
}

async fn a_session_may_be_dropped_outside_of_the_runtime<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let mut idle = fresh.store.session();
    insert::<DB>(&mut idle, 1).await.unwrap();
    apart(move || drop(idle));
    fresh.pool_is_clean().await;

    let mut inside: Option<buttress::store::Session> = None;
    let escaped: Result<(), Error> = fresh
        .store
        .transaction_once(async |tx| {
            insert::<DB>(tx, 2).await?;
            inside = Some(std::mem::replace(tx, fresh.store.session()));
            Ok(())
        })
        .await;
    assert_eq!(escaped.unwrap_err().kind(), ErrorKind::Aborted, "there is nothing to commit");
    apart(move || drop(inside));
    fresh.pool_is_clean().await;
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1);
}

async fn a_session_may_outlive_its_store<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let mut session = fresh.store.session();
    insert::<DB>(&mut session, 1).await.unwrap();
    let (store, witness) = (fresh.store, fresh.witness);
    drop((store, fresh.sql));
    insert::<DB>(&mut session, 2).await.unwrap();
    let kept: Result<(), Error> = session.transaction(async |tx| insert::<DB>(tx, 3).await).await;
    kept.unwrap();
    assert_eq!(DB::number(&witness, "SELECT count(*) FROM t").await, 3);
}

async fn a_session_of_a_closed_pool_says_so<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    fresh.run(DB::TABLE).await;
    let (mut with, mut without) = (fresh.store.session(), fresh.store.session());
    insert::<DB>(&mut with, 1).await.unwrap();
    let open = fresh.store.close(Duration::from_millis(50)).await.unwrap_err();
    assert_eq!((open.connections, open.unfinished.count()), (1, 0));

    assert_eq!(insert::<DB>(&mut without, 2).await.unwrap_err().kind(), ErrorKind::PoolClosed);
    let refused: Result<(), Error> = fresh.store.transaction(async |tx| insert::<DB>(tx, 2).await).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::PoolClosed);
    // A transaction that has a connection may finish.
    let kept: Result<(), Error> = with.transaction(async |tx| insert::<DB>(tx, 3).await).await;
    kept.unwrap();
    assert_eq!(insert::<DB>(&mut with, 4).await.unwrap_err().kind(), ErrorKind::PoolClosed, "the commit gave it back");
    fresh.store.close(Duration::from_secs(5)).await.unwrap();
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 2);
}

async fn a_runtime_that_ends_leaves_nothing_half_done<DB: TestDatabase>() {
    let fresh = DB::fresh(2).await;
    fresh.run(DB::TABLE).await;
    for threads in 0..2 {
        let (store, fresh_sql) = (fresh.store.clone(), fresh.sql.clone());
        let (reached, wait) = std::sync::mpsc::channel::<()>();
        // The connections of a pool belong to the runtime that made them: this one is for the runtime that ends.
        let ended = tokio::task::spawn_blocking(move || {
            let ending =
                if threads == 0 { Builder::new_current_thread().enable_all().build().unwrap() } else { runtime() };
            let _ = fresh_sql;
            let work = async move {
                let done: Result<(), Error> = store
                    .transaction(async |tx| {
                        insert::<DB>(tx, 1).await?;
                        let _ = reached.send(());
                        std::future::pending().await
                    })
                    .await;
                done
            };
            let task = ending.spawn(work);
            if threads == 0 {
                ending.block_on(async {
                    while wait.try_recv().is_err() {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                });
            } else {
                wait.recv().unwrap();
            }
            drop(ending);
            task
        });
        drop(ended.await.expect("it does not panic"));
        let gone = async || DB::open_transactions(&fresh).await == 0;
        crate::support::eventually("the transaction ended with its runtime", gone).await;
        assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    }
}

async fn who_waits_for_a_connection_is_told_in_time<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let limit = Duration::from_millis(200);
    let options = fresh.sql.pool().options().clone().acquire_timeout(limit);
    let pool = options.connect_with((*fresh.sql.pool().connect_options()).clone()).await.unwrap();
    let store = buttress::store::Store::from(pool.clone());
    let mut holder = store.session();
    script::<DB>(&mut holder, "SELECT 1").await.unwrap();

    let refused = async || {
        let refused: Result<(), Error> = store.transaction(async |tx| insert::<DB>(tx, 1).await).await;
        refused.unwrap_err().kind()
    };
    let all = futures_util::future::join_all((0..20).map(|_| refused()));
    let all = timeout(limit * 5, all).await.expect("in time, and not one after the other");
    assert!(all.iter().all(|kind| *kind == ErrorKind::PoolExhausted), "{all:?}");
    assert_eq!((store.pool_stats().timed_out, store.pool_stats().waiting), (20, 0));

    // A caller that stops waiting does not use up a turn.
    for _ in 0..20 {
        assert!(timeout(Duration::from_millis(1), refused()).await.is_err());
    }
    assert_eq!(store.pool_stats().waiting, 0);
    drop(holder);
    insert::<DB>(&mut store.session(), 1).await.unwrap();
    store.close(Duration::from_secs(5)).await.unwrap();
}

on_every_database! {
    a_session_may_be_dropped_outside_of_the_runtime;
    a_session_may_outlive_its_store;
    a_session_of_a_closed_pool_says_so;
    a_runtime_that_ends_leaves_nothing_half_done;
    who_waits_for_a_connection_is_told_in_time;
}
