//! An unknown commit is resolved by asking the server, if it can tell, at once or later.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use buttress::store::{Error, ErrorKind, Outcome, Resolution, Retry, TransactionOptions};
use futures_util::future::join;
use sqlx::{MySql, Postgres};

use crate::arena::ServerDatabase;
use crate::cuts::{Counted, arena, unknown};
use crate::proxy::Cut;
use crate::support::eventually;

pub(crate) const RESOLVABLE: TransactionOptions = TransactionOptions::new().resolvable();

/// The server is asked, and answers that it kept nothing, so the unit may be tried again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_before_the_commit_it_is_resolved_to_rolled_back() {
    let (arena, work) = (arena::<Postgres>().await, Counted::new());
    arena.proxy.arm(Cut::Before);
    let outcome = work.outcome::<Postgres>(&arena.store.with_options(RESOLVABLE.retry(Retry::never()))).await;
    let Outcome::RolledBack(error) = outcome else { panic!("{outcome:?}") };
    assert_eq!((error.kind(), work.ran(), arena.rows().await), (ErrorKind::ConnectionLost, 1, 0));

    arena.proxy.arm(Cut::Before);
    assert!(matches!(work.outcome::<Postgres>(&arena.store.with_options(RESOLVABLE)).await, Outcome::Committed(3)));
    assert_eq!((work.ran(), arena.rows().await), (3, 1));
    arena.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_before_the_answer_it_is_resolved_to_committed() {
    let (arena, work) = (arena::<Postgres>().await, Counted::new());
    let hooks = Arc::new(AtomicUsize::new(0));
    arena.proxy.arm(Cut::Between);
    let store = arena.store.with_options(RESOLVABLE);
    let outcome = store.try_transaction(async |tx| {
        let hooks = hooks.clone();
        tx.after_commit(async move || {
            hooks.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Error>(())
        })?;
        work.run::<Postgres>(tx).await
    });
    assert!(matches!(outcome.await, Outcome::Committed(1)));
    assert!(arena.proxy.has_cut());
    assert_eq!((work.ran(), arena.rows().await, hooks.load(Ordering::SeqCst)), (1, 1, 1));
    arena.recovers().await;
}

/// A commit that is still in progress when the client is gone: it must not count as decided.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_arrives_late_is_resolved_to_committed() {
    let (arena, work) = (arena::<Postgres>().await, Counted::new());
    arena.proxy.arm(Cut::Late);
    let store = arena.store.with_options(RESOLVABLE);
    let outcome = join(work.outcome::<Postgres>(&store), async {
        eventually("the commit is cut", async || arena.proxy.has_cut()).await;
        // The server is asked at least once while nothing is decided, and its answer says so.
        let asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'
                     AND query LIKE '%pg_xact_status%'";
        eventually("the server is asked", async || arena.fresh.number(asked).await > 0).await;
        assert_eq!(arena.rows().await, 0);
        arena.proxy.let_go();
    })
    .await;
    assert!(matches!(outcome.0, Outcome::Committed(1)));
    assert_eq!((work.ran(), arena.rows().await), (1, 1));
    arena.recovers().await;
}

/// No server can answer, so it stays unknown; the transaction's id is for later.
async fn later(cut: Cut) -> (Resolution, i64) {
    let (arena, work) = (arena::<Postgres>().await, Counted::new());
    arena.proxy.arm(cut);
    arena.proxy.then_hold();
    let store = arena.store.with_options(RESOLVABLE);
    let (outcome, ()) = join(work.outcome::<Postgres>(&store), async {
        eventually("the commit is cut", async || arena.proxy.has_cut()).await;
        // No server answers any more, so there is no reason to wait.
        tokio::time::pause();
    })
    .await;
    tokio::time::resume();
    let id = unknown(outcome).expect("the id of the transaction");
    arena.proxy.release();
    let mut answer = Resolution::InProgress;
    eventually("the server has decided", async || {
        answer = arena.store.resolve(&id).await.unwrap();
        answer != Resolution::InProgress
    })
    .await;
    assert_eq!(work.ran(), 1);
    let rows = arena.rows().await;
    arena.recovers().await;
    (answer, rows)
}

#[tokio::test]
async fn an_unknown_commit_can_be_resolved_later() {
    assert_eq!(later(Cut::Before).await, (Resolution::RolledBack, 0));
    assert_eq!(later(Cut::Between).await, (Resolution::Committed, 1));
}

/// The network swallows a commit, and delivers it when no caller waits for it any more.
async fn stalled<DB: ServerDatabase>() {
    let (arena, work) = (arena::<DB>().await, Counted::new());
    arena.proxy.arm(Cut::Stall);
    let store = arena.store.with_options(RESOLVABLE);
    let limited = tokio::time::timeout(Duration::from_secs(60), work.outcome::<DB>(&store));
    let (outcome, ()) = join(limited, async {
        eventually("the commit is under way", async || arena.proxy.has_cut()).await;
        // No server answers any more, so there is no reason to wait.
        tokio::time::pause();
    })
    .await;
    tokio::time::resume();
    let id = unknown(outcome.expect("it is given up within a minute"));
    assert_eq!((work.ran(), arena.rows().await), (1, 0));
    if let Some(id) = &id {
        assert_eq!(arena.store.resolve(id).await.unwrap(), Resolution::InProgress);
    }
    arena.proxy.let_go();
    eventually("the commit arrives", async || arena.rows().await == 1).await;
    if let Some(id) = &id {
        assert_eq!(arena.store.resolve(id).await.unwrap(), Resolution::Committed);
    }
    arena.recovers().await;
}

#[tokio::test]
async fn a_commit_that_is_stalled_is_unknown_and_may_still_come_on_postgres() {
    stalled::<Postgres>().await;
}

#[tokio::test]
async fn a_commit_that_is_stalled_is_unknown_and_may_still_come_on_mariadb() {
    stalled::<MySql>().await;
}
