//! Servers and clients on real sockets.

use std::convert::Infallible;
use std::net::SocketAddr;

use buttress::body::BoxError;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tower::Service;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// A listener on the loopback that answers with a service until it is dropped.
pub(crate) struct Host {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Host {
    pub(crate) async fn start<S, B>(service: S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>,
        S: Clone + Send + 'static,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = TowerToHyperService::new(service.clone());
                // The client observes how a connection ends.
                tokio::spawn(async move {
                    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, task }
    }

    /// Sends a request on a connection of its own.
    pub(crate) async fn post(&self, protocol: Protocol) -> Sent {
        let stream = TokioIo::new(TcpStream::connect(self.address).await.unwrap());
        let request =
            Request::post("http://localhost/").header("host", "localhost").body(Empty::<Bytes>::new()).unwrap();
        match protocol {
            Protocol::Http1 => {
                let (mut client, connection) = http1::handshake(stream).await.unwrap();
                let connection = tokio::spawn(async move { drop(connection.await) });
                let reply = tokio::spawn(async move { Reply::read(client.send_request(request).await.unwrap()).await });
                Sent { protocol, reply, connection }
            }
            Protocol::Http2 => {
                let (mut client, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
                let connection = tokio::spawn(async move { drop(connection.await) });
                let reply = tokio::spawn(async move { Reply::read(client.send_request(request).await.unwrap()).await });
                Sent { protocol, reply, connection }
            }
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A request in progress.
pub(crate) struct Sent {
    protocol: Protocol,
    reply: JoinHandle<Reply>,
    connection: JoinHandle<()>,
}

impl Sent {
    pub(crate) async fn reply(self) -> Reply {
        self.reply.await.unwrap()
    }

    /// Hangs up; on HTTP/2, where a connection carries many requests, cancels only this one.
    pub(crate) fn leave(self) {
        self.reply.abort();
        if self.protocol == Protocol::Http1 {
            self.connection.abort();
        }
    }
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    async fn read(response: Response<Incoming>) -> Self {
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: head.status.as_u16(), headers: head.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    /// The status, and the code of the problem if it is one.
    pub(crate) fn said(&self) -> (u16, String) {
        let problem: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        (self.status, problem["code"].as_str().unwrap_or_default().to_owned())
    }
}
