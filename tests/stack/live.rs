//! Exchanges that last longer than a request, over real sockets: event streams, upgraded connections, trailers, and
//! clients that go on writing when they are refused. The limits of the stack and of the connection let them pass.

use std::convert::Infallible;
use std::time::Duration;

use buttress::body::Body;
use buttress::handler::{BodyError, IntoResponse, Response};
use buttress::layer::{BodyLimitLayer, SendTimeoutLayer, TimeoutLayer};
use buttress::stack::{Stack, StackRequestBody};
use bytes::Bytes;
use http::header::{CONNECTION, ETAG, UPGRADE};
use http::{HeaderMap, Request, StatusCode};
use http_body::Frame;
use http_body_util::channel::Channel;
use http_body_util::{BodyExt, Collected, Empty};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, service_fn};

/// Shorter than a stream of events lasts.
const TIME: Duration = Duration::from_millis(200);
const EVENTS: usize = 10;

async fn handle(mut request: Request<StackRequestBody<Incoming>>) -> Result<Response, Infallible> {
    Ok(match request.uri().path() {
        "/events" => events(),
        "/upgrade" => {
            let upgraded = hyper::upgrade::on(&mut request);
            tokio::spawn(async move { echo(TokioIo::new(upgraded.await.unwrap())).await });
            let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
            response.headers_mut().insert(CONNECTION, "upgrade".parse().unwrap());
            response.headers_mut().insert(UPGRADE, "websocket".parse().unwrap());
            response
        }
        "/trailers" => {
            let frames = [Frame::data(Bytes::from_static(b"content")), Frame::trailers(trailers())];
            let stream = futures_util::stream::iter(frames.map(Ok::<_, Infallible>));
            Response::new(Body::boxed(http_body_util::StreamBody::new(stream)))
        }
        _ => match request.into_body().collect().await {
            Ok(content) => content.to_bytes().len().to_string().into_response(),
            Err(error) => BodyError::new(error).into_response(),
        },
    })
}

fn events() -> Response {
    let (mut sender, body) = Channel::<Bytes, Infallible>::new(1);
    tokio::spawn(async move {
        for number in 0..EVENTS {
            tokio::time::sleep(TIME / 4).await;
            sender.send_data(format!("data: {number}\n\n").into()).await.unwrap();
        }
    });
    let mut response = Response::new(Body::boxed(body));
    response.headers_mut().insert("content-type", "text/event-stream".parse().unwrap());
    response
}

async fn echo(mut stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin) {
    let mut buffer = [0; 64];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        stream.write_all(&buffer[..read]).await.unwrap();
    }
}

fn trailers() -> HeaderMap {
    HeaderMap::from_iter([(ETAG, "\"7\"".parse().unwrap())])
}

/// A connection to a server with everything around it.
async fn connect() -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    tokio::spawn(async move {
        let stack =
            Stack::new().timeout(TimeoutLayer::new(TIME).read_limit(TIME)).body_limit(BodyLimitLayer::new(1024));
        let outgoing = SendTimeoutLayer::new(4 * TIME).connection();
        let service = TowerToHyperService::new(outgoing.layer(stack.layer(service_fn(handle))));
        let builder = Builder::new(TokioExecutor::new());
        tokio::select! {
            _ = builder.serve_connection_with_upgrades(TokioIo::new(server), service) => {}
            () = outgoing.stalled() => {}
        }
    });
    client
}

async fn over_http_2(path: &str) -> Collected<Bytes> {
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(connect().await)).await;
    let (mut sender, connection) = handshake.unwrap();
    tokio::spawn(connection);
    let request = Request::get(format!("http://a{path}")).body(Empty::<Bytes>::new()).unwrap();
    sender.send_request(request).await.unwrap().into_body().collect().await.unwrap()
}

#[tokio::test]
async fn an_event_stream_lasts_longer_than_a_handler_may_take() {
    let expected: String = (0..EVENTS).map(|number| format!("data: {number}\n\n")).collect();
    let body = over_http_2("/events").await.to_bytes();
    assert_eq!(body, expected);

    let mut client = connect().await;
    client.write_all(b"GET /events HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("content-type: text/event-stream\r\n"), "{answer}");
    assert_eq!(answer.matches("data: ").count(), EVENTS);
    assert!(answer.ends_with("\r\n0\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn an_upgraded_connection_is_its_handlers() {
    let mut client = connect().await;
    let head = "GET /upgrade HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(client.read_u8().await.unwrap());
    }
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 101 ") && answer.contains("x-request-id: "), "{answer}");
    for _ in 0..4 {
        // In total this lasts longer than any limit.
        tokio::time::sleep(TIME).await;
        client.write_all(b"ping").await.unwrap();
        let mut echoed = [0; 4];
        client.read_exact(&mut echoed).await.unwrap();
        assert_eq!(&echoed, b"ping");
    }
}

#[tokio::test]
async fn trailers_reach_the_client() {
    let collected = over_http_2("/trailers").await;
    assert_eq!(collected.trailers(), Some(&trailers()));
    assert_eq!(collected.to_bytes(), "content");
}

#[tokio::test]
async fn a_client_that_goes_on_writing_reads_its_413() {
    for framing in ["content-length: 8388608", "transfer-encoding: chunked"] {
        let (mut reader, mut writer) = connect().await.into_split();
        let writing = tokio::spawn(async move {
            let head = format!("POST /count HTTP/1.1\r\nhost: a\r\n{framing}\r\n\r\n");
            writer.write_all(head.as_bytes()).await.unwrap();
            let chunk = [b"8000\r\n".to_vec(), vec![b'x'; 0x8000], b"\r\n".to_vec()].concat();
            // The request is refused before all of it is written, and the server stops reading.
            while writer.write_all(&chunk).await.is_ok() {}
        });
        let mut answer = Vec::new();
        // It may end with a reset: the server closes the connection with unread content.
        let _ = reader.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 413 "), "{framing}: {answer}");
        assert!(answer.contains("\"code\":\"content-too-large\""), "{framing}: {answer}");
        drop(reader);
        writing.await.unwrap();
    }
}
