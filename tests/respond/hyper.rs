//! The responses over a real connection: the client's bytes are framed as announced.

use buttress::handler::service;
use buttress::layer::SuccessEnvelopeLayer;
use buttress::respond::{Preconditions, Versioned};
use buttress::{EntityTag, Json};
use hyper_util::rt::TokioIo;
use tower::Layer;

async fn show(preconditions: Preconditions) -> Versioned<Json<[u8; 2]>> {
    Versioned::new(EntityTag::version(7), Json([4, 2])).preconditions(preconditions)
}

/// The bytes that the client reads after it has sent its request and closed its side.
async fn exchange(request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let (mut client, server) = tokio::io::duplex(1_024);
    let wrapped = hyper_util::service::TowerToHyperService::new(SuccessEnvelopeLayer::new().layer(service(show, ())));
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(server), wrapped);
    let served = tokio::spawn(connection);
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    served.await.unwrap().unwrap();
    answer.to_ascii_lowercase()
}

#[tokio::test]
async fn head_announces_what_get_sends() {
    let get = exchange("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let head = exchange("HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(get.contains("content-length: 24\r\n") && get.ends_with("\r\n\r\n{\"data\":[4,2],\"meta\":{}}"), "{get}");
    assert!(head.contains("content-length: 24\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    assert!(get.contains("etag: \"7\"\r\n") && head.contains("etag: \"7\"\r\n"));
}

#[tokio::test]
async fn a_304_has_no_body_and_announces_none() {
    for method in ["GET", "HEAD"] {
        let request = format!("{method} / HTTP/1.1\r\nhost: x\r\nif-none-match: W/\"7\"\r\nconnection: close\r\n\r\n");
        let answer = exchange(&request).await;
        assert!(answer.starts_with("http/1.1 304 ") && answer.ends_with("\r\n\r\n"), "{answer}");
        assert!(answer.contains("etag: \"7\"\r\n"), "{answer}");
        let described = ["content-type", "content-length", "transfer-encoding"];
        assert!(described.iter().all(|name| !answer.contains(name)), "{answer}");
    }
}
