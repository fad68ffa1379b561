//! A connection is cut at its commit, and the reported outcome is compared with the table.
//!
//! | the connection breaks | rows in the table | outcome by default | outcome with `resolvable` on PostgreSQL |
//! |---|---|---|---|
//! | before the server gets the `COMMIT` | none | unknown: a client cannot see how far its bytes came | rolled back, and tried again |
//! | after the server got it, before its answer arrives | all | unknown | committed |
//! | after the answer arrived | all | committed | committed |

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use buttress::sql::sql;
use buttress::store::{Error, ErrorKind, Outcome, Session, Store, TransactionId, TransactionOptions};
use sqlx::{AssertSqlSafe, Executor};

use crate::arena::{Proxied, ServerDatabase, proxied};
use crate::proxy::Cut;

/// Work that counts how often it runs, and returns the count.
pub(crate) struct Counted {
    ran: AtomicUsize,
    next: AtomicI64,
}

impl Counted {
    pub(crate) const fn new() -> Self {
        Self { ran: AtomicUsize::new(0), next: AtomicI64::new(1) }
    }

    /// Inserts one row, a new one each time, so that work which is done twice shows.
    pub(crate) async fn run<DB: ServerDatabase>(&self, on: &mut Session) -> Result<usize, Error> {
        let id = self.next.fetch_add(1, Ordering::SeqCst);
        let sql = AssertSqlSafe(format!("INSERT INTO t VALUES ({id}, 0)"));
        on.sql::<DB>().await?.execute(sqlx::raw_sql(sql)).await?;
        Ok(self.ran.fetch_add(1, Ordering::SeqCst) + 1)
    }

    pub(crate) async fn outcome<DB: ServerDatabase>(&self, store: &Store) -> Outcome<usize, Error> {
        store.try_transaction(async |tx| self.run::<DB>(tx).await).await
    }

    pub(crate) fn ran(&self) -> usize {
        self.ran.load(Ordering::SeqCst)
    }
}

pub(crate) async fn arena<DB: ServerDatabase>() -> Proxied<DB> {
    let arena = proxied::<DB>(2).await;
    arena.fresh.run(DB::TABLE).await;
    arena
}

impl<DB: ServerDatabase> Proxied<DB> {
    pub(crate) async fn rows(&self) -> i64 {
        self.fresh.number("SELECT count(*) FROM t").await
    }

    /// The server has ended its unfinished work, and the pool works.
    pub(crate) async fn recovers(&self) {
        self.fresh.pool_is_clean().await;
        let before = self.rows().await;
        let kept: Result<(), Error> = self
            .store
            .transaction(async |tx| {
                tx.sql::<DB>().await?.execute("INSERT INTO t VALUES (-1, 0)").await?;
                Ok(())
            })
            .await;
        kept.unwrap();
        assert_eq!(self.rows().await, before + 1);
    }
}

/// The id in the error of an unknown commit.
pub(crate) fn unknown(outcome: Outcome<usize, Error>) -> Option<TransactionId> {
    let Outcome::Unknown(error) = outcome else { panic!("not unknown: {outcome:?}") };
    assert_eq!(error.kind(), ErrorKind::UnknownCommit);
    error.transaction_id().cloned()
}

/// The client has passed its bytes to the system and then lost the connection. To the client it looks as if the server
/// had got them; so this is unknown, although nothing was kept, and it is not tried again.
async fn cut_before_the_commit_it_is_unknown<DB: ServerDatabase>() {
    let (arena, work) = (arena::<DB>().await, Counted::new());
    arena.proxy.arm(Cut::Before);
    assert_eq!(unknown(work.outcome::<DB>(&arena.store).await), None);
    assert!(arena.proxy.has_cut());
    assert_eq!((work.ran(), arena.proxy.commits(), arena.rows().await), (1, 1, 0));
    arena.recovers().await;
}

async fn cut_before_the_answer_it_is_unknown_and_kept<DB: ServerDatabase>() {
    let (arena, work) = (arena::<DB>().await, Counted::new());
    arena.proxy.arm(Cut::Between);
    assert_eq!(unknown(work.outcome::<DB>(&arena.store).await), None);
    assert!(arena.proxy.has_cut());
    assert_eq!((work.ran(), arena.proxy.commits(), arena.rows().await), (1, 1, 1));
    arena.recovers().await;
}

/// The broken connection is back in the pool. The next transaction on it notices before any work was done, and tries
/// again.
async fn cut_after_the_answer_it_is_committed<DB: ServerDatabase>() {
    let (arena, work) = (arena::<DB>().await, Counted::new());
    arena.proxy.arm(Cut::After);
    assert!(matches!(work.outcome::<DB>(&arena.store).await, Outcome::Committed(1)));
    assert!(arena.proxy.has_cut());
    assert!(matches!(work.outcome::<DB>(&arena.store).await, Outcome::Committed(2)));
    assert_eq!((work.ran(), arena.rows().await), (2, 2));
    arena.recovers().await;
}

/// Twice if the first was kept, once if it was not: `idempotent` declares that this does no harm.
async fn an_unknown_commit_is_tried_again_if_that_does_no_harm<DB: ServerDatabase>() {
    for (cut, rows) in [(Cut::Before, 1), (Cut::Between, 2)] {
        let (arena, work) = (arena::<DB>().await, Counted::new());
        arena.proxy.arm(cut);
        let store = arena.store.with_options(TransactionOptions::new().idempotent());
        assert!(matches!(work.outcome::<DB>(&store).await, Outcome::Committed(2)));
        assert_eq!((work.ran(), arena.rows().await), (2, rows), "{cut:?}");
        arena.recovers().await;
    }
}

/// No work was done, so no work can be done twice.
async fn an_unknown_commit_of_what_only_reads_is_tried_again<DB: ServerDatabase>() {
    let (arena, ran) = (arena::<DB>().await, AtomicUsize::new(0));
    arena.proxy.arm(Cut::Between);
    let count = arena
        .store
        .read_only()
        .transaction(async |tx| {
            ran.fetch_add(1, Ordering::SeqCst);
            sql("SELECT count(*) FROM t").fetch_one(tx).await?.get::<i64>(0)
        })
        .await;
    assert_eq!((count.unwrap(), ran.into_inner(), arena.proxy.commits()), (0, 2, 2));
    arena.recovers().await;
}

/// The same for every way to run a transaction.
async fn an_unknown_commit_is_an_error_of_its_own<DB: ServerDatabase>() {
    let (arena, work) = (arena::<DB>().await, Counted::new());
    arena.proxy.arm(Cut::Between);
    let erased = arena.store.transaction(async |tx| work.run::<DB>(tx).await).await;
    assert!(erased.unwrap_err().is_unknown_commit());

    arena.proxy.arm(Cut::Between);
    let typed = arena.fresh.sql.transaction(TransactionOptions::new(), async |tx| work.run::<DB>(tx).await).await;
    assert!(typed.unwrap_err().is_unknown_commit());

    arena.proxy.arm(Cut::Between);
    let in_session = arena.store.session().transaction(async |tx| work.run::<DB>(tx).await).await;
    assert!(in_session.unwrap_err().is_unknown_commit());
    assert_eq!((work.ran(), arena.rows().await), (3, 3));
    arena.recovers().await;
}

on_every_server! {
    cut_before_the_commit_it_is_unknown;
    cut_before_the_answer_it_is_unknown_and_kept;
    cut_after_the_answer_it_is_committed;
    an_unknown_commit_is_tried_again_if_that_does_no_harm;
    an_unknown_commit_of_what_only_reads_is_tried_again;
    an_unknown_commit_is_an_error_of_its_own;
}
