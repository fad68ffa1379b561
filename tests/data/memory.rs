//! The in-memory store behaves like the real ones.

use buttress::store::{Error, ErrorKind, Memory, Store, TransactionOptions};

use crate::support::Failure;

fn store() -> (Memory<Vec<i32>>, Store) {
    let memory = Memory::new(Vec::new());
    (memory.clone(), Store::from(memory))
}

#[tokio::test]
async fn what_fails_leaves_nothing() {
    let (memory, store) = store();
    let failed = store.transaction(async |tx| {
        tx.memory::<Vec<i32>>()?.write(|all| all.push(1)).await?;
        Err::<(), _>(Failure::Own)
    });
    assert!(matches!(failed.await, Err(Failure::Own)));
    assert!(memory.committed().is_empty());
}

#[tokio::test]
async fn a_nested_transaction_fails_alone() {
    let (memory, store) = store();
    let kept: Result<(), Error> = store
        .transaction(async |tx| {
            tx.memory::<Vec<i32>>()?.write(|all| all.push(1)).await?;
            let inner = tx.transaction(async |tx| {
                tx.memory::<Vec<i32>>()?.write(|all| all.push(2)).await?;
                Err::<(), _>(Failure::Own)
            });
            assert!(inner.await.is_err());
            tx.memory::<Vec<i32>>()?.write(|all| all.push(3)).await
        })
        .await;
    kept.unwrap();
    assert_eq!(*memory.committed(), [1, 3]);
}

#[tokio::test]
async fn a_second_transaction_inside_one_fails_at_once() {
    let (_, store) = store();
    let inner: Result<(), Error> = store.transaction(async |_| store.transaction(async |_| Ok(())).await).await;
    assert_eq!(inner.unwrap_err().kind(), ErrorKind::WouldDeadlock);
}

#[tokio::test]
async fn readers_see_one_moment_and_write_nothing() {
    let (_, store) = store();
    let outcome: Result<(), Error> = store
        .with_options(TransactionOptions::new().read_only())
        .transaction(async |tx| {
            store.session().memory::<Vec<i32>>()?.write(|all| all.push(1)).await?;
            assert!(tx.memory::<Vec<i32>>()?.read(Vec::is_empty), "one moment");
            let refused = tx.memory::<Vec<i32>>()?.write(|all| all.push(2)).await;
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::ReadOnly);
            Ok(())
        })
        .await;
    outcome.unwrap();
}

#[tokio::test]
async fn the_wrong_store_is_an_error() {
    let (_, store) = store();
    let refused: Result<(), Error> = store.transaction(async |tx| tx.sql::<sqlx::Sqlite>().await.map(drop)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::WrongStore);
}
