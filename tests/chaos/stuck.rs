//! A commit that takes a while on the server, and is cancelled or killed there. MariaDB can only hold back all commits
//! at once, so it must be a server of the test's own.

use buttress::store::{Error, ErrorKind, Outcome};
use futures_util::future::join;
use sqlx::pool::PoolConnection;
use sqlx::{Executor, MySql, Postgres};

use crate::arena::{Kill, Proxied, ServerDatabase};
use crate::support::eventually;

/// A database in which one connection can hold the commits of the others back.
pub(crate) trait Blocks: ServerDatabase {
    /// The statements that prepare the database.
    const PREPARE: &'static [&'static str];
    const UNDO: &'static [&'static str];
    const BLOCK: &'static str;
    const UNBLOCK: &'static str;
    /// A query for the number of waiting commits.
    const WAITING: &'static str;
    /// The error of a commit that the server reports as cancelled.
    const CANCELLED: ErrorKind;

    fn execute(connection: &mut PoolConnection<Self>, sql: &'static str) -> impl Future<Output = ()>;
}

/// A commit waits; then it is killed in this way, and then it could continue.
async fn killed<DB: Blocks>(arena: &Proxied<DB>, kill: Kill) -> Outcome<(), Error> {
    let address = DB::address(&arena.fresh.witness);
    let mut blocker = DB::pool_at(&arena.fresh.witness, address, 1).acquire().await.unwrap();
    DB::execute(&mut blocker, DB::BLOCK).await;
    let work = arena.store.try_transaction(async |tx| {
        let conn = tx.sql::<DB>().await?;
        conn.execute("INSERT INTO t VALUES (1, 0)").await?;
        Ok(())
    });
    let (outcome, ()) = join(work, async {
        eventually("the commit waits", async || arena.fresh.number(DB::WAITING).await == 1).await;
        DB::kill(&arena.fresh.witness, kill).await;
        eventually("it has ended", async || arena.fresh.number(DB::WAITING).await == 0).await;
        DB::execute(&mut blocker, DB::UNBLOCK).await;
    })
    .await;
    arena.fresh.pool_is_clean().await;
    outcome
}

/// The reported outcome of a killed commit is true.
pub(crate) async fn commits_are_killed<DB: Blocks>(arena: &Proxied<DB>) {
    for sql in DB::PREPARE {
        arena.fresh.run(sql).await;
    }
    // The server reports that the commit was cancelled: it is not tried again.
    let commits = arena.proxy.commits();
    let outcome = killed(arena, Kill::Commits).await;
    let kind = match &outcome {
        Outcome::RolledBack(error) => error.kind(),
        Outcome::Unknown(error) => error.kind(),
        Outcome::Committed(()) => panic!("it waited"),
    };
    assert_eq!(kind, DB::CANCELLED, "{outcome:?}");
    assert_eq!((arena.rows().await, arena.proxy.commits()), (0, commits + 1));

    // The server ends the connection. It reports that, but not the outcome of the commit.
    let outcome = killed(arena, Kill::Committing).await;
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    assert_eq!((arena.rows().await, arena.proxy.commits()), (0, commits + 2));
    for sql in DB::UNDO {
        arena.fresh.run(sql).await;
    }
    arena.recovers().await;
}

impl Blocks for Postgres {
    /// A trigger that runs at the commit and waits for a lock.
    const PREPARE: &'static [&'static str] = &[
        "CREATE FUNCTION lock() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END'",
        "CREATE CONSTRAINT TRIGGER lock AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION lock()",
    ];
    const UNDO: &'static [&'static str] = &["DROP FUNCTION lock CASCADE"];
    const BLOCK: &'static str = "SELECT pg_advisory_lock(1)";
    const UNBLOCK: &'static str = "SELECT pg_advisory_unlock(1)";
    /// Nothing was kept.
    const CANCELLED: ErrorKind = ErrorKind::StatementTimeout;
    const WAITING: &'static str =
        "SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND wait_event_type = 'Lock'";

    async fn execute(connection: &mut PoolConnection<Self>, sql: &'static str) {
        (&mut **connection).execute(sql).await.unwrap();
    }
}

impl Blocks for MySql {
    const PREPARE: &'static [&'static str] = &[];
    const UNDO: &'static [&'static str] = &[];
    const BLOCK: &'static str = "BACKUP STAGE START; BACKUP STAGE BLOCK_COMMIT";
    const UNBLOCK: &'static str = "BACKUP STAGE END";
    /// The server reports the same for a commit that is killed after it is done.
    const CANCELLED: ErrorKind = ErrorKind::UnknownCommit;
    const WAITING: &'static str =
        "SELECT count(*) FROM information_schema.processlist WHERE info = 'COMMIT' AND state LIKE 'Waiting%'";

    async fn execute(connection: &mut PoolConnection<Self>, sql: &'static str) {
        (&mut **connection).execute(sqlx::raw_sql(sql)).await.unwrap();
    }
}
