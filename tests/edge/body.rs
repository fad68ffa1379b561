//! How bodies arrive: in pieces, too large, or never completely; and what happens to the connection.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use buttress::extract::RawBody;
use bytes::Bytes;
use http::{Method, Request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::client::chunks;
use super::{Edge, Protocol, everywhere, everywhere_bare};

/// How many bodies [`small`] read to their end.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub(crate) async fn small(RawBody(_): RawBody) {
    TAKEN.fetch_add(1, Ordering::SeqCst);
}

const ORDER: &str = r#"{"customer":"ann","lines":[{"sku":"MUG-001","quantity":2}]}"#;

fn post_json(path: &str) -> http::request::Builder {
    Request::post(path).header("content-type", "application/json")
}

#[tokio::test]
async fn a_body_may_come_in_many_pieces() {
    everywhere(async |edge| {
        let pieces = ORDER.bytes().map(|byte| Ok(Bytes::from(vec![byte])));
        let reply = edge.connect().await.send(post_json("/json").body(chunks(pieces)).unwrap()).await;
        reply.is("1 lines for ann, note None");
    })
    .await;
}

#[tokio::test]
async fn without_a_layer_one_mebibyte_is_the_limit() {
    everywhere_bare(async |edge| {
        const LIMIT: usize = 1024 * 1024;
        edge.post("/raw", "text/plain", vec![b'x'; LIMIT]).await.is("1048576 bytes");
        let pieces = std::iter::repeat_n(Bytes::from(vec![b'x'; 64 * 1024]), LIMIT / (64 * 1024));
        let more = pieces.chain([Bytes::from_static(b"x")]).map(Ok);
        let reply = edge.connect().await.try_send(Request::post("/raw").body(chunks(more)).unwrap()).await;
        reply.unwrap().is_problem(413, "content-too-large");
    })
    .await;
}

#[tokio::test]
async fn a_layer_may_allow_more() {
    everywhere(async |edge| {
        edge.post("/raw", "text/plain", vec![b'x'; 3 * 1024 * 1024]).await.is("3145728 bytes");
    })
    .await;
}

#[tokio::test]
async fn a_body_that_breaks_off_never_reaches_the_handler() {
    everywhere(async |edge| {
        let before = TAKEN.load(Ordering::SeqCst);
        let pieces = [Ok(Bytes::from_static(b"half a bo")), Err("the client is gone".into())];
        let request = Request::post("/small").body(chunks(pieces)).unwrap();
        assert!(edge.connect().await.try_send(request).await.is_err());
        // A complete body, sent after the incomplete one, is the only one that arrives.
        assert_eq!(edge.post("/small", "text/plain", "whole").await.status, 200);
        assert_eq!(TAKEN.load(Ordering::SeqCst), before + 1);
    })
    .await;
}

#[tokio::test]
async fn a_connection_lives_on_after_an_error() {
    everywhere(async |edge| {
        let mut client = edge.connect().await;
        for _ in 0..3 {
            let broken = post_json("/json").body(super::full(b"{")).unwrap();
            client.send(broken).await.is_problem(400, "malformed-body");
            let unread = Request::post("/json").body(super::full(ORDER.as_bytes())).unwrap();
            client.send(unread).await.is_problem(415, "unsupported-media-type");
            let whole = post_json("/json").body(super::full(ORDER.as_bytes())).unwrap();
            client.send(whole).await.is("1 lines for ann, note None");
        }
    })
    .await;
}

#[tokio::test]
async fn head_is_answered_like_get_without_a_body() {
    everywhere(async |edge| {
        for (path, status) in [("/state", 200), ("/items/x", 422), ("/nowhere", 404)] {
            let get = edge.get(path).await;
            let head = edge.send(Method::HEAD, path, &[], b"").await;
            assert_eq!((get.status.as_u16(), head.status.as_u16()), (status, status));
            assert!(head.body.is_empty());
            assert_eq!(head.header("content-type"), get.header("content-type"));
            assert_eq!(head.header("content-length"), get.header("content-length"), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn routes_and_methods_that_are_not_there_are_problems() {
    everywhere(async |edge| {
        edge.get("/nowhere").await.is_problem(404, "not-found");
        let reply = edge.get("/json").await;
        assert_eq!(reply.is_problem(405, "method-not-allowed").header("allow"), Some("POST"));
    })
    .await;
}

/// The server's response to bytes that no client library would send.
async fn raw(edge: Edge, request: &[u8]) -> String {
    let mut stream = tokio::net::TcpStream::connect(edge.server.address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("the connection ends").unwrap();
    answer
}

#[tokio::test]
async fn a_client_that_stops_in_the_middle_is_let_go() {
    everywhere_bare(async |edge| {
        let head = "POST /small HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf";
        let mut stream = tokio::net::TcpStream::connect(edge.server.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    })
    .await;
}

#[tokio::test]
async fn lengths_that_contradict_each_other_are_refused() {
    everywhere_bare(async |edge| {
        assert_eq!(edge.protocol, Protocol::Http1);
        for lengths in ["content-length: 2\r\ncontent-length: 3\r\n", "content-length: x\r\n"] {
            let request = format!("POST /json HTTP/1.1\r\nhost: a\r\n{lengths}connection: close\r\n\r\n{{}}");
            assert!(raw(edge, request.as_bytes()).await.starts_with("HTTP/1.1 400"), "{lengths}");
        }
    })
    .await;
}
