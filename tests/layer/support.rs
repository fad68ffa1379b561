//! Services, bodies and a log for tests of layers.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use serde_json::Value;
use tower_service::Service;
use tracing::subscriber::DefaultGuard;

/// Reads a body to its end.
pub(crate) async fn read<B: Body<Data = Bytes, Error: std::fmt::Debug>>(body: B) -> Bytes {
    body.collect().await.unwrap().to_bytes()
}

/// Reads a body as JSON.
pub(crate) async fn json<B: Body<Data = Bytes, Error: std::fmt::Debug>>(response: Response<B>) -> Value {
    serde_json::from_slice(&read(response.into_body()).await).unwrap()
}

/// Answers every request with a copy of this head and text.
pub(crate) fn answer(
    response: http::response::Builder,
    text: &'static str,
) -> impl Service<Request<String>, Response = Response<String>, Error = Infallible, Future: Send> + Clone {
    let response = response.body(text.to_owned()).unwrap();
    tower::service_fn(move |_| std::future::ready(Ok(response.clone())))
}

/// A body of these frames, each after one `Pending`, and then an error or an end.
pub(crate) struct Frames {
    frames: std::vec::IntoIter<Result<Bytes, io::Error>>,
    pending: bool,
}

impl Frames {
    pub(crate) fn new(frames: impl IntoIterator<Item = Result<&'static str, io::Error>>) -> Self {
        let frames: Vec<_> = frames.into_iter().map(|frame| frame.map(Bytes::from)).collect();
        Self { frames: frames.into_iter(), pending: true }
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if std::mem::replace(&mut self.pending, false) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.pending = true;
        Poll::Ready(self.frames.next().map(|frame| frame.map(Frame::data)))
    }
}

/// A body that never produces a frame or an end.
pub(crate) struct Stuck;

impl Body for Stuck {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

/// A service that must be polled ready before each call, like one that takes permits, and that counts its live
/// instances.
#[derive(Default)]
pub(crate) struct Strict {
    ready: bool,
    pub(crate) polls: usize,
    pub(crate) alive: Arc<AtomicUsize>,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self { ready: false, polls: self.polls, alive: Arc::clone(&self.alive) }
    }
}

impl<B> Service<Request<B>> for Strict {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Polls;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Polls {
        assert!(std::mem::take(&mut self.ready), "called without having been polled ready");
        self.alive.fetch_add(1, Ordering::Relaxed);
        Polls { left: self.polls, alive: Arc::clone(&self.alive) }
    }
}

/// Is ready after a number of polls.
pub(crate) struct Polls {
    left: usize,
    alive: Arc<AtomicUsize>,
}

impl Future for Polls {
    type Output = Result<Response<String>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.left.checked_sub(1) {
            None => Poll::Ready(Ok(Response::new("done".into()))),
            Some(left) => {
                self.left = left;
                Poll::Pending
            }
        }
    }
}

impl Drop for Polls {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The log of this thread during the lifetime of this value.
pub(crate) struct Log {
    text: Arc<Mutex<Vec<u8>>>,
    _guard: DefaultGuard,
}

impl Log {
    pub(crate) fn capture() -> Self {
        let text = Arc::<Mutex<Vec<u8>>>::default();
        let writer = Arc::clone(&text);
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || Writer(Arc::clone(&writer)))
            .finish();
        Self { text, _guard: tracing::subscriber::set_default(subscriber) }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.text.lock().unwrap().clone()).unwrap()
    }
}

struct Writer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
