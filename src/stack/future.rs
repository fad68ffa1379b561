use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderValue, Response, Version};
use pin_project_lite::pin_project;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;

use super::StackBody;
use super::layer::Config;
use crate::body::{Body, BoxError};
use crate::layer::body_limit::decide::{closed, refusal};
use crate::layer::catch_panic::Panicked;
use crate::layer::catch_panic::guard::drop_quietly;
use crate::layer::problems::future::settle;
use crate::layer::problems::head::Head;
use crate::layer::timeout::decide::expired;
use crate::layer::timeout::timer::is_up;
use crate::layer::trace::in_flight::InFlight;
use crate::layer::upload::{Upload, settled};
use crate::layer::{RequestIdLayer, TraceLayer};
use crate::problem::Problem;

pin_project! {
    /// The response of [`StackService`](super::StackService).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct StackFuture<F> {
        #[pin]
        called: Called<F>,
        #[pin]
        timer: Option<Sleep>,
        exchange: Exchange,
        in_flight: InFlight,
    }
}

pin_project! {
    /// The outcome of calling the service.
    #[derive(Debug)]
    #[project = CalledProj]
    #[project_replace = CalledOwned]
    pub(super) enum Called<F> {
        Running { #[pin] inner: F },
        TooLarge,
        Failed { error: BoxError },
        Panicked { panicked: Panicked },
        Done,
    }
}

/// The parts of a request that are needed after it is gone.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) config: Arc<Config>,
    pub(super) head: Head,
    pub(super) version: Version,
    pub(super) upload: Upload,
    pub(super) permit: Option<OwnedSemaphorePermit>,
    /// The trace header that is sent to the caller.
    pub(super) span: Option<HeaderValue>,
}

impl<F> StackFuture<F> {
    pub(super) const fn new(called: Called<F>, exchange: Exchange, in_flight: InFlight) -> Self {
        Self { called, timer: None, exchange, in_flight }
    }
}

impl<F, B, E> Future for StackFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>>,
    E: Into<BoxError>,
{
    type Output = Result<Response<StackBody<B>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let entered = this.in_flight.enter();
        let answer = ready!(answer(this.called, this.timer, this.exchange, cx));
        let response = settle(answer, &this.exchange.head, &this.exchange.config.problems, |body| body);
        drop(entered);
        Poll::Ready(Ok(this.exchange.finish(response, this.in_flight)))
    }
}

/// The handler's outcome, as catch panic and all layers inside it see it.
fn answer<F, B, E>(
    mut called: Pin<&mut Called<F>>,
    timer: Pin<&mut Option<Sleep>>,
    exchange: &mut Exchange,
    cx: &mut Context<'_>,
) -> Poll<Result<Response<Body<B>>, BoxError>>
where
    F: Future<Output = Result<Response<B>, E>>,
    E: Into<BoxError>,
{
    if let CalledProj::Running { .. } = called.as_mut().project() {
        // Not returned out of the guard: a response is large, and would be moved once more.
        let mut polled = Poll::Pending;
        return match exchange.config.guard.run(|| polled = timed(called.as_mut(), timer, exchange, cx)) {
            Ok(()) => polled.map_err(Into::into),
            Err(panicked) => {
                drop_quietly(|| called.set(Called::Done));
                exchange.permit = None;
                Poll::Ready(Ok(Problem::internal(panicked).into()))
            }
        };
    }
    Poll::Ready(match called.project_replace(Called::Done) {
        CalledOwned::TooLarge => Ok(refusal(exchange.version)),
        CalledOwned::Failed { error } => Err(error),
        CalledOwned::Panicked { panicked } => Ok(Problem::internal(panicked).into()),
        CalledOwned::Running { .. } | CalledOwned::Done => return Poll::Pending,
    })
}

/// The handler's outcome, as timeout and body limit see it.
fn timed<F, B, E>(
    mut called: Pin<&mut Called<F>>,
    timer: Pin<&mut Option<Sleep>>,
    exchange: &Exchange,
    cx: &mut Context<'_>,
) -> Poll<Result<Response<Body<B>>, E>>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    let CalledProj::Running { inner } = called.as_mut().project() else { return Poll::Pending };
    let Exchange { config, upload, version, .. } = exchange;
    if let Poll::Ready(answer) = inner.poll(cx) {
        let limited = |response| if config.body_limit.is_some() { closed(*version, response) } else { response };
        return Poll::Ready(answer.map(|response| settled(limited(response), upload, *version)));
    }
    if !config.timeout.is_some_and(|timeout| is_up(timer, timeout.limit, cx)) {
        return Poll::Pending;
    }
    // The response is made first: dropping the handler drops its body, which then no longer counts as awaited.
    let response = expired(upload, *version);
    called.set(Called::Done);
    Poll::Ready(Ok(response))
}

impl Exchange {
    /// Adds the parts of every response that headers, trace and request id contribute.
    fn finish<B>(&mut self, mut response: Response<Body<B>>, in_flight: &mut InFlight) -> Response<StackBody<B>>
    where
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>>,
    {
        self.config.headers.add(response.status(), response.headers_mut());
        in_flight.on_response(&response);
        if let Some(span) = self.span.take() {
            TraceLayer::answer(span, response.headers_mut());
        }
        let id = self.head.request_id.take();
        if let Some(id) = id.clone() {
            RequestIdLayer::answer(self.config.request_ids.header_name(), id, response.headers_mut());
        }
        let (guard, in_flight) = (self.config.guard, in_flight.take());
        response.map(|body| StackBody::new(body, guard, id, in_flight))
    }
}
