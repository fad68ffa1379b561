//! A server that hangs: its connections stay open, but it does not answer. No caller waits for it for ever, every
//! reported outcome is true, and when the server continues, so does everything else.
//!
//! While no answer can arrive, the clock of the test runs ahead to the next timer.

use std::time::{Duration, Instant};

use buttress::store::{Error, ErrorKind, Outcome, Resolution, Store, TransactionOptions};
use futures_util::future::join;
use sqlx::{Executor, MySql, Postgres};

use crate::arena::{Proxied, ServerDatabase, proxied_on};
use crate::cuts::unknown;
use crate::resolve::RESOLVABLE;
use crate::stuck::{Blocks, commits_are_killed};
use crate::support::eventually;
use crate::support::server::PrivateServer;

const DEADLINE: Duration = Duration::from_millis(300);
/// How late a result may be on a busy machine.
const GRACE: Duration = Duration::from_secs(3);

/// Inserts a row; the server hangs before the statement or after it.
async fn hang<DB: ServerDatabase>(server: &PrivateServer, store: &Store, before: bool) -> Outcome<usize, Error> {
    let work = async |tx: &mut buttress::store::Session| {
        let conn = tx.sql::<DB>().await?;
        if before {
            server.pause();
        }
        conn.execute("INSERT INTO t VALUES (1, 0)").await?;
        if !before {
            server.pause();
        }
        Ok(1)
    };
    store.try_transaction(work).await
}

async fn a_statement_is_given_up_at_the_deadline<DB: ServerDatabase>(server: &PrivateServer, arena: &Proxied<DB>) {
    let store = arena.store.with_options(TransactionOptions::new().deadline(DEADLINE));
    arena.fresh.run("DELETE FROM t").await;
    let since = Instant::now();
    let outcome = hang::<DB>(server, &store, true).await;
    assert!(
        matches!(&outcome, Outcome::RolledBack(error) if error.kind() == ErrorKind::DeadlineExceeded),
        "{outcome:?}"
    );
    assert!(since.elapsed() < DEADLINE + GRACE, "{:?}", since.elapsed());

    // The same holds for callers that wait for a connection.
    let since = Instant::now();
    let waiting = (0..8).map(|_| async {
        let begun: Result<(), Error> = store.transaction(async |_| Ok(())).await;
        begun.unwrap_err().kind()
    });
    let kinds = futures_util::future::join_all(waiting).await;
    assert_eq!(kinds, [ErrorKind::DeadlineExceeded; 8]);
    assert!(since.elapsed() < DEADLINE + GRACE, "{:?}", since.elapsed());

    server.resume();
    arena.fresh.pool_is_clean().await;
    assert_eq!(arena.rows().await, 0, "what was given up is not done later");
    arena.recovers().await;
}

/// The outcome is unknown, with or without a deadline: it is too late to take the commit back.
async fn a_commit_is_given_up_in_the_end<DB: ServerDatabase>(server: &PrivateServer, arena: &Proxied<DB>) {
    for options in [TransactionOptions::new(), TransactionOptions::new().deadline(DEADLINE), RESOLVABLE] {
        arena.fresh.run("DELETE FROM t").await;
        let commits = arena.proxy.commits();
        let store = arena.store.with_options(options);
        let limited = tokio::time::timeout(Duration::from_secs(60), hang::<DB>(server, &store, false));
        let (outcome, ()) = join(limited, async {
            eventually("the commit is under way", async || arena.proxy.commits() > commits).await;
            tokio::time::pause();
        })
        .await;
        tokio::time::resume();
        let id = unknown(outcome.expect("it is given up within a minute"));

        server.resume();
        arena.fresh.pool_is_clean().await;
        if let Some(id) = id {
            let mut answer = Resolution::InProgress;
            eventually("the server has decided", async || {
                answer = arena.store.resolve(&id).await.unwrap();
                answer != Resolution::InProgress
            })
            .await;
            let expected = if arena.rows().await == 1 { Resolution::Committed } else { Resolution::RolledBack };
            assert_eq!(answer, expected);
        }
        arena.recovers().await;
    }
}

async fn slow<DB: Blocks>() {
    let server = PrivateServer::start(DB::KIND);
    let arena = proxied_on::<DB>(&server, 2).await;
    arena.fresh.run(DB::TABLE).await;
    commits_are_killed(&arena).await;
    a_statement_is_given_up_at_the_deadline(&server, &arena).await;
    a_commit_is_given_up_in_the_end(&server, &arena).await;
}

#[tokio::test]
async fn a_postgres_that_is_slow_or_hangs_is_not_waited_for_for_ever() {
    slow::<Postgres>().await;
}

#[tokio::test]
async fn a_mariadb_that_is_slow_or_hangs_is_not_waited_for_for_ever() {
    slow::<MySql>().await;
}
