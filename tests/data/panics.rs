//! Panics of the work: nothing is kept, and nothing else is harmed.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use buttress::store::{Error, ErrorKind, Memory, Session, Store};
use futures_util::FutureExt as _;

use crate::support::TestDatabase;
use crate::support::statements::insert;

/// Whether the future panicked.
async fn panics<T>(future: impl Future<Output = T>) -> bool {
    AssertUnwindSafe(future).catch_unwind().await.is_err()
}

async fn in_the_work<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let work = async |tx: &mut Session| -> Result<(), Error> {
        insert::<DB>(tx, 1).await?;
        panic!("of the work")
    };
    assert!(panics(fresh.store.transaction(work)).await);
    fresh.pool_is_clean().await;
    assert!(panics(fresh.store.transaction_once(work)).await);
    fresh.pool_is_clean().await;
    assert!(panics(fresh.sql.transaction(Default::default(), async |tx| work(tx).await)).await);
    fresh.pool_is_clean().await;
    let mut session = fresh.store.session();
    assert!(panics(session.transaction(work)).await);
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    // The session is unchanged.
    assert!(!session.in_transaction());
    insert::<DB>(&mut session, 2).await.unwrap();
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1);
    drop(session);
    fresh.pool_is_clean().await;
}

/// A panic that is caught outside the nested transaction has the same effect as dropping it half-way.
async fn in_nested_work<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let hooks = Arc::new(AtomicU32::new(0));
    let refused: Result<(), Error> = fresh
        .store
        .transaction(async |tx| {
            insert::<DB>(tx, 1).await?;
            let nested = tx.transaction(async |tx| -> Result<(), Error> {
                let hooks = Arc::clone(&hooks);
                tx.after_commit(async move || {
                    hooks.fetch_add(1, Ordering::SeqCst);
                    Ok::<_, Error>(())
                })?;
                insert::<DB>(tx, 2).await?;
                panic!("of nested work")
            });
            assert!(panics(nested).await);
            assert_eq!(insert::<DB>(tx, 3).await.unwrap_err().kind(), ErrorKind::Aborted);
            Ok(())
        })
        .await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Aborted);
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 0);
    assert_eq!(hooks.load(Ordering::SeqCst), 0);
    fresh.pool_is_clean().await;
}

/// One hook panics while it is made, another while it runs: the transaction is committed, and the other hooks run.
async fn in_a_hook<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let ran = Arc::new(AtomicU32::new(0));
    let kept: Result<(), Error> = fresh
        .store
        .transaction(async |tx| {
            let hook = || {
                let ran = Arc::clone(&ran);
                async move || {
                    ran.fetch_add(1, Ordering::SeqCst);
                    Ok::<_, Error>(())
                }
            };
            tx.after_commit(hook())?;
            tx.after_commit(|| -> std::future::Ready<Result<(), Error>> { panic!("when it is called") })?;
            tx.after_commit(hook())?;
            tx.after_commit(async || -> Result<(), Error> { panic!("when it is polled") })?;
            tx.after_commit(async || Err(Error::corrupt("a hook")))?;
            tx.after_commit(hook())?;
            insert::<DB>(tx, 1).await
        })
        .await;
    kept.unwrap();
    assert_eq!(ran.load(Ordering::SeqCst), 3);
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn in_memory() {
    let memory = Memory::new(0);
    let store = Store::from(memory.clone());
    let work = async |tx: &mut Session| -> Result<(), Error> {
        tx.memory::<i32>()?.write(|n| *n = 1).await?;
        panic!("of the work")
    };
    assert!(panics(store.transaction(work)).await);
    assert!(panics(store.session().transaction(work)).await);
    let kept: Result<(), Error> = store
        .transaction(async |tx| {
            // A half-done change counts as none, not even inside the transaction.
            let half = tx.memory::<i32>()?.write(|n| {
                *n = 7;
                panic!("in the middle of a change")
            });
            assert!(panics(half).await);
            Ok(())
        })
        .await;
    assert_eq!(kept.unwrap_err().kind(), ErrorKind::Aborted);
    assert_eq!(*memory.committed(), 0);
    let free: Result<(), Error> = store.transaction(async |_| Ok(())).await;
    free.unwrap();
}

/// A panic of detached work is logged, and a close waits for it like for its end.
#[tokio::test]
async fn in_detached_work() {
    let store = Store::from(Memory::new(0));
    let told = store.spawn(async { panic!("of detached work") }).await;
    assert_eq!(told.unwrap_err().kind(), ErrorKind::Other);
    store.close(std::time::Duration::from_secs(5)).await.unwrap();
}

on_every_database! {
    in_the_work;
    in_nested_work;
    in_a_hook;
}
