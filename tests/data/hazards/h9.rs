//! A store with one writer: a transaction inside one waits for itself.

use std::time::Duration;

use buttress::sql::Connect;
use buttress::store::{Error, ErrorKind, Memory, Session, Store, TransactionOptions};
use futures_util::FutureExt as _;
use futures_util::future::join;
use sqlx::Sqlite;
use tokio::time::timeout;

use crate::support::TestDatabase;
use crate::support::statements::{insert, script};

#[tokio::test]
async fn plain_sqlx_waits_for_itself() {
    let fresh = Sqlite::fresh(1).await;
    let outer = fresh.sql.pool().begin().await.unwrap();
    assert!(timeout(Duration::from_millis(500), fresh.sql.pool().begin()).await.is_err());
    drop(outer);
}

fn kind(result: Result<(), Error>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

/// Polled once: a future that waits for itself is not ready.
fn at_once(future: impl Future<Output = Result<(), Error>>) -> Option<ErrorKind> {
    kind(future.now_or_never().expect("it does not wait for itself"))
}

#[tokio::test]
async fn in_memory_each_way_into_a_second_transaction_fails_at_once() {
    let store = Store::from(Memory::new(0));
    let again = store.clone();
    let nothing = async |_: &mut Session| Ok::<_, Error>(());
    let would_deadlock = Some(ErrorKind::WouldDeadlock);
    assert_eq!(at_once(store.transaction(async |_| again.transaction(nothing).await)), would_deadlock);
    assert_eq!(at_once(store.transaction(async |_| again.transaction_once(nothing).await)), would_deadlock);
    assert_eq!(at_once(store.transaction_once(async |_| again.session().transaction(nothing).await)), would_deadlock);
    assert_eq!(at_once(store.session().transaction(async |_| again.transaction_once(nothing).await)), would_deadlock);
    assert_eq!(
        at_once(store.transaction(async |_| again.session().memory::<i32>()?.write(|n| *n += 1).await)),
        would_deadlock
    );
    // In a nested transaction, and inside that of another store.
    assert_eq!(
        at_once(store.transaction(async |tx| tx.transaction(async |_| again.transaction(nothing).await).await)),
        would_deadlock
    );
    let other = Store::from(Memory::new(0));
    assert_eq!(
        at_once(store.transaction(async |_| other.transaction(async |_| again.transaction(nothing).await).await)),
        would_deadlock
    );
}

#[tokio::test]
async fn in_memory_what_does_not_wait_is_let_through() {
    let memory = Memory::new(0);
    let store = Store::from(memory.clone());
    let (other, readers) = (Store::from(Memory::new(0)), store.with_options(TransactionOptions::new().read_only()));
    let nothing = async |_: &mut Session| Ok::<_, Error>(());
    assert_eq!(at_once(store.transaction(async |_| other.transaction(nothing).await)), None);
    assert_eq!(at_once(store.transaction(async |_| readers.transaction(nothing).await)), None);
    assert_eq!(at_once(readers.transaction(async |_| store.transaction(nothing).await)), None);
    assert_eq!(at_once(store.transaction(async |tx| tx.transaction(nothing).await)), None);
    assert_eq!(at_once(store.transaction(nothing)), None, "one after the other");

    // Two at the same time in one task wait for each other, and both finish.
    let add = async |tx: &mut Session| {
        tokio::task::yield_now().await;
        tx.memory::<i32>()?.write(|n| *n += 1).await
    };
    let both: (Result<(), Error>, Result<(), Error>) = join(store.transaction(add), store.transaction(add)).await;
    assert_eq!((kind(both.0), kind(both.1), *memory.committed()), (None, None, 2));

    // A spawned transaction is in another task: it waits for the first to end.
    let spawned: Result<_, Error> = {
        let store = store.clone();
        store
            .clone()
            .transaction(async move |_| {
                let store = store.clone();
                Ok(tokio::spawn(async move { store.transaction(add).await }))
            })
            .await
    };
    spawned.unwrap().await.unwrap().unwrap();
    assert_eq!(*memory.committed(), 3);
}

/// SQLite with one writing connection: a file has readers beside it, an in-memory database has not.
async fn sqlite(url: &str) -> Store {
    let store = Connect::to(url).unwrap().open().await.unwrap();
    script::<Sqlite>(&mut store.session(), Sqlite::TABLE).await.unwrap();
    store
}

/// Long before the pool times out.
async fn soon(future: impl Future<Output = Result<(), Error>>) -> Option<ErrorKind> {
    kind(timeout(Duration::from_secs(5), future).await.expect("it does not wait for itself"))
}

async fn each_way_into_a_second_transaction_fails(store: &Store) {
    let again = store.clone();
    let nothing = async |_: &mut Session| Ok::<_, Error>(());
    let would_deadlock = Some(ErrorKind::WouldDeadlock);
    assert_eq!(soon(store.transaction(async |_| again.transaction(nothing).await)).await, would_deadlock);
    assert_eq!(
        soon(store.transaction_once(async |_| again.session().transaction(nothing).await)).await,
        would_deadlock
    );
    assert_eq!(
        soon(store.session().transaction(async |_| again.transaction_once(nothing).await)).await,
        would_deadlock
    );
    assert_eq!(
        soon(store.transaction(async |_| insert::<Sqlite>(&mut again.session(), 1).await)).await,
        would_deadlock
    );
    assert_eq!(
        soon(store.transaction(async |tx| tx.transaction(async |_| again.transaction(nothing).await).await)).await,
        would_deadlock
    );
    assert_eq!(soon(store.transaction(async |tx| insert::<Sqlite>(tx, 1).await)).await, None, "one after the other");
}

#[tokio::test]
async fn in_an_sqlite_file_a_second_writer_fails_at_once_and_readers_do_not() {
    let dir = tempfile::tempdir().unwrap();
    let store = sqlite(&format!("sqlite:{}", dir.path().join("one.db").display())).await;
    each_way_into_a_second_transaction_fails(&store).await;
    let readers = store.read_only();
    let read = async |tx: &mut Session| script::<Sqlite>(tx, "SELECT * FROM t").await;
    assert_eq!(soon(store.transaction(async |_| readers.transaction(read).await)).await, None);
    assert_eq!(soon(store.transaction(async |_| read(&mut readers.session()).await)).await, None);
    assert_eq!(soon(readers.transaction(async |_| store.transaction(read).await)).await, None);
}

#[tokio::test]
async fn in_the_memory_of_sqlite_a_second_one_fails_at_once() {
    let store = sqlite("sqlite::memory:").await;
    each_way_into_a_second_transaction_fails(&store).await;
    let readers = store.read_only();
    let inner = store.transaction(async |_| readers.transaction(async |_| Ok::<_, Error>(())).await);
    assert_eq!(soon(inner).await, Some(ErrorKind::WouldDeadlock), "there is no reader beside the only connection");
}
