//! axum's `Multipart`, which reads a body that the layers have wrapped, piece by piece.

use std::time::Duration;

use axum::Router;
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, Multipart};
use axum::routing::post;
use buttress::layer::{BodyLimit, Problems, Timeout};
use bytes::Bytes;
use http::Request;
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

async fn server() -> Server {
    let layers = ServiceBuilder::new()
        .layer(Problems::new())
        .layer(Timeout::new(Duration::from_secs(20)).with_read_limit(Duration::from_secs(20)))
        .layer(BodyLimit::new(LIMIT));
    // axum's own limit would fire first, and `Multipart` turns the error of this crate's limit into a 500.
    let router = Router::new().route("/upload", post(upload)).layer(DefaultBodyLimit::disable());
    Server::start("axum", router.layer(layers)).await
}

/// Sends a note and a file of `size` bytes, in frames with arbitrary boundaries.
async fn send(server: Server, protocol: Protocol, size: usize, end: &str) -> Reply {
    let head = "--frontier\r\ncontent-disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--frontier\r\n\
                content-disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n";
    let body = [head.as_bytes(), &vec![b'-'; size], end.as_bytes()].concat();
    let pieces: Vec<_> = body.chunks(10_007).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let request = Request::post("/upload").header("content-type", "multipart/form-data; boundary=frontier");
    Client::connect(server.address, protocol).await.send(request.body(chunks(pieces)).unwrap()).await
}

#[tokio::test]
async fn an_upload_of_several_parts_is_read_and_has_the_limit_of_any_body() {
    let server = server().await;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        send(server, protocol, 500_000, "\r\n--frontier--\r\n").await.is("note 5, file 500000, ");
        send(server, protocol, LIMIT, "\r\n--frontier--\r\n").await.is_problem(413, "content-too-large");
        let cut = send(server, protocol, 10, "").await;
        assert!(cut.status.is_client_error(), "{cut:?}");
    }
}
