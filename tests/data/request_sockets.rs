//! Transactions of requests, in axum and on plain hyper, with the standard stack around them.

use std::future::pending;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use buttress::handler::{Handler, service};
use buttress::layer::TimeoutLayer;
use buttress::stack::{Stack, StackRequestBody};
use buttress::store::{Error, Memory, Store};
use buttress::transaction::{RequestTransactions, RequestTx};
use http::StatusCode;
use hyper::body::Incoming;
use sqlx::Postgres;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tower::ServiceBuilder;

use crate::request::{Gate, insert, two_rows};
use crate::support::{Fresh, Host, Inside, Protocol, TestDatabase, eventually, soak};

/// One handler on both servers, with the layers around each request.
struct Hosts {
    hosts: [Host; 2],
    inside: Inside,
}

impl Hosts {
    async fn start<T: 'static, A: 'static>(
        store: &Store,
        stack: Stack,
        handler: impl Handler<T, (), StackRequestBody<Incoming>> + axum::handler::Handler<A, ()>,
    ) -> Self {
        let inside = Inside::default();
        let layers =
            ServiceBuilder::new().layer(stack).layer(inside.clone()).layer(RequestTransactions::new(store.clone()));
        let plain = Host::start(layers.clone().service(service(handler.clone(), ()))).await;
        let axum = Host::start(Router::new().route("/", post(handler)).layer(layers)).await;
        Self { hosts: [plain, axum], inside }
    }

    /// Both servers over both protocols.
    fn all(&self) -> impl Iterator<Item = (&Host, Protocol)> {
        let both = |host| [Protocol::Http1, Protocol::Http2].map(|protocol| (host, protocol));
        self.hosts.iter().flat_map(both)
    }

    /// Waits until a server has seen that its client left.
    async fn are_empty(&self) {
        eventually("the server has dropped the request", async || self.inside.count() == 0).await;
    }
}

async fn who_is_told_of_a_success_finds_it<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(4).await;
    let next = Arc::new(AtomicI64::new(1));
    let place = async move |mut tx: RequestTx| {
        let id = next.fetch_add(1, Ordering::Relaxed);
        insert::<DB>(&mut tx, id).await?;
        Ok::<_, Error>(id.to_string())
    };
    let hosts = Hosts::start(&fresh.store, Stack::new(), place).await;
    for (host, protocol) in hosts.all() {
        let clients = (0..8).map(async |_| {
            for _ in 0..soak(2, 50) {
                let reply = host.post(protocol).await.reply().await;
                assert_eq!(reply.status, 200, "{reply:?}");
                let row = format!("SELECT count(*) FROM t WHERE id = {}", reply.body);
                assert_eq!(fresh.number(&row).await, 1, "{protocol:?}");
            }
        });
        futures_util::future::join_all(clients).await;
    }
    fresh.pool_is_clean().await;
}

async fn whatever_goes_wrong_nothing_is_kept<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let (next, held) = (Arc::new(AtomicI64::new(0)), Arc::new(Mutex::new(None)));
    let keeps = Arc::clone(&held);
    let place = async move |mut tx: RequestTx| {
        two_rows::<DB>(&mut tx, 201).await?;
        match next.fetch_add(1, Ordering::Relaxed) % 4 {
            0 => panic!("at the worst moment"),
            1 => pending().await,
            2 => *keeps.lock().unwrap() = Some(tx),
            _ => insert::<DB>(&mut tx, 2).await?,
        }
        Ok::<_, Error>(StatusCode::CREATED)
    };
    let stack = Stack::new().timeout(TimeoutLayer::new(Duration::from_millis(500)));
    let hosts = Hosts::start(&fresh.store, stack, place).await;
    for (host, protocol) in hosts.all() {
        for expected in [(500, "internal"), (503, "timeout"), (500, "internal"), (500, "internal")] {
            let reply = host.post(protocol).await.reply().await;
            assert_eq!(reply.said(), (expected.0, expected.1.to_owned()), "{protocol:?}");
            assert!(reply.headers.contains_key("x-request-id"));
            assert_eq!(fresh.rows().await, 0);
            drop(held.lock().unwrap().take());
            fresh.pool_is_clean().await;
        }
    }
}

async fn a_client_that_leaves_while_the_handler_runs_leaves_nothing<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(1).await;
    let (tells, mut told) = mpsc::unbounded_channel();
    let place = async move |mut tx: RequestTx| {
        two_rows::<DB>(&mut tx, 201).await?;
        tells.send(()).unwrap();
        pending::<Result<StatusCode, Error>>().await
    };
    let hosts = Hosts::start(&fresh.store, Stack::new(), place).await;
    for (host, protocol) in hosts.all() {
        let request = host.post(protocol).await;
        told.recv().await.unwrap();
        request.leave();
        hosts.are_empty().await;
        fresh.pool_is_clean().await;
        assert_eq!(fresh.rows().await, 0);
    }
}

/// The work continues without its client, and a shutdown waits for it.
async fn detached_work_ends_although_its_client_left<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let (tells, mut told) = mpsc::unbounded_channel();
    let (gate, store) = (Arc::new(Notify::new()), fresh.store.clone());
    let opens = Arc::clone(&gate);
    let next = Arc::new(AtomicI64::new(1));
    let place = async move || {
        let (gate, inside, id) = (Arc::clone(&gate), store.clone(), next.fetch_add(1, Ordering::Relaxed));
        let work = store.spawn(async move {
            gate.notified().await;
            inside.transaction(async |tx| insert::<DB>(tx, id).await).await
        });
        tells.send(()).unwrap();
        work.await??;
        Ok::<_, Error>(StatusCode::CREATED)
    };
    let hosts = Hosts::start(&fresh.store, Stack::new(), place).await;
    for (host, protocol) in hosts.all() {
        let request = host.post(protocol).await;
        told.recv().await.unwrap();
        request.leave();
        hosts.are_empty().await;
    }
    assert_eq!(fresh.rows().await, 0, "the work waits");
    let (closed, ()) = futures_util::future::join(fresh.store.close(Duration::from_secs(10)), async {
        tokio::task::yield_now().await;
        opens.notify_waiters();
    })
    .await;
    assert_eq!((closed, fresh.rows().await), (Ok(()), 4));
}

on_every_database! {
    who_is_told_of_a_success_finds_it;
    whatever_goes_wrong_nothing_is_kept;
    a_client_that_leaves_while_the_handler_runs_leaves_nothing;
    detached_work_ends_although_its_client_left;
}

#[tokio::test]
async fn a_shutdown_that_cannot_wait_says_what_still_runs() {
    let store = Store::from(Memory::new(0));
    for _ in 0..2 {
        drop(store.spawn(pending::<()>()));
    }
    let left = store.close(Duration::from_millis(50)).await.unwrap_err();
    assert_eq!((left.unfinished.count(), left.connections), (2, 0));
    assert!(left.to_string().ends_with("still running: spawned work (2)"), "{left}");
}

/// The commit has been sent when the client leaves: it is completed, and a shutdown waits for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_during_the_commit_does_not_stop_it() {
    let fresh = Fresh::<Postgres>::with_table(2).await;
    let (tells, mut told) = mpsc::unbounded_channel();
    let place = async move |mut tx: RequestTx| {
        let tells = tells.clone();
        tx.after_commit(async move || tells.send(()))?;
        two_rows::<Postgres>(&mut tx, 201).await
    };
    let hosts = Hosts::start(&fresh.store, Stack::new(), place).await;
    Gate::make(&fresh).await;
    for (host, protocol) in hosts.all() {
        let gate = Gate::shut(&fresh).await;
        let request = host.post(protocol).await;
        eventually("the commit is on its way", async || Gate::waiting(&fresh).await == 1).await;
        request.leave();
        hosts.are_empty().await;
        assert_eq!((Gate::waiting(&fresh).await, fresh.rows().await), (1, 0));
        gate.open().await;
        told.recv().await.expect("the hook runs");
        assert_eq!(fresh.rows().await, 2);
        fresh.pool_is_clean().await;
        fresh.run("DELETE FROM t").await;
    }
}

/// The commit, and the work after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_waits_for_the_commit_and_its_hooks() {
    let fresh = Fresh::<Postgres>::with_table(2).await;
    let done = Arc::new(AtomicI64::new(0));
    let count = Arc::clone(&done);
    let place = async move |mut tx: RequestTx| {
        let count = Arc::clone(&count);
        tx.after_commit(async move || {
            tokio::time::sleep(Duration::from_millis(200)).await;
            count.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Error>(())
        })?;
        two_rows::<Postgres>(&mut tx, 201).await
    };
    let hosts = Hosts::start(&fresh.store, Stack::new(), place).await;
    Gate::make(&fresh).await;
    let gate = Gate::shut(&fresh).await;
    let (host, protocol) = hosts.all().next().unwrap();
    let request = host.post(protocol).await;
    eventually("the commit is on its way", async || Gate::waiting(&fresh).await == 1).await;
    request.leave();
    let left = fresh.store.close(Duration::from_millis(50)).await.unwrap_err();
    let unfinished = "after-commit hooks (1), ends of request transactions (1)";
    assert_eq!((left.connections, left.unfinished.to_string().as_str()), (1, unfinished));
    gate.open().await;
    fresh.store.close(Duration::from_secs(10)).await.unwrap();
    assert_eq!((done.load(Ordering::SeqCst), fresh.rows().await), (1, 2));
}

/// A timeout outside cannot know how far the commit is: the client is told that it took too long, and the commit
/// continues.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timeout_during_the_commit_does_not_stop_it() {
    let fresh = Fresh::<Postgres>::with_table(2).await;
    let place = async |mut tx: RequestTx| two_rows::<Postgres>(&mut tx, 201).await;
    let stack = Stack::new().timeout(TimeoutLayer::new(Duration::from_millis(500)));
    let hosts = Hosts::start(&fresh.store, stack, place).await;
    Gate::make(&fresh).await;
    let gate = Gate::shut(&fresh).await;
    let (host, protocol) = hosts.all().next().unwrap();
    let reply = host.post(protocol).await.reply().await;
    assert_eq!((reply.said(), fresh.rows().await), ((503, "timeout".to_owned()), 0));
    gate.open().await;
    eventually("the commit has ended", async || fresh.rows().await == 2).await;
}

/// A slow upload holds no connection, and one that is broken off costs none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_holds_no_connection() {
    let fresh = Fresh::<Postgres>::with_table(1).await;
    let inside = Inside::default();
    let place = async |mut tx: RequestTx, _: axum::body::Bytes| two_rows::<Postgres>(&mut tx, 201).await;
    let layers = ServiceBuilder::new().layer(inside.clone()).layer(RequestTransactions::new(fresh.store.clone()));
    let host = Host::start(Router::new().route("/", post(place)).layer(layers)).await;
    let mut client = TcpStream::connect(host.address).await.unwrap();
    client.write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf").await.unwrap();
    eventually("the request is there", async || inside.count() == 1).await;
    drop(client);
    eventually("the server has dropped the request", async || inside.count() == 0).await;
    assert_eq!((fresh.store.pool_stats().acquired, fresh.rows().await), (0, 0));
}
