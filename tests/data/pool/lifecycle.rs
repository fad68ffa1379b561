//! The behaviour of an open pool, and how it closes.

use std::time::{Duration, Instant};

use buttress::sql::{Connect, Connects, Database};
use buttress::store::{Error, ErrorKind, Store};
use tokio::sync::oneshot;

use super::{LATE, SOON, address};
use crate::support::{TestDatabase, eventually};

const LONG: Duration = Duration::from_secs(9);

/// The store of a test's own database, with two connections; for SQLite, with one that writes and two that read.
async fn opened<DB: TestDatabase + Connects>(address: &str) -> (Database<DB>, Store) {
    let connect = Connect::to(address).unwrap().max_connections(2).readers(2).acquire_timeout(SOON);
    let sql = connect.open_as::<DB>().await.unwrap();
    (sql.clone(), Store::from(sql))
}

async fn a_close_waits_for_who_is_at_work<DB: TestDatabase + Connects>() {
    let fresh = DB::fresh(2).await;
    fresh.run(DB::TABLE).await;
    let (sql, store) = opened::<DB>(&address(&fresh)).await;
    let held = sql.pool().acquire().await.unwrap();
    let read = sql.readers().acquire().await.unwrap();

    let begun = Instant::now();
    let open = store.close(SOON).await.unwrap_err();
    assert_eq!((open.connections, open.unfinished.count()), (2, 0));
    assert!((SOON..LATE).contains(&begun.elapsed()), "{:?}", begun.elapsed());

    // Nothing hangs: new callers are refused, and work in progress can finish.
    for store in [&store, &store.read_only()] {
        let late: Result<(), Error> = store.transaction(async |_| Ok(())).await;
        assert_eq!(late.unwrap_err().kind(), ErrorKind::PoolClosed);
    }
    drop((held, read));
    eventually("all is closed, though nobody waits", async || sql.pool_stats().size == 0).await;
    store.close(LONG).await.unwrap();
}

async fn a_close_in_time_is_a_good_one<DB: TestDatabase + Connects>() {
    let fresh = DB::fresh(2).await;
    fresh.run(DB::TABLE).await;
    let (_, store) = opened::<DB>(&address(&fresh)).await;
    let (begun, has_begun) = oneshot::channel();
    let (end, ended) = oneshot::channel();
    let work = {
        let store = store.clone();
        store.clone().spawn(async move {
            begun.send(()).unwrap();
            ended.await.unwrap();
            // It may still take a connection.
            let late: Result<(), Error> = store.transaction(async |_| Ok(())).await;
            late
        })
    };
    has_begun.await.unwrap();
    let mut closing = tokio::spawn({
        let store = store.clone();
        async move { store.close(LONG).await }
    });
    assert!(tokio::time::timeout(SOON / 3, &mut closing).await.is_err(), "it waits");
    end.send(()).unwrap();
    closing.await.unwrap().unwrap();
    work.await.unwrap().unwrap();
    assert_eq!(store.pool_stats().size, 0);
}

async fn detached_work_that_does_not_end_is_counted<DB: TestDatabase + Connects>() {
    let fresh = DB::fresh(2).await;
    let (_, store) = opened::<DB>(&address(&fresh)).await;
    drop(store.spawn(std::future::pending::<()>()));
    let open = store.close(SOON).await.unwrap_err();
    assert_eq!((open.connections, open.unfinished.count()), (0, 1));
}

async fn figures_tell_who_waits<DB: TestDatabase + Connects>() {
    let fresh = DB::fresh(2).await;
    let (sql, store) = opened::<DB>(&address(&fresh)).await;
    let most = sql.pool().options().get_max_connections();
    let mut held = Vec::new();
    for _ in 0..most {
        held.push(sql.pool().acquire().await.unwrap());
    }
    let before = store.pool_stats();
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.transaction(async |_| Ok::<_, Error>(())).await }
    });
    eventually("one waits", async || store.pool_stats().waiting == 1).await;
    assert_eq!(waiting.await.unwrap().unwrap_err().kind(), ErrorKind::PoolExhausted);
    let after = store.pool_stats();
    assert_eq!((after.waiting, after.timed_out), (0, before.timed_out + 1));
    assert!(after.waited >= SOON, "{after:?}");
    assert_eq!(after.in_use(), most);
    drop(held);
    let done: Result<(), Error> = store.transaction(async |_| Ok(())).await;
    done.unwrap();
    // A reader is counted, too, if it has a pool of its own.
    store.check(LONG).await.unwrap();
    assert_eq!(store.pool_stats().acquired, after.acquired + 2);
    eventually("all are back", async || store.pool_stats().in_use() == 0).await;
}

on_every_database! {
    a_close_waits_for_who_is_at_work;
    a_close_in_time_is_a_good_one;
    detached_work_that_does_not_end_is_counted;
    figures_tell_who_waits;
}
