//! A session outside a transaction, after its transactions ended in every way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use buttress::store::{Error, ErrorKind, Memory, Session, Store};
use futures_util::FutureExt as _;

use crate::support::TestDatabase;
use crate::support::statements::{insert, run};

/// A reference that is checked when the transaction is committed, if the database supports that.
async fn deferred_reference<DB: TestDatabase>(fresh: &crate::support::Fresh<DB>) {
    let deferrable = "REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED";
    fresh.run(&format!("CREATE TABLE line (id BIGINT PRIMARY KEY, t BIGINT {deferrable})")).await;
}

fn count(hooks: &Arc<AtomicU32>) -> impl Future<Output = Result<(), Error>> + Send + use<> {
    let hooks = Arc::clone(hooks);
    async move {
        hooks.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// The session is outside a transaction: its writes are visible at once.
async fn works_by_itself<DB: TestDatabase>(fresh: &crate::support::Fresh<DB>, session: &mut Session, id: i64) {
    assert!(!session.in_transaction());
    assert!(session.after_commit(async || Ok::<_, Error>(())).is_err(), "there is no commit to wait for");
    insert::<DB>(session, id).await.unwrap();
    assert_eq!(fresh.number(&format!("SELECT count(*) FROM t WHERE id = {id}")).await, 1);
}

async fn a_failed_commit_leaves_no_transaction<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    deferred_reference(&fresh).await;
    let hooks = Arc::new(AtomicU32::new(0));
    let mut session = fresh.store.session();
    let failed: Result<(), Error> = session
        .transaction(async |tx| {
            let hooks = Arc::clone(&hooks);
            tx.after_commit(move || count(&hooks))?;
            run::<DB>(tx, "INSERT INTO line VALUES (1, 404)").await
        })
        .await;
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::ForeignKeyViolation);
    works_by_itself(&fresh, &mut session, 1).await;
    let kept: Result<(), Error> = session.transaction(async |tx| insert::<DB>(tx, 2).await).await;
    kept.unwrap();
    assert_eq!(hooks.load(Ordering::Relaxed), 0, "a hook of what was rolled back waits for no other commit");
    drop(session);
    fresh.pool_is_clean().await;
}

async fn a_dropped_transaction_leaves_no_transaction<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let mut session = fresh.store.session();
    let dropped: Option<Result<(), Error>> = {
        let (reached, wait) = tokio::sync::oneshot::channel::<()>();
        let work = session.transaction(async move |tx| {
            insert::<DB>(tx, 1).await?;
            let _ = reached.send(());
            std::future::pending().await
        });
        tokio::select! {
            done = work => Some(done),
            _ = wait => None,
        }
    };
    assert!(dropped.is_none());
    works_by_itself(&fresh, &mut session, 2).await;
    assert_eq!(fresh.number("SELECT count(*) FROM t").await, 1, "what was dropped is undone");
    drop(session);
    fresh.pool_is_clean().await;
}

async fn a_nested_one_that_cannot_be_kept_is_undone_alone<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let kept: Result<(), Error> = fresh
        .store
        .transaction(async |tx| {
            insert::<DB>(tx, 1).await?;
            let nested: Result<(), Error> = tx
                .transaction(async |tx| {
                    insert::<DB>(tx, 2).await?;
                    let _ = insert::<DB>(tx, 1).await;
                    Ok(())
                })
                .await;
            assert_eq!(nested.unwrap_err().kind(), ErrorKind::Aborted);
            insert::<DB>(tx, 3).await
        })
        .await;
    kept.unwrap();
    assert_eq!(fresh.number("SELECT sum(id) FROM t").await, 4);
    fresh.pool_is_clean().await;
}

#[tokio::test]
async fn postgres_keeps_the_outer_one_when_an_error_was_swallowed_in_the_nested() {
    a_nested_one_that_cannot_be_kept_is_undone_alone::<sqlx::Postgres>().await;
}

#[tokio::test]
async fn postgres_after_a_failed_commit() {
    a_failed_commit_leaves_no_transaction::<sqlx::Postgres>().await;
}

#[tokio::test]
async fn sqlite_after_a_failed_commit() {
    a_failed_commit_leaves_no_transaction::<sqlx::Sqlite>().await;
}

async fn a_savepoint_does_not_outlive_its_transaction<DB: TestDatabase>() {
    let fresh = DB::fresh(1).await;
    fresh.run(DB::TABLE).await;
    let refused: Result<(), Error> = fresh
        .store
        .transaction(async |tx| {
            let undone = tx.transaction(async |tx| {
                insert::<DB>(tx, 1).await?;
                Err::<(), _>(Error::corrupt("a row"))
            });
            assert!(undone.await.is_err());
            // Without the release, a thousand failures would be a thousand savepoints.
            run::<DB>(tx, "RELEASE SAVEPOINT buttress_1").await
        })
        .await;
    assert!(refused.is_err());
    fresh.pool_is_clean().await;
}

/// Polls the future once: a future that waits for itself is not ready.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("it does not wait for itself")
}

#[tokio::test]
async fn in_memory_a_transaction_in_that_of_a_session_fails_at_once() {
    let store = Store::from(Memory::new(0));
    let inner: Result<(), Error> =
        at_once(store.session().transaction(async |_| store.transaction(async |_| Ok(())).await));
    assert_eq!(inner.unwrap_err().kind(), ErrorKind::WouldDeadlock);
}

#[tokio::test]
async fn in_memory_a_session_in_a_transaction_begins_none() {
    let store = Store::from(Memory::new(0));
    let inner: Result<(), Error> =
        at_once(store.transaction(async |_| store.session().transaction(async |_| Ok(())).await));
    assert_eq!(inner.unwrap_err().kind(), ErrorKind::WouldDeadlock);
}

#[tokio::test]
async fn in_memory_a_dropped_transaction_lets_others_write() {
    let store = Store::from(Memory::new(0));
    let mut session = store.session();
    let dropped: Option<Result<(), Error>> = session.transaction(async |_| std::future::pending().await).now_or_never();
    assert!(dropped.is_none());
    at_once(session.memory::<i32>().unwrap().write(|n| *n += 1)).unwrap();
    let kept: Result<(), Error> = at_once(store.transaction(async |_| Ok(())));
    kept.unwrap();
}

on_every_database! {
    a_dropped_transaction_leaves_no_transaction;
    a_savepoint_does_not_outlive_its_transaction;
}
