//! The same behaviour on any server: the same handlers, extractors, responses and layers in axum and in a plain tower
//! service, over HTTP/1.1 and HTTP/2, on real sockets.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod client;
mod inputs;
mod plain;
mod server;

mod body;
mod content;
mod foreign;
mod own;
mod parsing;
mod patch;
mod request;
mod router;

use http::{Method, Request};

use self::client::{Client, Reply, full};
use self::server::Server;

/// The protocol of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

/// A server of this suite, and the protocol to use with it.
#[derive(Debug, Clone, Copy)]
struct Edge {
    server: Server,
    protocol: Protocol,
}

/// Runs a test on each server over each protocol, with the usual layers around the handlers.
async fn everywhere(test: impl AsyncFn(Edge)) {
    for server in [Server::axum().await, Server::plain().await] {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let edge = Edge { server, protocol };
            eprintln!("on {edge:?}");
            test(edge).await;
        }
    }
}

/// Runs a test on each server without any layer, over HTTP/1.1.
async fn everywhere_bare(test: impl AsyncFn(Edge)) {
    for server in [Server::bare_axum().await, Server::bare_plain().await] {
        let edge = Edge { server, protocol: Protocol::Http1 };
        eprintln!("on {edge:?}");
        test(edge).await;
    }
}

impl Edge {
    async fn connect(self) -> Client {
        Client::connect(self.server.address, self.protocol).await
    }

    async fn send(self, method: Method, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.connect().await.send(request.body(full(body)).unwrap()).await
    }

    async fn get(self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], b"").await
    }

    async fn post(self, path: &str, content_type: &str, body: impl AsRef<[u8]>) -> Reply {
        self.send(Method::POST, path, &[("content-type", content_type)], body.as_ref()).await
    }

    async fn post_json(self, path: &str, body: impl AsRef<[u8]>) -> Reply {
        self.post(path, "application/json", body).await
    }
}
