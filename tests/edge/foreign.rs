//! Bodies that axum's own extractors read through the layers: whoever is to blame, it is not the service.

use std::time::Duration;

use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, Multipart, Request as AxumRequest};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use buttress::layer::{BodyLimitLayer, ProblemsLayer, TimeoutLayer};
use bytes::Bytes;
use http::{Request, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceBuilder;

use crate::Protocol;
use crate::client::{Client, Reply, chunks};
use crate::server::Server;

const LIMIT: usize = 1 << 20;

/// The name and the size of each part.
async fn upload(mut multipart: Multipart) -> Result<String, MultipartError> {
    let mut seen = String::new();
    while let Some(part) = multipart.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        seen += &format!("{name} {}, ", part.bytes().await?.len());
    }
    Ok(seen)
}

/// Reads the parts chunk by chunk.
async fn stream(mut multipart: Multipart) -> Result<(), MultipartError> {
    while let Some(mut part) = multipart.next_field().await? {
        while part.chunk().await?.is_some() {}
    }
    Ok(())
}

/// Leaves it to axum to skip the parts.
async fn skip(mut multipart: Multipart) -> Result<(), MultipartError> {
    while multipart.next_field().await?.is_some() {}
    Ok(())
}

/// Takes any failure of a read for one of the service.
async fn own(request: AxumRequest) -> Result<(), StatusCode> {
    let read = axum::body::to_bytes(request.into_body(), usize::MAX).await;
    read.map(drop).map_err(|_| StatusCode::BAD_GATEWAY)
}

/// Fails for another reason, whatever came of the body.
async fn refuse(body: Result<Bytes, axum::extract::rejection::BytesRejection>) -> Response {
    drop(body);
    (StatusCode::CONFLICT, "too late").into_response()
}

fn router() -> Router {
    Router::new()
        .route("/upload", post(upload))
        .route("/stream", post(stream))
        .route("/skip", post(skip))
        .route("/bytes", post(async |_: Bytes| {}))
        .route("/text", post(async |_: String| {}))
        .route("/json", post(async |_: Json<serde_json::Value>| {}))
        .route("/own", post(own))
        .route("/refuse", post(refuse))
}

const READERS: [&str; 7] = ["/upload", "/stream", "/skip", "/bytes", "/text", "/json", "/own"];

/// With axum's limit of 2 MB around ours, without it, and with one of the service's.
async fn servers() -> [Server; 3] {
    let start = async |router: Router| {
        let layers = ServiceBuilder::new()
            .layer(ProblemsLayer::new())
            .layer(TimeoutLayer::new(Duration::from_secs(20)).read_limit(Duration::from_secs(20)))
            .layer(BodyLimitLayer::new(LIMIT));
        Server::start("axum", router.layer(layers)).await
    };
    [
        start(router()).await,
        start(router().layer(DefaultBodyLimit::disable())).await,
        start(router().layer(DefaultBodyLimit::max(4 * LIMIT))).await,
    ]
}

/// A note and a file of so many bytes, in frames that end anywhere.
async fn send(server: Server, protocol: Protocol, path: &str, size: usize, end: &str) -> Reply {
    let head = "--frontier\r\ncontent-disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--frontier\r\n\
                content-disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n";
    let body = [head.as_bytes(), &vec![b'-'; size], end.as_bytes()].concat();
    let pieces: Vec<_> = body.chunks(10_007).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let content_type = if path == "/json" { "application/json" } else { "multipart/form-data; boundary=frontier" };
    let request = Request::post(path).header("content-type", content_type);
    Client::connect(server.address, protocol).await.send(request.body(chunks(pieces)).unwrap()).await
}

#[tokio::test]
async fn an_upload_of_several_parts_is_read() {
    for server in servers().await {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let whole = send(server, protocol, "/upload", 500_000, "\r\n--frontier--\r\n").await;
            whole.is("note 5, file 500000, ");
            let cut = send(server, protocol, "/upload", 10, "").await;
            assert!(cut.status.is_client_error(), "{cut:?}");
        }
    }
}

#[tokio::test]
async fn a_body_past_the_limit_is_too_large_for_every_reader() {
    for server in servers().await {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            for path in READERS {
                let reply = send(server, protocol, path, LIMIT, "\r\n--frontier--\r\n").await;
                reply.is_problem(413, "content-too-large");
            }
            // Nobody knows better than a handler that has something else to say.
            assert_eq!(send(server, protocol, "/refuse", LIMIT, "").await.status, 409);
        }
    }
}

/// The second chunk has a length that is no number.
#[tokio::test]
async fn a_body_that_breaks_off_is_the_fault_of_the_client_for_every_reader() {
    for server in servers().await {
        for path in READERS {
            let content_type =
                if path == "/json" { "application/json" } else { "multipart/form-data; boundary=frontier" };
            let request = format!(
                "POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\r\n\
                 c\r\n--frontier\r\n\r\nnonsense\r\n"
            );
            let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
        }
    }
}
