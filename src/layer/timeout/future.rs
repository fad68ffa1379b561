use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Response, Version};
use pin_project_lite::pin_project;
use tokio::time::Sleep;

use super::decide::expired;
use super::timer::is_up;
use crate::body::Body;
use crate::layer::upload::{Upload, settled};

pin_project! {
    /// The response of [`TimeoutService`](super::TimeoutService).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct TimeoutFuture<F> {
        // Dropped at the deadline: the resources that it holds must not wait until the response is sent.
        #[pin]
        inner: Option<F>,
        #[pin]
        timer: Option<Sleep>,
        limit: Duration,
        upload: Upload,
        version: Version,
    }
}

impl<F> TimeoutFuture<F> {
    pub(super) const fn new(inner: F, limit: Duration, upload: Upload, version: Version) -> Self {
        Self { inner: Some(inner), timer: None, limit, upload, version }
    }
}

impl<F, B, E> Future for TimeoutFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<Body<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else { return Poll::Pending };
        if let Poll::Ready(answer) = inner.poll(cx) {
            return Poll::Ready(answer.map(|response| settled(response, this.upload, *this.version)));
        }
        if is_up(this.timer, *this.limit, cx) {
            // The response is made first: dropping the handler drops its body, which then no longer counts as
            // awaited.
            let response = expired(this.upload, *this.version);
            this.inner.set(None);
            return Poll::Ready(Ok(response));
        }
        Poll::Pending
    }
}
