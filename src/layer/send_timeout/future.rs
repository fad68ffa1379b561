use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use super::SendTimeoutBody;
use super::exchange::Exchange;

pin_project! {
    /// The response of [`SendTimeoutService`](super::SendTimeoutService).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct SendTimeoutFuture<F> {
        #[pin]
        inner: F,
        // Moved into the body.
        exchange: Option<Arc<Exchange>>,
    }
}

impl<F> SendTimeoutFuture<F> {
    pub(super) const fn new(inner: F, exchange: Arc<Exchange>) -> Self {
        Self { inner, exchange: Some(exchange) }
    }
}

impl<F, B, E> Future for SendTimeoutFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<SendTimeoutBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.inner.poll(cx));
        let exchange = this.exchange.take();
        Poll::Ready(answer.map(|response| response.map(|body| SendTimeoutBody::new(body, exchange))))
    }
}
