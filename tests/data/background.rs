//! Work that continues when its caller leaves: a store that closes waits for it, however it was started, and none of it
//! is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use buttress::handler::service;
use buttress::outbox::{Delivery, Outbox};
use buttress::sql::{Connect, Database};
use buttress::store::{CloseTimeout, Error, ErrorKind, Memory, Session, Store, TransactionOptions};
use buttress::task::Probe;
use buttress::transaction::{RequestTransactions, RequestTx};
use http::{Request, StatusCode};
use sqlx::{Connection as _, Sqlite, SqliteConnection};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tower::{ServiceBuilder, ServiceExt as _};
use tracing::{Instrument as _, info_span};

use crate::support::statements::{insert, script};
use crate::support::{Fresh, Log, TestDatabase, eventually};

/// Longer than any test.
const LONG: Duration = Duration::from_secs(600);
/// For events that must not happen.
const SHORT: Duration = Duration::from_millis(50);

/// A hook that waits until it is released.
#[derive(Clone)]
struct Held {
    begun: Arc<Semaphore>,
    gate: Arc<Semaphore>,
    done: Arc<AtomicUsize>,
}

impl Held {
    fn new() -> Self {
        let none = || Arc::new(Semaphore::new(0));
        Self { begun: none(), gate: none(), done: Arc::default() }
    }

    /// Registers the hook to run after the commit.
    fn after(&self, tx: &mut Session) -> Result<(), Error> {
        let Self { begun, gate, done } = self.clone();
        tx.after_commit(async move || {
            begun.add_permits(1);
            let _ = gate.acquire().await;
            done.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Error>(())
        })
    }

    async fn has_begun(&self) {
        self.begun.acquire().await.unwrap().forget();
    }

    fn let_go(&self) {
        self.gate.add_permits(100);
    }

    fn done(&self) -> usize {
        self.done.load(Ordering::SeqCst)
    }
}

/// The ways to start a transaction.
#[derive(Debug, Clone, Copy)]
enum Road {
    Store,
    Once,
    Typed,
    Session,
    Request,
}

const ROADS: [Road; 5] = [Road::Store, Road::Once, Road::Typed, Road::Session, Road::Request];

/// Commits the row `id`, and registers the hook.
async fn commit<DB: TestDatabase>(road: Road, store: Store, sql: Database<DB>, id: i64, held: Held) {
    let work = async |tx: &mut Session| {
        held.after(tx)?;
        insert::<DB>(tx, id).await
    };
    let done: Result<(), Error> = match road {
        Road::Store => store.transaction(async |tx| work(tx).await).await,
        Road::Once => store.transaction_once(async |tx| work(tx).await).await,
        Road::Typed => sql.transaction(TransactionOptions::new(), async |tx| work(tx).await).await,
        Road::Session => store.session().transaction(async |tx| work(tx).await).await,
        Road::Request => {
            let place = async move |mut tx: RequestTx| {
                held.after(&mut tx)?;
                insert::<DB>(&mut tx, id).await?;
                Ok::<_, Error>(StatusCode::CREATED)
            };
            let app = ServiceBuilder::new().layer(RequestTransactions::new(store)).service(service(place, ()));
            app.oneshot(Request::new(String::new())).await.unwrap();
            Ok(())
        }
    };
    done.unwrap();
}

async fn a_store_waits_for_the_hooks_of_callers_that_left<DB: TestDatabase>() {
    for road in ROADS {
        let fresh = Fresh::<DB>::with_table(2).await;
        let held = Held::new();
        let caller = tokio::spawn(commit::<DB>(road, fresh.store.clone(), fresh.sql.clone(), 1, held.clone()));
        held.has_begun().await;
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled(), "{road:?}");
        let open = fresh.store.close(SHORT).await.unwrap_err();
        assert!(open.unfinished.count() > 0, "{road:?}: {open:?}");
        let closing = closing(&fresh.store);
        held.let_go();
        closing.await.unwrap().unwrap();
        assert_eq!((held.done(), fresh.rows().await), (1, 1), "{road:?}");
    }
}

fn closing(store: &Store) -> JoinHandle<Result<(), CloseTimeout>> {
    let store = store.clone();
    tokio::spawn(async move { store.close(LONG).await })
}

/// The pool is closed by then; a transaction that has a connection may finish, and leaves its hook running.
async fn a_store_waits_for_the_hooks_of_transactions_under_way<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let (held, under_way, go_on) = (Held::new(), Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let caller = tokio::spawn({
        let (store, held) = (fresh.store.clone(), held.clone());
        let (under_way, go_on) = (Arc::clone(&under_way), Arc::clone(&go_on));
        async move {
            let done: Result<(), Error> = store
                .transaction(async |tx| {
                    held.after(tx)?;
                    insert::<DB>(tx, 1).await?;
                    under_way.add_permits(1);
                    let _ = go_on.acquire().await;
                    Ok(())
                })
                .await;
            done.unwrap();
        }
    });
    under_way.acquire().await.unwrap().forget();
    let open = fresh.store.close(SHORT).await.unwrap_err();
    assert_eq!((open.connections, open.unfinished.count()), (1, 1));
    let closing = closing(&fresh.store);
    go_on.add_permits(1);
    held.has_begun().await;
    caller.abort();
    let _ = caller.await;
    held.let_go();
    closing.await.unwrap().unwrap();
    assert_eq!((held.done(), fresh.rows().await), (1, 1));
}

/// A hook may still take a connection if the store is told to close while the hook runs.
async fn a_hook_may_use_the_store_that_closes<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let (begun, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let caller = tokio::spawn({
        let (store, begun, gate) = (fresh.store.clone(), Arc::clone(&begun), Arc::clone(&gate));
        async move {
            let inner = store.clone();
            let done: Result<(), Error> = store
                .transaction_once(async move |tx| {
                    tx.after_commit(async move || {
                        begun.add_permits(1);
                        let _ = gate.acquire().await;
                        inner.transaction(async |tx| insert::<DB>(tx, 2).await).await
                    })?;
                    insert::<DB>(tx, 1).await
                })
                .await;
            done.unwrap();
        }
    });
    begun.acquire().await.unwrap().forget();
    let closing = closing(&fresh.store);
    gate.add_permits(1);
    closing.await.unwrap().unwrap();
    caller.await.unwrap();
    assert_eq!(fresh.rows().await, 2);
}

/// Rolled back in the background if that keeps the connection.
async fn a_store_waits_for_the_end_of_a_dropped_transaction<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let under_way = Arc::new(Semaphore::new(0));
    let caller = tokio::spawn({
        let (store, held, under_way) = (fresh.store.clone(), Held::new(), Arc::clone(&under_way));
        async move {
            let dropped: Result<(), Error> = store
                .transaction(async |tx| {
                    held.after(tx)?;
                    insert::<DB>(tx, 1).await?;
                    under_way.add_permits(1);
                    std::future::pending().await
                })
                .await;
            dropped
        }
    });
    under_way.acquire().await.unwrap().forget();
    caller.abort();
    let _ = caller.await;
    fresh.store.close(LONG).await.unwrap();
    eventually("no transaction is left", async || DB::open_transactions(&fresh).await == 0).await;
    assert_eq!(fresh.rows().await, 0);
}

/// Work that comes too late is refused, and not lost.
async fn nothing_begins_in_a_store_that_is_closed<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    fresh.store.close(LONG).await.unwrap();
    let refused = fresh.store.spawn(async { panic!("it is not begun") }).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::PoolClosed);
    let place = async move |mut tx: RequestTx| {
        Held::new().after(&mut tx)?;
        Ok::<_, Error>(StatusCode::CREATED)
    };
    let app = ServiceBuilder::new().layer(RequestTransactions::new(fresh.store.clone())).service(service(place, ()));
    let answer = app.oneshot(Request::new(String::new())).await.unwrap();
    assert_eq!(answer.status(), 503);
}

#[tokio::test]
async fn nothing_begins_in_a_memory_that_is_closed() {
    let (store, held) = (Store::from(Memory::new(0)), Held::new());
    // If the hook ran, it would not wait.
    held.let_go();
    // It is not waited for to read.
    let reading = store.read_only();
    store.close(LONG).await.unwrap();
    let refused: Result<(), Error> = reading.transaction(async |tx| held.after(tx)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::PoolClosed);
    assert_eq!(store.spawn(async {}).await.unwrap_err().kind(), ErrorKind::PoolClosed);
}

/// The events of the publisher are given back, and no written event is lost.
async fn relays_end_with_their_store<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let outbox = Outbox::new();
    outbox.migrate(&fresh.store).await.unwrap();
    let event = || buttress::outbox::Event::new("told").key("a");
    fresh.store.transaction(async |tx| outbox.write(tx, event()).await).await.unwrap();
    let begun = Arc::new(Semaphore::new(0));
    let publisher = {
        let begun = Arc::clone(&begun);
        move |_: Delivery| {
            begun.add_permits(1);
            std::future::pending::<Result<(), Error>>()
        }
    };
    let relay = outbox.relay(&fresh.store, publisher).lease(LONG).spawn();
    begun.acquire().await.unwrap().forget();
    fresh.store.close(Duration::from_secs(4)).await.unwrap();
    let free = "SELECT count(*) FROM buttress_outbox WHERE claimed_by IS NULL AND attempts = 0";
    assert_eq!(fresh.number(free).await, 1, "any other relay may have it at once");
    assert_eq!(relay.stop(LONG).await.delivered, 0);
    let late = outbox.relay(&fresh.store, async |_: Delivery| Ok::<_, Error>(()));
    late.run(std::future::pending()).await;
}

/// The log lines of a hook that fails, and of one that panics, belong to the request.
async fn hooks_keep_the_span_of_their_request<DB: TestDatabase>() {
    // Other tests of this process capture the log of the whole process: their subscriber comes first.
    crate::capture::watch();
    let log = Log::start();
    for (n, road) in (1..).zip(ROADS) {
        let fresh = Fresh::<DB>::with_table(2).await;
        let span = info_span!("request", request.id = format!("id-{n}"));
        let bad = |tx: &mut Session| {
            tx.after_commit(async || Err::<(), _>(Error::new(ErrorKind::Other)))?;
            tx.after_commit(async || -> Result<(), Error> { panic!("of a hook") })?;
            tx.after_commit(async || {
                tracing::info!("said by a hook");
                Ok::<_, Error>(())
            })
        };
        let place = async move |mut tx: RequestTx| {
            bad(&mut tx)?;
            Ok::<_, Error>(StatusCode::CREATED)
        };
        let store = fresh.store.clone();
        let work = async {
            match road {
                Road::Store => store.transaction(async |tx| bad(tx)).await,
                Road::Once => store.transaction_once(async |tx| bad(tx)).await,
                Road::Typed => fresh.sql.transaction(TransactionOptions::new(), async |tx| bad(tx)).await,
                Road::Session => store.session().transaction(async |tx| bad(tx)).await,
                Road::Request => {
                    let layer = RequestTransactions::new(store);
                    let app = ServiceBuilder::new().layer(layer).service(service(place, ()));
                    app.oneshot(Request::new(String::new())).await.unwrap();
                    Ok(())
                }
            }
        };
        work.instrument(span).await.unwrap();
        for what in ["an after-commit hook failed", "an after-commit hook panicked", "said by a hook"] {
            let lines = log.lines(what);
            assert_eq!(lines.len(), n, "{road:?}: {lines:?}");
            assert!(lines[n - 1].contains(&format!("id-{n}")), "{road:?}: {lines:?}");
        }
    }
}

/// SQLite cannot stop a statement that waits for the lock of another process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_being_reset_is_named_and_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", dir.path().join("shop.db").display());
    let store = Connect::to(&file).unwrap().lock_timeout(LONG).open().await.unwrap();
    script::<Sqlite>(&mut store.session(), Sqlite::TABLE).await.unwrap();
    let mut other = SqliteConnection::connect(&file).await.unwrap();
    Sqlite::run_on(&mut other, "BEGIN IMMEDIATE").await.unwrap();
    let mut session = store.session();
    assert!(timeout(SHORT, insert::<Sqlite>(&mut session, 1)).await.is_err(), "it waits for the lock");
    drop(session);
    let open = store.close(SHORT).await.unwrap_err();
    assert_eq!(open.unfinished.to_string(), "connections being reset (1)");
    Sqlite::run_on(&mut other, "ROLLBACK").await.unwrap();
    store.close(LONG).await.unwrap();
}

/// A store answers until it is closed, and a relay until it has ended.
#[tokio::test]
async fn parts_can_be_asked_whether_they_work() {
    let fresh = Fresh::<Sqlite>::with_table(1).await;
    let outbox = Outbox::new();
    outbox.migrate(&fresh.store).await.unwrap();
    let relay = outbox.relay(&fresh.store, async |_: Delivery| Ok::<_, Error>(())).spawn();
    let parts: [&dyn Probe; 2] = [&fresh.store, &relay];
    for part in parts {
        part.probe(LONG).await.unwrap();
    }
    fresh.store.close(LONG).await.unwrap();
    let closed = parts[0].probe(LONG).await.unwrap_err().to_string();
    assert!(closed.starts_with("the pool is closed"), "{closed}");
    eventually("the relay has ended", async || parts[1].probe(LONG).await.is_err()).await;
    relay.stop(LONG).await;
}

#[tokio::test]
async fn a_transaction_has_so_many_hooks_and_no_more() {
    let (store, ran) = (Store::from(Memory::new(0)), Arc::<AtomicUsize>::default());
    let hook = |tx: &mut Session| {
        let ran = Arc::clone(&ran);
        tx.after_commit(async move || {
            ran.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Error>(())
        })
    };
    let many: Result<(), Error> = store
        .transaction(async |tx| {
            for _ in 0..10_000 {
                hook(tx)?;
            }
            assert_eq!(hook(tx).unwrap_err().kind(), ErrorKind::Unsupported);
            Ok(())
        })
        .await;
    many.unwrap();
    assert_eq!(ran.load(Ordering::SeqCst), 10_000);
}

/// On the current thread, whose log is read.
mod hooks_keep_the_span_of_their_request {
    #[tokio::test]
    async fn postgres() {
        super::hooks_keep_the_span_of_their_request::<sqlx::Postgres>().await;
    }

    #[tokio::test]
    async fn sqlite() {
        super::hooks_keep_the_span_of_their_request::<sqlx::Sqlite>().await;
    }
}

on_every_database! {
    a_store_waits_for_the_hooks_of_callers_that_left;
    a_store_waits_for_the_hooks_of_transactions_under_way;
    a_hook_may_use_the_store_that_closes;
    a_store_waits_for_the_end_of_a_dropped_transaction;
    nothing_begins_in_a_store_that_is_closed;
    relays_end_with_their_store;
}
