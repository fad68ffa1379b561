//! Two clients: bytes on a socket for HTTP/1.1, hyper for HTTP/2.

use std::convert::Infallible;
use std::str;

use bytes::Bytes;
use http::Version;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Channel, Full, StreamBody};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::app::FIRST_FRAME;
use crate::rows::{Content, Request};
use crate::server::Server;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// The server's response.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the body was cut off.
    pub(crate) was_cut: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(text) || self.headers.iter().any(|(_, value)| value.contains(text))
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} {}", self.status, self.headers, String::from_utf8_lossy(&self.body))
    }
}

pub(crate) async fn send(server: &Server, protocol: Protocol, request: &Request) -> Answer {
    match protocol {
        Protocol::Http1 => http1(server, request).await,
        Protocol::Http2 => http2(server, request).await,
    }
}

/// Sends bytes unchanged, and reads the first response head.
pub(crate) async fn raw(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).await.unwrap() > 0 {}
    head
}

async fn http1(server: &Server, request: &Request) -> Answer {
    let mut bytes = format!("{} {} HTTP/1.1\r\nhost: shop.example\r\n", request.method, request.target()).into_bytes();
    for (name, value) in request.headers() {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    match &request.content {
        Content::None => bytes.extend_from_slice(b"\r\n"),
        Content::Whole(whole) => {
            bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", whole.len()).as_bytes());
            bytes.extend_from_slice(whole);
        }
        Content::Chunks(chunks) => {
            bytes.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
            for chunk in chunks {
                bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
        }
        Content::Stalled(begin) => {
            bytes.extend_from_slice(b"content-length: 1000\r\n\r\n");
            bytes.extend_from_slice(begin);
        }
    }
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    // A server may have refused the request before it has read everything.
    let _ = stream.write_all(&bytes).await;
    read_http1(BufReader::new(stream), request).await
}

/// Releases a body that will fail, now that its beginning has arrived.
fn arrived(request: &Request) {
    if request.path().starts_with("/body-") {
        FIRST_FRAME.add_permits(1);
    }
}

async fn read_http1(mut reader: impl AsyncBufRead + Unpin, request: &Request) -> Answer {
    let mut status = String::new();
    reader.read_line(&mut status).await.unwrap();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await.unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let status = status.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let mut answer = Answer { status, headers, body: Vec::new(), was_cut: false };
    if request.method == "HEAD" {
        return answer;
    }
    if let Some(length) = answer.header("content-length") {
        answer.body = vec![0; length.parse().unwrap()];
        answer.was_cut = reader.read_exact(&mut answer.body).await.is_err();
    } else if answer.header("transfer-encoding").is_some() {
        answer.was_cut = read_chunks(&mut reader, request, &mut answer.body).await.is_none();
    }
    answer
}

/// Reads chunks up to the last one; `None` if that never came.
async fn read_chunks(reader: &mut (impl AsyncBufRead + Unpin), request: &Request, body: &mut Vec<u8>) -> Option<()> {
    loop {
        let mut size = String::new();
        reader.read_line(&mut size).await.ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).await.ok()?;
        if size == 0 {
            return Some(());
        }
        body.extend_from_slice(&chunk[..size]);
        arrived(request);
    }
}

async fn http2(server: &Server, request: &Request) -> Answer {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut head = http::Request::builder()
        .method(request.method)
        .version(Version::HTTP_2)
        .uri(format!("http://shop.example{}", request.target()));
    for (name, value) in request.headers() {
        head = head.header(name, value);
    }
    // Kept until the response arrives: a stalled client does not hang up.
    let (mut sender, open) = Channel::<Bytes>::new(1);
    let body: BoxBody<Bytes, Infallible> = match &request.content {
        Content::None => Full::default().boxed(),
        Content::Whole(whole) => Full::new(Bytes::from(whole.clone())).boxed(),
        Content::Chunks(chunks) => {
            let frames: Vec<_> = chunks.iter().map(|chunk| Ok(http_body::Frame::data(chunk.clone().into()))).collect();
            BodyExt::boxed(StreamBody::new(futures_util::stream::iter(frames)))
        }
        Content::Stalled(begin) => {
            sender.send_data(begin.clone().into()).await.unwrap();
            open.boxed()
        }
    };
    let response = client.send_request(head.body(body).unwrap()).await.unwrap();
    let (head, mut body) = response.into_parts();
    let text = |value: &http::HeaderValue| str::from_utf8(value.as_bytes()).unwrap().to_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let mut answer = Answer { status: head.status.as_u16(), headers, body: Vec::new(), was_cut: false };
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                answer.body.extend_from_slice(&frame.into_data().unwrap_or_default());
                arrived(request);
            }
            Err(_) => answer.was_cut = true,
        }
        if answer.was_cut {
            break;
        }
    }
    drop(sender);
    connection.abort();
    answer
}
