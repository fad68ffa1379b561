use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{HeaderValue, Response};
use http_body::Body;
use pin_project_lite::pin_project;

use super::in_flight::InFlight;
use super::outcome::Outcome;
use super::{TraceBody, TraceLayer};

pin_project! {
    /// The response of [`TraceService`](super::TraceService).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct TraceFuture<F> {
        // Dropped before the guard: the request is over once the handler is gone.
        #[pin]
        inner: F,
        in_flight: InFlight,
        answer: Option<HeaderValue>,
    }
}

impl<F> TraceFuture<F> {
    pub(super) const fn new(inner: F, in_flight: InFlight, answer: Option<HeaderValue>) -> Self {
        Self { inner, in_flight, answer }
    }
}

impl<F, B, E> Future for TraceFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<TraceBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let entered = this.in_flight.enter();
        let polled = this.inner.poll(cx);
        drop(entered);
        let mut response = match ready!(polled) {
            Ok(response) => response,
            Err(error) => {
                this.in_flight.end(Outcome::Failed);
                return Poll::Ready(Err(error));
            }
        };
        this.in_flight.on_response(&response);
        if let Some(span) = this.answer.take() {
            TraceLayer::answer(span, response.headers_mut());
        }
        let in_flight = this.in_flight.take();
        Poll::Ready(Ok(response.map(|body| TraceBody::new(body, in_flight))))
    }
}
