//! The client leaves at every possible moment.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use buttress::store::Error;
use buttress::transaction::RequestTx;
use http::{Request, StatusCode};
use tower::ServiceExt;

use super::{Answer, App, app_on, insert, said};
use crate::support::{Fresh, TestDatabase, eventually, soak};

/// Polls the request this many times, and then drops it, unless it is answered.
async fn polled(app: &App, polls: usize) -> Option<Answer> {
    let (mut request, mut left) = (pin!(app.clone().oneshot(Request::new(String::new()))), polls);
    poll_fn(|cx| {
        left -= 1;
        match request.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer.unwrap())),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

async fn a_client_that_leaves_leaves_all_or_nothing<DB: TestDatabase>() {
    let fresh = Fresh::<DB>::with_table(1).await;
    for (status, kept) in [(201, 2), (409, 0)].repeat(soak(1, 20)) {
        let place = async move |mut tx: RequestTx| {
            insert::<DB>(&mut tx, 1).await?;
            tokio::task::yield_now().await;
            insert::<DB>(&mut tx, 2).await?;
            tokio::task::yield_now().await;
            Ok::<_, Error>(StatusCode::from_u16(status).unwrap())
        };
        let app = app_on(&fresh, place);
        for polls in 1.. {
            let answer = polled(&app, polls).await;
            fresh.pool_is_clean().await;
            eventually("the commit has ended", async || fresh.store.pool_stats().in_use() == 0).await;
            let rows = fresh.rows().await;
            assert!(rows == 0 || rows == kept, "after {polls} polls there are {rows} rows");
            fresh.run("DELETE FROM t").await;
            if let Some(answer) = answer {
                assert_eq!((said(&answer), rows), ((status, ""), kept));
                assert!(polls > 2, "the request was done too soon to see anything");
                break;
            }
        }
    }
}

on_every_database! {
    a_client_that_leaves_leaves_all_or_nothing;
}
