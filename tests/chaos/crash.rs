//! A crash of the server must not falsify its later answers: it reuses the ids of transactions if no work under them
//! had reached its log.

use buttress::store::{Resolution, TransactionId};
use futures_util::future::join;
use sqlx::Postgres;

use crate::arena::{Proxied, ServerDatabase, proxied_on};
use crate::cuts::{Counted, unknown};
use crate::proxy::Cut;
use crate::resolve::RESOLVABLE;
use crate::support::server::PrivateServer;
use crate::support::{TestDatabase, eventually};

/// The server is killed at a commit, and is up again before it can be asked.
async fn crash_at_commit(server: &PrivateServer, arena: &Proxied<Postgres>, cut: Cut) -> TransactionId {
    let work = Counted::new();
    arena.proxy.arm(cut);
    arena.proxy.then_hold();
    let store = arena.store.with_options(RESOLVABLE);
    let (outcome, ()) = join(work.outcome::<Postgres>(&store), async {
        eventually("the commit is cut", async || arena.proxy.has_cut()).await;
        server.kill();
        server.start_again();
        // No server answers any more, so there is no reason to wait.
        tokio::time::pause();
    })
    .await;
    tokio::time::resume();
    assert_eq!(work.ran(), 1);
    unknown(outcome).expect("the id of the transaction")
}

/// Runs other transactions until they have passed this id.
async fn others_use_it(arena: &Proxied<Postgres>, id: &TransactionId) {
    let id: i64 = id.to_string().split('@').next().unwrap().parse().unwrap();
    while arena.fresh.number("SELECT pg_current_xact_id()::text::bigint").await <= id {}
}

/// Rolled back, if the id is known to be lost; forgotten, if another transaction has it now, which depends on how much
/// of its log the server had written.
fn not_committed(answer: Resolution) {
    assert!(matches!(answer, Resolution::RolledBack | Resolution::Forgotten), "{answer:?}");
}

#[tokio::test]
async fn a_crash_does_not_pass_one_transaction_off_as_another() {
    let server = PrivateServer::start(Postgres::KIND);
    let arena = proxied_on::<Postgres>(&server, 2).await;
    arena.fresh.run(Postgres::TABLE).await;

    let lost = crash_at_commit(&server, &arena, Cut::Before).await;
    arena.proxy.release();
    not_committed(arena.store.resolve(&lost).await.unwrap());
    others_use_it(&arena, &lost).await;
    not_committed(arena.store.resolve(&lost).await.unwrap());
    assert_eq!(arena.rows().await, 0);

    // A committed transaction cannot be distinguished from another one with its id.
    let kept = crash_at_commit(&server, &arena, Cut::Between).await;
    arena.proxy.release();
    assert_eq!(arena.store.resolve(&kept).await.unwrap(), Resolution::Forgotten);
    assert_eq!(arena.rows().await, 1);
    arena.recovers().await;
}
