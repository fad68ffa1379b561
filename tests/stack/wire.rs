//! Byte for byte over HTTP/1: a client's bytes are never taken for another request, and every response is framed as
//! announced.

use std::convert::Infallible;
use std::time::Duration;

use buttress::Problem;
use buttress::handler::{BodyError, IntoResponse, Response};
use buttress::layer::{BodyLimitLayer, TimeoutLayer};
use buttress::stack::{Stack, StackRequestBody};
use http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::{Layer, service_fn};

async fn handle(request: Request<StackRequestBody<Incoming>>) -> Result<Response, Infallible> {
    let path = request.uri().path().to_owned();
    Ok(match path.as_str() {
        "/echo" => match request.into_body().collect().await {
            Ok(content) => content.to_bytes().into_response(),
            Err(error) => BodyError::new(error).into_response(),
        },
        // Answers without reading the body.
        "/ignore" => "ignored".into_response(),
        "/panic" => panic!("hunter2"),
        _ => Problem::not_found().into_response(),
    })
}

/// The bytes that a client reads when it sends this and then waits for the end.
async fn exchange(request: impl AsRef<[u8]>) -> String {
    let (mut client, server) = tokio::io::duplex(1 << 20);
    let stack = Stack::new()
        .body_limit(BodyLimitLayer::new(10))
        .timeout(TimeoutLayer::new(Duration::from_secs(60)).read_limit(Duration::from_secs(5)));
    let service = TowerToHyperService::new(stack.layer(service_fn(handle)));
    let mut builder = hyper::server::conn::http1::Builder::new();
    let connection = builder.timer(TokioTimer::new()).serve_connection(TokioIo::new(server), service);
    let served = tokio::spawn(connection);
    client.write_all(request.as_ref()).await.unwrap();
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(10), client.read_to_end(&mut answer)).await;
    drop(client);
    let _ = served.await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// The status of each response, and whether the server said that it is the last one.
fn statuses(answer: &str) -> Vec<(&str, bool)> {
    let heads = answer.split("HTTP/1.1 ").skip(1);
    heads.map(|head| (head.get(..3).unwrap_or_default(), head.contains("connection: close\r\n"))).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_not_read_of_a_body_is_never_a_request() {
    let chunked = "transfer-encoding: chunked\r\n\r\n1e\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n0\r\n\r\n";
    let declared = "content-length: 35\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
    let polite = "content-length: 3\r\nexpect: 100-continue\r\n\r\nabc";
    for (path, body, is_last, expected) in [
        ("/echo", chunked, false, &[("413", true)][..]),
        ("/echo", declared, false, &[("413", true)]),
        ("/ignore", declared, false, &[("413", true)]),
        ("/ignore", "content-length: 5\r\n\r\nhello", false, &[("200", false), ("404", false)]),
        ("/panic", "content-length: 5\r\n\r\nhello", false, &[("500", false), ("404", false)]),
        ("/echo", polite, false, &[("100", false), ("200", false), ("404", false)]),
        ("/echo", "content-length: 35\r\nexpect: 100-continue\r\n\r\n", true, &[("413", true)]),
        ("/echo", "content-length: 5\r\n\r\nhell", true, &[("408", true)]),
    ] {
        // A client that stalls, or is told not to continue, sends no second request.
        let next = if is_last { "" } else { "GET /next HTTP/1.1\r\nhost: x\r\n\r\n" };
        let answer = exchange(format!("POST {path} HTTP/1.1\r\nhost: x\r\n{body}{next}")).await;
        assert_eq!(statuses(&answer), expected, "{path} {body}\n{answer}");
        assert!(!answer.contains("smuggled") && !answer.contains("hunter2"), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn head_is_followed_by_the_next_answer_and_not_by_content() {
    let heads = ["/missing", "/panic", "/ignore"];
    let requests: String = heads.iter().map(|path| format!("HEAD {path} HTTP/1.1\r\nhost: x\r\n\r\n")).collect();
    let answer = exchange(requests).await;
    let codes: Vec<_> = statuses(&answer).into_iter().map(|(status, _)| status).collect();
    assert_eq!(codes, ["404", "500", "200"]);
    for head in answer.split("HTTP/1.1 ").skip(1) {
        assert!(head.ends_with("\r\n\r\n") && head.matches("\r\n\r\n").count() == 1, "{head}");
        assert!(head.contains("content-length: "), "{head}");
    }
}

#[tokio::test(start_paused = true)]
async fn any_request_target_is_answered_with_a_reference() {
    let long = format!("/{}", "a".repeat(60_000));
    for (request, instance) in [
        ("GET /missing HTTP/1.0\r\n", "/missing"),
        ("OPTIONS * HTTP/1.1\r\n", "*"),
        ("GET http://user:hunter2@x/a?token=hunter2 HTTP/1.1\r\n", "/a"),
        ("GET //evil.example/a HTTP/1.1\r\n", "/.//evil.example/a"),
        ("GET /caf\u{e9} HTTP/1.1\r\n", "/caf%C3%A9"),
        ("GET /caf%C3%A9 HTTP/1.1\r\n", "/caf%C3%A9"),
        ("GET /a\"b\\c|d HTTP/1.1\r\n", "/a%22b%5Cc%7Cd"),
        (&format!("GET {long} HTTP/1.1\r\n"), &long),
    ] {
        let answer = exchange(format!("{request}host: x\r\nconnection: close\r\n\r\n")).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((&body["status"], &body["instance"]), (&404.into(), &instance.into()), "{head}");
        assert!(!answer.contains("hunter2"), "{answer}");
    }
}
