//! On the in-memory store, as in the unit tests of a service.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use buttress::handler::{FromRequestParts, service};
use buttress::store::{Error, ErrorKind, Memory, Session, Store, TransactionOptions};
use buttress::transaction::{RequestTransactions, RequestTx};
use buttress::{Problem, State};
use http::response::Parts;
use http::{Request, Response, StatusCode};
use tokio::sync::mpsc;
use tower::{Layer, ServiceExt};

use super::{app, said, send};
use crate::support::Log;

type Rows = Vec<i32>;

fn store() -> (Memory<Rows>, Store) {
    let memory = Memory::new(Vec::new());
    (memory.clone(), Store::from(memory))
}

async fn push(on: &mut Session, id: i32) -> Result<(), Error> {
    on.memory::<Rows>()?.write(|rows| rows.push(id)).await
}

/// A transaction of its own.
async fn one_more(store: &Store, id: i32) -> Result<(), Error> {
    store.transaction(async |tx| push(tx, id).await).await
}

#[tokio::test]
async fn it_is_kept_or_not_as_in_a_database() {
    let (memory, store) = store();
    for (status, kept) in [(409, &[][..]), (500, &[]), (201, &[1]), (422, &[1])] {
        let place = async move |mut tx: RequestTx| {
            push(&mut tx, 1).await?;
            Ok::<_, Error>(StatusCode::from_u16(status).unwrap())
        };
        let answer = send(&app(RequestTransactions::new(store.clone()), place)).await;
        assert_eq!((said(&answer), &**memory.committed()), ((status, ""), kept));
    }
}

#[tokio::test]
async fn without_the_layer_a_handle_is_a_server_error() {
    let place = async |_: RequestTx| StatusCode::CREATED;
    let answer = service(place, ()).oneshot(Request::new(String::new())).await.unwrap();
    assert_eq!(answer.status(), 500);
    let problem = answer.extensions().get::<Problem>().unwrap();
    assert!(std::error::Error::source(problem).unwrap().to_string().contains("RequestTransactions"));
}

#[tokio::test]
async fn a_handle_that_is_still_held_is_told_to_the_log() {
    let log = Log::start();
    let (memory, store) = store();
    let place = async |mut tx: RequestTx| {
        push(&mut tx, 1).await?;
        std::mem::forget(tx);
        Ok::<_, Error>(StatusCode::CREATED)
    };
    let answer = send(&app(RequestTransactions::new(store), place)).await;
    assert_eq!(said(&answer), (500, "internal"));
    drop(answer);
    let lines = log.lines("still in use");
    assert!(lines.len() == 1 && lines[0].contains("ERROR"), "{lines:?}");
    assert!(memory.committed().is_empty());
}

/// An error of the service itself is not a response: nothing is kept, and the error passes on outwards.
#[tokio::test]
async fn an_error_of_the_service_is_rolled_back() {
    let log = Log::start();
    let (memory, store) = store();
    for keeps in [false, true] {
        let fails = tower::service_fn(move |request: Request<String>| async move {
            let (mut parts, _) = request.into_parts();
            let mut tx: RequestTx = RequestTx::from_request_parts(&mut parts, &()).await.unwrap();
            push(&mut tx, 1).await.unwrap();
            if keeps {
                std::mem::forget(tx);
            }
            Err::<Response<String>, _>(std::io::Error::other("broken"))
        });
        let layer = RequestTransactions::new(store.clone());
        let failed = layer.layer(fails).oneshot(Request::new(String::new())).await;
        assert_eq!(failed.unwrap_err().to_string(), "broken");
    }
    assert_eq!(log.lines("still in use").len(), 1);
    assert!(memory.committed().is_empty());
}

/// A service that is written by hand may hold its handle until it is dropped, which happens when it has answered.
#[tokio::test]
async fn a_handle_in_the_future_of_the_service_is_back_in_time() {
    let (memory, store) = store();
    let keeps = tower::service_fn(|request: Request<String>| {
        let (mut parts, _) = request.into_parts();
        let mut work = Box::pin(async move {
            let mut tx = RequestTx::<()>::from_request_parts(&mut parts, &()).await?;
            push(&mut tx, 1).await?;
            Ok::<_, Problem>(tx)
        });
        let mut kept = Vec::new();
        std::future::poll_fn(move |cx| {
            kept.push(std::task::ready!(work.as_mut().poll(cx)).unwrap());
            Poll::Ready(Ok::<_, Infallible>(Response::new(String::new())))
        })
    });
    let layer = RequestTransactions::new(store);
    let answer = layer.layer(keeps).oneshot(Request::new(String::new())).await.unwrap();
    assert_eq!((answer.status().as_u16(), &**memory.committed()), (200, &[1][..]));
}

/// Before the request's transaction has begun, there is nothing to wait for; inside it, a second one fails at once.
#[tokio::test]
async fn a_second_transaction_on_one_writer_fails_at_once() {
    let (memory, store) = store();
    let inner = store.clone();
    let place = async move |request: Request<String>| {
        let (mut parts, _) = request.into_parts();
        one_more(&inner, 1).await?;
        let tx = RequestTx::<()>::from_request_parts(&mut parts, &()).await?;
        assert_eq!(one_more(&inner, 7).await.unwrap_err().kind(), ErrorKind::WouldDeadlock);
        drop(tx);
        assert_eq!(
            one_more(&inner, 7).await.unwrap_err().kind(),
            ErrorKind::WouldDeadlock,
            "it is open until the answer"
        );
        Ok::<_, Problem>(StatusCode::CREATED)
    };
    assert_eq!(said(&send(&app(RequestTransactions::new(store.clone()), place)).await), (201, ""));
    one_more(&store, 2).await.unwrap();
    assert_eq!(*memory.committed(), [1, 2]);
}

/// Another task may wait for the request to end.
#[tokio::test]
async fn a_task_of_its_own_waits_for_the_request() {
    let (memory, store) = store();
    let later = store.clone();
    let place = async move |mut tx: RequestTx| {
        push(&mut tx, 1).await?;
        let later = later.clone();
        tokio::spawn(async move { one_more(&later, 2).await });
        tokio::task::yield_now().await;
        Ok::<_, Error>(StatusCode::CREATED)
    };
    assert_eq!(said(&send(&app(RequestTransactions::new(store.clone()), place)).await), (201, ""));
    one_more(&store, 3).await.unwrap();
    assert_eq!(*memory.committed(), [1, 2, 3]);
}

/// A store's own transaction around the whole service counts as well.
#[tokio::test]
async fn a_request_inside_a_transaction_of_its_store_fails_at_once() {
    let (_, store) = store();
    let place = async |mut tx: RequestTx| push(&mut tx, 1).await;
    let app = app(RequestTransactions::new(store.clone()), place);
    let answer = store.transaction(async |_| Ok::<_, Error>(send(&app).await)).await.unwrap();
    let problem = answer.extensions().get::<Problem>().unwrap();
    assert_eq!(problem.error::<Error>().unwrap().kind(), ErrorKind::WouldDeadlock);
}

struct Orders;
struct Ledger;

/// Two stores, each with its layer; both marks are visible inside both layers.
#[tokio::test]
async fn several_stores_are_told_apart() {
    let ((orders, order_store), (ledger, ledger_store)) = (store(), store());
    for (status, kept) in [(409, &[][..]), (201, &[1])] {
        let stores = [order_store.clone(), ledger_store.clone()];
        let place = async move |mut orders: RequestTx<Orders>, mut ledger: RequestTx<Ledger>| {
            push(&mut orders, 1).await?;
            push(&mut ledger, 1).await?;
            for store in &stores {
                let second: Result<(), Error> = store.transaction(async |_| Ok(())).await;
                assert_eq!(second.unwrap_err().kind(), ErrorKind::WouldDeadlock);
            }
            Ok::<_, Error>(StatusCode::from_u16(status).unwrap())
        };
        let inner = RequestTransactions::new(order_store.clone()).named::<Orders>().layer(service(place, ()));
        let both = RequestTransactions::new(ledger_store.clone()).named::<Ledger>().layer(inner);
        let answer = both.oneshot(Request::new(String::new())).await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!((&**orders.committed(), &**ledger.committed()), (kept, kept));
    }
}

#[tokio::test]
async fn who_only_reads_waits_for_no_writer() {
    let (_, store) = store();
    let mut writer = store.session();
    let reads = async |mut tx: RequestTx| {
        assert!(tx.memory::<Rows>()?.read(Vec::is_empty));
        push(&mut tx, 1).await
    };
    let app = app(RequestTransactions::new(store.read_only()), reads);
    let answer = writer.transaction(async |_| Ok::<_, Error>(send(&app).await)).await.unwrap();
    assert_eq!(said(&answer), (500, "internal"), "a mistake of the program");
}

/// A begin that fails is the store's problem, and the deadline limits the wait for a begin.
#[tokio::test(start_paused = true)]
async fn a_begin_that_cannot_be_is_a_503() {
    let (_, store) = store();
    let place = async |_: RequestTx| StatusCode::CREATED;
    let options = TransactionOptions::new().deadline(Duration::from_secs(2));
    let hasty = app(RequestTransactions::new(store.clone()).options(options), place);
    let mut writer = store.session();
    let busy = writer.transaction(async |_| {
        let hasty = tokio::spawn(async move { said(&send(&hasty).await).0 });
        Ok::<_, Error>(hasty.await.unwrap())
    });
    assert_eq!(busy.await.unwrap(), 503);

    store.close(Duration::from_secs(1)).await.unwrap();
    assert_eq!(said(&send(&app(RequestTransactions::new(store), place)).await), (503, "unavailable"));
}

/// The handler's own state and the transaction are two arguments.
#[tokio::test]
async fn it_is_an_argument_beside_others() {
    let (memory, store) = store();
    let place = async |State(id): State<Arc<i32>>, mut tx: RequestTx| push(&mut tx, *id).await;
    let service = RequestTransactions::new(store).layer(service(place, Arc::new(7)));
    assert_eq!(service.oneshot(Request::new(String::new())).await.unwrap().status(), 200);
    assert_eq!(*memory.committed(), [7]);
}

/// A deadline that overflows the clock never comes.
#[tokio::test]
async fn any_deadline_is_taken() {
    let (memory, store) = store();
    let place = async |mut tx: RequestTx| {
        tokio::task::yield_now().await;
        push(&mut tx, 1).await?;
        tokio::task::yield_now().await;
        Ok::<_, Error>(StatusCode::CREATED)
    };
    let layer = RequestTransactions::new(store).options(TransactionOptions::new().deadline(Duration::MAX));
    assert_eq!(said(&send(&app(layer, place)).await), (201, ""));
    assert_eq!(*memory.committed(), [1]);
}

/// The progress of a dropped handler is unknown, whatever the policy says about the response.
#[tokio::test(start_paused = true)]
async fn the_deadline_is_not_the_policys_to_judge() {
    let (memory, store) = store();
    let place = async |mut tx: RequestTx| {
        push(&mut tx, 1).await?;
        std::future::pending::<()>().await;
        push(&mut tx, 2).await
    };
    let options = TransactionOptions::new().deadline(Duration::from_secs(2));
    let layer = RequestTransactions::new(store).options(options).policy(|_: &Parts| true);
    assert_eq!(said(&send(&app(layer, place)).await), (503, "unavailable"));
    assert!(memory.committed().is_empty());
}

/// The client has waited long enough: work after the commit continues by itself.
#[tokio::test(start_paused = true)]
async fn hooks_do_not_outstay_the_deadline() {
    let (memory, store) = store();
    let (tells, mut told) = mpsc::unbounded_channel();
    let place = async move |mut tx: RequestTx| {
        push(&mut tx, 1).await?;
        let tells = tells.clone();
        tx.after_commit(async move || {
            tokio::time::sleep(Duration::from_secs(60)).await;
            tells.send(())
        })?;
        Ok::<_, Error>(StatusCode::CREATED)
    };
    let layer = RequestTransactions::new(store).options(TransactionOptions::new().deadline(Duration::from_secs(2)));
    let answer = tokio::time::timeout(Duration::from_secs(10), send(&app(layer, place))).await;
    assert_eq!((said(&answer.unwrap()), &**memory.committed()), ((201, ""), &[1][..]));
    told.recv().await.expect("the hook runs");
}

/// Its log lines belong to the request that started it.
#[tokio::test]
async fn detached_work_logs_as_a_part_of_its_request() {
    let log = Log::start();
    let (_, store) = store();
    let span = tracing::info_span!("the_request");
    span.in_scope(|| store.spawn(async { tracing::info!("still at work") })).await.unwrap();
    assert!(log.lines("still at work")[0].contains("the_request"));
}
