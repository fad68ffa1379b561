//! The handle: one at a time, and returned before the response.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use buttress::Problem;
use buttress::body::Body;
use buttress::handler::{FromRequestParts, Response};
use buttress::store::{Error, ErrorKind};
use buttress::transaction::RequestTx;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body::Frame;
use sqlx::Executor;
use tokio::sync::oneshot;

use super::{app_on, insert, said, send, two_rows};
use crate::support::{Fresh, TestDatabase};

/// Takes the handle of the request with this head.
async fn take(parts: &mut http::request::Parts) -> Result<RequestTx, Problem> {
    RequestTx::from_request_parts(parts, &()).await
}

async fn a_handle_in_a_task_that_goes_on_is_an_error<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let (answered, waits) = oneshot::channel::<()>();
    let (tells, later) = oneshot::channel();
    let waits = Arc::new(Mutex::new(Some((waits, tells))));
    let forgetful = async move |mut tx: RequestTx| {
        two_rows::<DB>(&mut tx, 201).await?;
        let (waits, tells) = waits.lock().unwrap().take().unwrap();
        tokio::spawn(async move {
            waits.await.unwrap();
            let after = insert::<DB>(&mut tx, 3).await;
            drop(tx);
            tells.send(after).unwrap();
        });
        Ok::<_, Error>(StatusCode::CREATED)
    };
    let answer = send(&app_on(&fresh, forgetful)).await;
    assert_eq!(said(&answer), (500, "internal"));
    answered.send(()).unwrap();
    assert_eq!(later.await.unwrap().unwrap_err().kind(), ErrorKind::Aborted);
    fresh.pool_is_clean().await;
    assert_eq!(fresh.rows().await, 0);
}

/// It has not begun yet when the response comes, and must not begin afterwards.
async fn a_handle_that_was_not_used_yet_is_an_error<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let (answered, waits) = oneshot::channel::<()>();
    let (tells, later) = oneshot::channel();
    let waits = Arc::new(Mutex::new(Some((waits, tells))));
    let forgetful = async move |mut tx: RequestTx| {
        let (waits, tells) = waits.lock().unwrap().take().unwrap();
        tokio::spawn(async move {
            waits.await.unwrap();
            tells.send(insert::<DB>(&mut tx, 3).await).unwrap();
        });
        StatusCode::CREATED
    };
    assert_eq!(said(&send(&app_on(&fresh, forgetful)).await), (500, "internal"));
    answered.send(()).unwrap();
    assert_eq!(later.await.unwrap().unwrap_err().kind(), ErrorKind::Aborted);
    assert_eq!((fresh.rows().await, fresh.store.pool_stats().acquired), (0, 0));
}

/// A body that reads in the transaction of its request.
struct Rows(#[allow(dead_code)] RequestTx);

impl http_body::Body for Rows {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(None)
    }
}

async fn a_handle_in_the_response_body_is_an_error<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let streams = async |mut tx: RequestTx| {
        two_rows::<DB>(&mut tx, 200).await?;
        Ok::<_, Error>(Response::new(Body::boxed(Rows(tx))))
    };
    assert_eq!(said(&send(&app_on(&fresh, streams)).await), (500, "internal"));
    fresh.pool_is_clean().await;
    assert_eq!(fresh.rows().await, 0);
}

/// A task that is awaited has returned the handle.
async fn a_handle_may_go_to_another_task_and_back<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let place =
        async |mut tx: RequestTx| tokio::spawn(async move { two_rows::<DB>(&mut tx, 201).await }).await.unwrap();
    for id in 0..20 {
        assert_eq!(said(&send(&app_on(&fresh, place)).await), (201, ""), "{id}");
        assert_eq!(fresh.rows().await, 2);
        fresh.run("DELETE FROM t").await;
    }
}

async fn two_handles_at_once_are_an_error<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let greedy = async |_: RequestTx, _: RequestTx| StatusCode::CREATED;
    let answer = send(&app_on(&fresh, greedy)).await;
    assert_eq!(said(&answer), (500, "internal"));
    let problem = answer.extensions().get::<Problem>().unwrap();
    let why = std::error::Error::source(problem).unwrap().to_string();
    assert!(why.contains("in use"), "{why}");
    assert_eq!(fresh.store.pool_stats().acquired, 0);
}

/// Like a middleware and its handler.
async fn one_handle_after_the_other_goes_on_in_the_same_transaction<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    for (status, rows) in [(409, 0), (201, 2)] {
        let place = async move |request: Request<String>| {
            let (mut parts, _) = request.into_parts();
            for id in 1..=2 {
                let mut tx = take(&mut parts).await?;
                insert::<DB>(&mut tx, id).await?;
                let seen = tx.sql::<DB>().await?.fetch_all("SELECT 1 FROM t").await.map_err(Error::from)?;
                assert_eq!(seen.len(), usize::try_from(id).unwrap());
            }
            Ok::<_, Problem>(StatusCode::from_u16(status).unwrap())
        };
        assert_eq!(said(&send(&app_on(&fresh, place)).await), (status, ""));
        assert_eq!(fresh.rows().await, rows);
    }
}

/// Code that keeps the head of the request after the response gets no handle any more.
async fn nothing_begins_after_the_answer<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(2).await;
    let kept = Arc::new(Mutex::new(None));
    let keeps = Arc::clone(&kept);
    let place = async move |request: Request<String>| {
        *keeps.lock().unwrap() = Some(request.into_parts().0);
        StatusCode::CREATED
    };
    assert_eq!(said(&send(&app_on(&fresh, place)).await), (201, ""));
    let mut parts = kept.lock().unwrap().take().unwrap();
    assert_eq!(take(&mut parts).await.unwrap_err().code(), "internal");
}

on_every_database! {
    a_handle_in_a_task_that_goes_on_is_an_error;
    a_handle_that_was_not_used_yet_is_an_error;
    a_handle_in_the_response_body_is_an_error;
    a_handle_may_go_to_another_task_and_back;
    two_handles_at_once_are_an_error;
    one_handle_after_the_other_goes_on_in_the_same_transaction;
    nothing_begins_after_the_answer;
}
