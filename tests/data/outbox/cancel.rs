//! A relay that is dropped at any point.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use buttress::outbox::Outbox;

use super::scene::{Inbox, Scene, event, hurried, in_time};
use crate::support::TestDatabase;

/// Polls a future up to `n` times; returns whether it finished.
async fn at_most<F: Future>(n: usize, future: F) -> bool {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|cx| {
        polls += 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if polls == n => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

async fn a_relay_can_be_dropped_at_every_poll<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let inbox = Inbox::default();
    let relay = |inbox: &Inbox| {
        let outbox = Outbox::new();
        hurried(outbox.relay(&scene.fresh.store, inbox.publisher())).lease(Duration::from_millis(500)).batch(2)
    };
    let mut written = Vec::new();
    let (mut polls, mut drops) = (1, 0);
    for n in 1.. {
        for part in ["first", "second"] {
            let text = format!("{n} {part}");
            scene.commit([event(None, &text).key(n)]).await;
            written.push(text);
        }
        // Until then it claims both, one after the other; the rest of earlier rounds is claimed or ahead of them.
        let last = async || inbox.texts().contains(&format!("{n} second"));
        let ended = at_most(polls, relay(&inbox).run(async { in_time("the last one came", last).await })).await;
        scene.fresh.pool_is_clean().await;
        // A server that answers before the test looks leaves few moments to drop the relay. In that case the test tries
        // once more.
        if !ended {
            (polls, drops) = (polls + 1, drops + 1);
        } else if drops > 10 {
            break;
        } else {
            polls = 1;
        }
    }
    let running = relay(&inbox).spawn();
    scene.is_empty().await;
    running.stop(Duration::from_secs(5)).await;
    let came = inbox.texts();
    assert_eq!(BTreeSet::from_iter(&came), BTreeSet::from_iter(&written), "nothing is lost, nothing is invented");
    for pair in written.chunks(2) {
        let place = |text| came.iter().position(|came| came == text).unwrap();
        assert!(place(&pair[0]) < place(&pair[1]), "{pair:?}");
    }
}

on_every_database! {
    a_relay_can_be_dropped_at_every_poll;
}
