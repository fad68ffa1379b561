//! How a real server handles bodies, over a real socket: this decides what counts as the end of a request.

use std::convert::Infallible;

use buttress::body::Body;
use buttress::layer::TraceLayer;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::channel::Channel;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tower::Layer;

use crate::capture::Capture;

async fn handler(request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let frames = |count| {
        let frames =
            std::iter::repeat_with(|| Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"data")))).take(count);
        Body::boxed(http_body_util::StreamBody::new(futures_util::stream::iter(frames)))
    };
    Ok(match request.uri().path() {
        "/whole" => Response::new(Body::from("whole")),
        "/empty" => Response::new(Body::empty()),
        "/stream" => Response::new(frames(3)),
        "/declared" => Response::builder().header("content-length", "12").body(frames(3)).unwrap(),
        "/not-modified" => Response::builder().status(304).body(Body::from("ignored")).unwrap(),
        _ => {
            let (mut sender, body) = Channel::<Bytes, Infallible>::new(1);
            tokio::spawn(async move { while sender.send_data(Bytes::from(vec![b'x'; 64 * 1024])).await.is_ok() {} });
            Response::new(Body::boxed(body))
        }
    })
}

/// A server for one connection; it ends with the connection.
async fn serve() -> (TcpStream, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let service = TowerToHyperService::new(TraceLayer::new().layer(tower::service_fn(handler)));
        // It fails if the client leaves.
        let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
    });
    (TcpStream::connect(address).await.unwrap(), server)
}

fn the_message(capture: &Capture) -> String {
    let seen = capture.seen();
    let events: Vec<_> = seen.events.iter().filter(|event| event.target == "buttress::trace").collect();
    assert_eq!(events.len(), 1, "{seen:?}");
    events[0].fields["message"].clone()
}

#[tokio::test]
async fn over_http_1_a_request_that_was_answered_is_finished() {
    for (method, path) in [
        ("GET", "/whole"),
        ("GET", "/empty"),
        ("GET", "/stream"),
        ("GET", "/declared"),
        ("GET", "/not-modified"),
        ("HEAD", "/whole"),
        ("HEAD", "/stream"),
    ] {
        let capture = Capture::new();
        let (mut client, server) = serve().await;
        let request = format!("{method} {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        client.read_to_end(&mut Vec::new()).await.unwrap();
        server.await.unwrap();
        assert_eq!(the_message(&capture), "request finished", "{method} {path}");
    }
}

#[tokio::test]
async fn over_http_1_a_client_that_leaves_is_seen() {
    let capture = Capture::new();
    let (mut client, server) = serve().await;
    client.write_all(b"GET /endless HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    client.read_exact(&mut [0; 1024]).await.unwrap();
    drop(client);
    server.await.unwrap();
    assert_eq!(the_message(&capture), "client left before the end");
}

#[tokio::test]
async fn over_http_2_it_is_the_same() {
    for (path, message) in [
        ("/whole", "request finished"),
        ("/empty", "request finished"),
        ("/stream", "request finished"),
        ("/declared", "request finished"),
        ("/endless", "client left before the end"),
    ] {
        let capture = Capture::new();
        let (client, server) = serve().await;
        let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(client)).await;
        let (mut sender, connection) = handshake.unwrap();
        let connection = tokio::spawn(connection);
        let request = Request::get(format!("http://a{path}")).body(Empty::<Bytes>::new()).unwrap();
        let mut body = sender.send_request(request).await.unwrap().into_body();
        if path == "/endless" {
            body.frame().await.unwrap().unwrap();
            drop(body);
        } else {
            body.collect().await.unwrap();
        }
        drop(sender);
        connection.await.unwrap().unwrap();
        server.await.unwrap();
        // The stream is a task of its own: it ends after its connection, at the latest when it is polled again.
        while capture.seen().events.is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(the_message(&capture), message, "{path}");
    }
}
