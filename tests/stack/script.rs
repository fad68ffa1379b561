//! Inner services and bodies that follow a test's script.

use std::collections::VecDeque;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use buttress::body::{Body, BoxError};
use buttress::handler::{BodyError, FromRequestParts as _, MaxBodySize, RouteTemplate};
use buttress::problem::Challenge;
use buttress::transaction::RequestTx;
use buttress::{Problem, RequestId, TraceContext};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use tower_service::Service;

/// One step of a body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Piece {
    Data(&'static str),
    Trailers,
    Wait,
    Error,
    Panic,
}

/// A body with these steps, which may report its length.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pieces {
    pub(crate) pieces: VecDeque<Piece>,
    pub(crate) sized: bool,
}

impl Pieces {
    pub(crate) fn of(pieces: &[Piece]) -> Self {
        Self { pieces: pieces.iter().copied().collect(), sized: false }
    }

    pub(crate) fn sized(mut self) -> Self {
        self.sized = true;
        self
    }
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(match self.pieces.pop_front() {
            None => None,
            Some(Piece::Data(text)) => Some(Ok(Frame::data(Bytes::from_static(text.as_bytes())))),
            Some(Piece::Trailers) => {
                let trailers = HeaderMap::from_iter([(http::header::ETAG, HeaderValue::from_static("trailing"))]);
                Some(Ok(Frame::trailers(trailers)))
            }
            Some(Piece::Error) => Some(Err(std::io::Error::other("a body that fails"))),
            Some(Piece::Panic) => panic!("a body that panics"),
            Some(Piece::Wait) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.sized && self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let length = |piece: &Piece| if let Piece::Data(text) = piece { text.len() as u64 } else { 0 };
        let sum = self.pieces.iter().map(length).sum();
        if self.sized { SizeHint::with_exact(sum) } else { SizeHint::default() }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Ready {
    Yes,
    Error,
    Panic,
}

/// The action of the handler, after it has waited for some polls.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Answer {
        status: u16,
        headers: Vec<(&'static str, &'static str)>,
        body: Pieces,
        route: bool,
    },
    Problem(u16),
    Error(Failure),
    PanicInCall,
    PanicInPoll,
    PanicInDrop,
    /// A future that still holds this when its poll has panicked.
    PanicHolding(Arc<()>),
    Never,
    /// Reads the request to its end; a failure is answered, returned, or hidden in a foreign 400.
    Read(OnFailure),
    /// Writes a status in the request's transaction, and answers with it.
    Write(u16),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Failure {
    Plain,
    Problem,
    Overloaded,
    Elapsed,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum OnFailure {
    Answer,
    Return,
    Hide,
}

#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) ready: Ready,
    pub(crate) waits: usize,
    pub(crate) act: Act,
}

impl Script {
    pub(crate) fn new(act: Act) -> Self {
        Self { ready: Ready::Yes, waits: 0, act }
    }
}

type Answered = Result<Response<Body<Pieces>>, BoxError>;

impl<R> Service<Request<R>> for Script
where
    R: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response<Body<Pieces>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Answered> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self.ready {
            Ready::Yes => Poll::Ready(Ok(())),
            Ready::Error => Poll::Ready(Err("not ready, ever".into())),
            Ready::Panic => panic!("a service that panics while it is polled ready"),
        }
    }

    fn call(&mut self, request: Request<R>) -> Self::Future {
        log_request(&request);
        assert!(!matches!(self.act, Act::PanicInCall), "a handler that panics in call");
        if let Act::PanicHolding(held) = &self.act {
            return Box::pin(Holding(Arc::clone(held)));
        }
        let (act, waits) = (self.act.clone(), self.waits);
        Box::pin(async move {
            for _ in 0..waits {
                yield_once().await;
            }
            tracing::debug!("the handler acts");
            act.run(request).await
        })
    }
}

/// The additions of the layers must be the same, too.
fn log_request<R: http_body::Body>(request: &Request<R>) {
    let limit = request.extensions().get::<MaxBodySize>().map(|limit| limit.bytes() as u64);
    tracing::debug!(limit, body = ?request.body().size_hint(), "what may be read");
    let id = request.extensions().get::<RequestId>().map(|id| id.as_str().to_owned());
    let trace = request.extensions().get::<TraceContext>();
    let (sampled, state) = (trace.map(TraceContext::is_sampled), trace.and_then(TraceContext::tracestate));
    tracing::debug!(id, sampled, ?state, headers = ?request.headers(), "called");
}

async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(move |cx| {
        cx.waker().wake_by_ref();
        if std::mem::replace(&mut yielded, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

impl Act {
    async fn run<R>(self, request: Request<R>) -> Answered
    where
        R: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        match self {
            Self::Answer { status, headers, body, route } => Ok(plain(status, &headers, body, route)),
            Self::Problem(401) => Ok(Problem::unauthorized(&Challenge::new("Bearer")).into()),
            Self::Problem(404) => Ok(Problem::not_found().with_detail("no such thing").into()),
            Self::Problem(_) => Ok(Problem::internal("the cause of it").with_detail("inside").into()),
            Self::Error(failure) => Err(failure.into()),
            Self::PanicInCall | Self::PanicHolding(_) => unreachable!(),
            Self::PanicInPoll => panic!("a handler that panics in poll"),
            Self::PanicInDrop => {
                let _bomb = Bomb;
                pending().await
            }
            Self::Never => pending().await,
            Self::Read(on_failure) => on_failure.read(request).await,
            Self::Write(status) => write(status, request).await,
        }
    }
}

async fn write<R: Send>(status: u16, request: Request<R>) -> Answered {
    let mut parts = request.into_parts().0;
    let written = async {
        let mut tx: RequestTx = RequestTx::from_request_parts(&mut parts, &()).await?;
        tx.memory()?.write(|written: &mut Vec<u16>| written.push(status)).await?;
        Ok::<_, Problem>(plain(status, &[], Pieces::default(), false))
    };
    Ok(written.await.unwrap_or_else(Into::into))
}

fn plain(status: u16, headers: &[(&'static str, &'static str)], body: Pieces, route: bool) -> Response<Body<Pieces>> {
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = status.try_into().unwrap();
    for (name, value) in headers {
        response.headers_mut().append(*name, HeaderValue::from_static(value));
    }
    if route {
        response.extensions_mut().insert(RouteTemplate::new("/v1/{thing}"));
    }
    response
}

impl From<Failure> for BoxError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Plain => "a plain error".into(),
            Failure::Problem => Problem::not_found().into(),
            Failure::Overloaded => tower::load_shed::error::Overloaded::new().into(),
            Failure::Elapsed => tower::timeout::error::Elapsed::new().into(),
        }
    }
}

impl OnFailure {
    async fn read<R>(self, request: Request<R>) -> Answered
    where
        R: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        match (request.into_body().collect().await, self) {
            (Ok(content), _) => {
                let text = format!("{} bytes", content.to_bytes().len());
                Ok(Response::new(Body::from(text)))
            }
            (Err(error), Self::Answer) => Ok(Problem::from(BodyError::new(error)).into()),
            (Err(error), Self::Return) => Err(error.into()),
            (Err(_), Self::Hide) => Ok(plain(400, &[], Pieces::of(&[Piece::Data("bad request")]), false)),
        }
    }
}

struct Holding(#[allow(dead_code)] Arc<()>);

impl Future for Holding {
    type Output = Answered;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Answered> {
        panic!("a future that panics in poll")
    }
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("a handler that panics while it is dropped");
        }
    }
}
