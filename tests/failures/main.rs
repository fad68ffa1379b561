//! The table: every possible failure, over real sockets, on axum and on plain hyper, on HTTP/1.1 and HTTP/2, with the
//! layers one by one and fused.
//!
//! Whichever component fails, the client finds one envelope: its content type, its status in the body, a code, an id
//! that matches the header and the log, the headers that HTTP demands, and no part of the client's input or of the
//! server's internals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod app;
mod client;
mod cors;
mod framing;
mod log;
mod rows;
mod server;

use serde_json::Value;

use self::client::{Answer, Protocol};
use self::log::LOG;
use self::rows::{INTERNAL, MARKERS, Row, SECRETS};
use self::server::{Host, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_failure_leaves_as_one_envelope() {
    LOG.start();
    let mut wrong = Vec::new();
    for host in Host::ALL {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let server = Server::start(host).await;
            for row in rows::all().filter(|row| row.on.is_none_or(|only| only == host.framework)) {
                let answer = client::send(&server, protocol, &row.request).await;
                wrong.extend(
                    complaints(&row, protocol, &answer)
                        .map(|what| format!("{host:?} {protocol:?} {}: {what}\n    {answer:?}", row.name)),
                );
            }
        }
    }
    wrong.extend(MARKERS.iter().filter(|marker| LOG.contains(marker)).map(|marker| format!("{marker} is in the log")));
    assert!(wrong.is_empty(), "{} rows are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Everything that is wrong with a response.
fn complaints(row: &Row, protocol: Protocol, answer: &Answer) -> impl Iterator<Item = String> {
    let mut wrong = Vec::new();
    let mut check = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };

    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    check(answer.status == row.status, format!("the status is not {}", row.status));
    check(answer.header("content-type") == Some("application/problem+json"), "the content type is no problem's".into());
    check(body["status"] == row.status, "the status is not in the body".into());
    check(body["code"] == row.code, format!("the code is not {}", row.code));
    check(body["type"] == format!("https://shop.example/problems/{}", row.code), "the type is not the code's".into());
    check(body["title"].is_string(), "there is no title".into());
    check(body["instance"] == row.request.path(), "the instance is not the path".into());
    let id = answer.header("x-request-id").unwrap_or_default();
    check(!id.is_empty() && body["request_id"] == id, "the id is not the header's".into());
    check(LOG.line(id).is_some_and(|line| line.contains(row.code)), "the log does not know it by its id".into());
    let lines = LOG.line(id).unwrap_or_default();
    let errors: Vec<_> = lines.lines().filter(|line| line.contains(" ERROR ")).collect();
    check(errors.len() == usize::from(row.status >= 500), format!("not as many errors as faults in {lines}"));
    check(lines.contains(&format!("problem.code={}", row.code)), format!("the span has no code in {lines}"));
    check(lines.matches(INTERNAL).count() <= 1 && !lines.contains("error=\n"), format!("the reason is off in {lines}"));
    check(errors.iter().all(|line| !line.ends_with("error=")), format!("an empty reason in {lines}"));
    // A failure without a problem is one line; the crate that caused it logs another.
    let is_foreign = row.name.starts_with("a foreign 5xx");
    check(!is_foreign || lines.lines().count() == 1, format!("more than one line in {lines}"));
    check(answer.header("x-content-type-options") == Some("nosniff"), "there is no nosniff".into());
    for (name, value) in row.headers {
        check(answer.header(name) == Some(value), format!("{name} is not {value:?}"));
    }
    let closes = row.closes && protocol == Protocol::Http1;
    check(!closes || answer.header("connection") == Some("close"), "the connection stays open".into());
    for (location, code) in row.errors {
        let entry = |entry: &Value| {
            let at = ["pointer", "parameter", "header"].iter().any(|kind| entry[*kind] == *location);
            at && entry["code"] == *code
        };
        let found = body["errors"].as_array().is_some_and(|errors| errors.iter().any(entry));
        check(found, format!("{location} {code} is not among the errors"));
    }
    for marker in MARKERS.iter().chain(&SECRETS) {
        check(!answer.contains(marker), format!("{marker} leaked"));
    }
    wrong.into_iter()
}

/// An error to a HEAD has the headers of the same error to a GET, and no body.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_has_the_headers_of_its_get() {
    LOG.start();
    for host in Host::ALL {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let server = Server::start(host).await;
            for path in ["/nowhere", "/boom", "/foreign"] {
                let id = [("x-request-id", "fixed")];
                let get = client::send(&server, protocol, &rows::get(path).with_headers(&id)).await;
                let head =
                    client::send(&server, protocol, &rows::get(path).with_method("HEAD").with_headers(&id)).await;
                assert_eq!(head.body, b"");
                assert_eq!(head.header("content-length"), Some(&*get.body.len().to_string()), "{head:?}");
                for name in ["content-type", "x-request-id", "x-content-type-options", "cache-control"] {
                    assert_eq!(head.header(name), get.header(name), "{host:?} {protocol:?} {path} {name}");
                }
                assert_eq!(head.status, get.status);
            }
        }
    }
}

/// A body that fails or panics after its head is cut: no client takes a part for the whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_fails_is_cut() {
    LOG.start();
    for host in Host::ALL {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let server = Server::start(host).await;
            for path in ["/body-fails", "/body-panics"] {
                let answer = client::send(&server, protocol, &rows::get(path)).await;
                assert_eq!((answer.status, &*answer.body), (200, &b"first"[..]), "{answer:?}");
                assert!(answer.was_cut, "{host:?} {protocol:?} {path} looks whole");
                let line = LOG.line(answer.header("x-request-id").unwrap()).unwrap();
                assert!(line.contains("cut") && !line.contains(rows::PANIC), "{line}");
                assert_eq!(line.matches(" ERROR ").count(), 1, "{line}");
                assert_eq!(line.matches(INTERNAL).count(), usize::from(path == "/body-fails"), "{line}");
            }
            // The failure of one connection does not affect the next request.
            assert_eq!(client::send(&server, protocol, &rows::get("/fine")).await.status, 200);
        }
    }
}

/// A slow handler is a 503 and a slow upload a 408, in real time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_runs_out_on_both_sides() {
    LOG.start();
    for host in Host::ALL {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let server = Server::hasty(host).await;
            for row in rows::slow() {
                let answer = client::send(&server, protocol, &row.request).await;
                let wrong: Vec<_> = complaints(&row, protocol, &answer).collect();
                assert!(wrong.is_empty(), "{host:?} {protocol:?} {}: {wrong:?} {answer:?}", row.name);
            }
        }
    }
}

/// A request that would have to wait gets a `Retry-After`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_much_at_once_is_a_503_that_says_when() {
    LOG.start();
    for host in Host::ALL {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let server = Server::busy(host).await;
            let row = rows::overloaded();
            let answer = client::send(&server, protocol, &row.request).await;
            let wrong: Vec<_> = complaints(&row, protocol, &answer).collect();
            assert!(wrong.is_empty(), "{host:?} {protocol:?}: {wrong:?} {answer:?}");
        }
    }
}

/// A client that sends `Expect: 100-continue` is not told to send a body that will be refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_expects_100_is_not_told_to_continue() {
    for host in Host::ALL {
        let server = Server::start(host).await;
        let head = "POST /orders HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n";
        let refused = client::raw(&server, format!("{head}content-length: 9999999\r\n\r\n").as_bytes()).await;
        assert!(refused.starts_with("HTTP/1.1 413 "), "{refused}");
        assert!(refused.contains("connection: close\r\n"), "{refused}");
    }
}
