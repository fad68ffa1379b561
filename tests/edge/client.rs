use std::net::SocketAddr;

use buttress::body::{BoxBody, BoxError};
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::TcpStream;

use super::Protocol;

/// One connection.
pub(crate) enum Client {
    Http1(http1::SendRequest<BoxBody>),
    Http2(http2::SendRequest<BoxBody>),
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, protocol: Protocol) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let io = TokioIo::new(stream);
        match protocol {
            Protocol::Http1 => {
                let (client, connection) = http1::handshake(io).await.unwrap();
                tokio::spawn(connection);
                Self::Http1(client)
            }
            Protocol::Http2 => {
                let (client, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
                tokio::spawn(connection);
                Self::Http2(client)
            }
        }
    }

    pub(crate) async fn send(&mut self, request: Request<BoxBody>) -> Reply {
        self.try_send(request).await.unwrap()
    }

    pub(crate) async fn try_send(&mut self, mut request: Request<BoxBody>) -> hyper::Result<Reply> {
        let response = match self {
            Self::Http1(client) => {
                request.headers_mut().insert(HOST, HeaderValue::from_static("localhost"));
                client.ready().await?;
                client.send_request(request).await?
            }
            Self::Http2(client) => {
                let uri = format!("http://localhost{}", request.uri());
                *request.uri_mut() = uri.parse().unwrap();
                client.ready().await?;
                client.send_request(request).await?
            }
        };
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Reply { status: head.status, headers: head.headers, body })
    }
}

/// A body in one piece.
pub(crate) fn full(bytes: &[u8]) -> BoxBody {
    BoxBody::new(Full::new(Bytes::copy_from_slice(bytes)))
}

/// A body in pieces, each in a frame of its own, which may end in an error.
pub(crate) fn chunks(pieces: impl IntoIterator<Item = Result<Bytes, BoxError>, IntoIter: Send + 'static>) -> BoxBody {
    let frames = futures_util::stream::iter(pieces.into_iter().map(|piece| piece.map(http_body::Frame::data)));
    BoxBody::new(http_body_util::StreamBody::new(frames))
}

/// The server's response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Expects a response that is not an error, and returns its text.
    #[track_caller]
    pub(crate) fn is(&self, text: &str) {
        assert_eq!((self.status.as_u16(), self.text()), (200, text), "{self:?}");
    }

    /// Expects a problem.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let problem = self.json();
        assert_eq!((&problem["status"], &problem["code"]), (&status.into(), &code.into()), "{self:?}");
        self
    }

    /// Expects violations: their places and rules.
    #[track_caller]
    pub(crate) fn is_invalid(&self, expected: &[(&str, &str)]) {
        self.is_problem(422, "invalid-input");
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        let found: Vec<_> = errors.iter().map(violation).collect();
        let expected: Vec<_> = expected.iter().map(|(place, code)| ((*place).to_owned(), (*code).to_owned())).collect();
        assert_eq!(found, expected, "{self:?}");
    }
}

/// `?name` for a parameter, `name:` for a header, a pointer unchanged.
fn violation(error: &Value) -> (String, String) {
    let text = |name: &str| error[name].as_str().map(str::to_owned);
    let place = text("pointer")
        .or_else(|| Some(format!("?{}", text("parameter")?)))
        .or_else(|| Some(format!("{}:", text("header")?)));
    (place.unwrap(), text("code").unwrap())
}
