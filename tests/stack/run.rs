//! A client that follows a test's script, and records everything that it can observe.

use std::fmt::Write;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use buttress::Problem;
use buttress::telemetry::QueryStats;
use http::{Request, Response};
use http_body::Body;
use tower::Service;

use crate::capture::Capture;
use crate::script::{Pieces, Script};
use crate::setting::{Boxed, BoxedBody, Setting};

/// The point at which the client leaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) polls: usize,
    pub(crate) frames: usize,
}

/// Stays until the end.
pub(crate) const PATIENT: Patience = Patience { polls: 100, frames: 100 };

/// Sends the same request through both, asserts that there is no difference, and returns the record.
pub(crate) async fn same(setting: &Setting, script: &Script, request: &Request<Pieces>, patience: Patience) -> String {
    let fused = observe(setting.fused(script.clone()), request.clone(), patience).await;
    let by_hand = observe(setting.by_hand(script.clone()), request.clone(), patience).await;
    assert!(
        fused == by_hand,
        "{setting:?}\n{script:?}\n{request:?}\n{patience:?}\nfused:\n{fused}\nby hand:\n{by_hand}"
    );
    fused
}

async fn observe(mut service: Boxed, request: Request<Pieces>, patience: Patience) -> String {
    let capture = Capture::new();
    let mut out = String::new();
    let cx = &mut Context::from_waker(Waker::noop());
    writeln!(out, "ready {:?}", service.poll_ready(cx)).unwrap();
    let mut future = Box::pin(service.call(request));
    let response = poll(&mut out, patience.polls, || future.as_mut().poll(cx).map(Result::unwrap)).await;
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
    writeln!(out, "dropped {}", dropped.is_ok()).unwrap();
    if let Some(response) = response {
        note_head(&mut out, &response);
        note_body(&mut out, response.into_body(), patience.frames).await;
    }
    // The end of a transaction may run in a task. The clock, which stands still, goes on once no task has work left.
    tokio::time::sleep(Duration::from_secs(1)).await;
    note_log(&mut out, &capture);
    without_made_ids(&out)
}

/// Polls once a second.
async fn poll<T>(out: &mut String, times: usize, mut poll: impl FnMut() -> Poll<T>) -> Option<T> {
    for at in 0..times {
        if let Poll::Ready(ready) = poll() {
            writeln!(out, "ready at poll {at}").unwrap();
            return Some(ready);
        }
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    None
}

fn note_head(out: &mut String, response: &Response<BoxedBody>) {
    writeln!(out, "{:?} {}", response.version(), response.status()).unwrap();
    for (name, value) in response.headers() {
        let value = if name == "traceresponse" { "<trace>" } else { value.to_str().unwrap() };
        writeln!(out, "{name}: {value}").unwrap();
    }
    writeln!(out, "problem: {:?}", response.extensions().get::<Problem>()).unwrap();
    writeln!(out, "{:?}", response.extensions().get::<QueryStats>()).unwrap();
}

async fn note_body(out: &mut String, mut body: BoxedBody, frames: usize) {
    for _ in 0..frames {
        writeln!(out, "{:?} {}", body.size_hint(), body.is_end_stream()).unwrap();
        let frame = poll(out, 100, || Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop()))).await;
        writeln!(out, "{frame:?}").unwrap();
        if matches!(frame, None | Some(None)) {
            // Some servers poll again after the end.
            writeln!(out, "{:?} {}", body.size_hint(), body.is_end_stream()).unwrap();
            break;
        }
    }
}

fn note_log(out: &mut String, capture: &Capture) {
    let mut seen = capture.seen();
    for name in ["trace_id", "span_id"] {
        spans_have(&mut seen.spans, name);
    }
    for span in &seen.spans {
        writeln!(out, "{span:?}").unwrap();
    }
    for event in &mut seen.events {
        if let Some(latency) = event.fields.get_mut("latency_us") {
            assert!(latency.parse::<u64>().is_ok());
            *latency = "<us>".into();
        }
        writeln!(out, "{event:?}").unwrap();
    }
}

/// Replaces ids, which are random, after checking that they are there.
fn spans_have(spans: &mut [crate::capture::SeenSpan], name: &str) {
    for span in spans {
        if let Some(value) = span.fields.get_mut(name) {
            assert!(value.bytes().all(|digit| digit.is_ascii_hexdigit()));
            *value = "<random>".into();
        }
    }
}

/// Replaces every UUID of version 7 in the log, for a client that left before it got the id.
fn without_made_ids(text: &str) -> String {
    let mut text = text.to_owned();
    let is_id = |id: &[u8]| {
        let shape = |(at, byte): (usize, &u8)| {
            if [8, 13, 18, 23].contains(&at) { *byte == b'-' } else { byte.is_ascii_hexdigit() }
        };
        id[14] == b'7' && id.iter().enumerate().all(shape)
    };
    while let Some(at) = text.as_bytes().windows(36).position(is_id) {
        text.replace_range(at..at + 36, "<made>");
    }
    text
}
