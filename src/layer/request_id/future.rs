use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{HeaderName, Response};
use pin_project_lite::pin_project;

use super::RequestIdLayer;
use crate::request_id::RequestId;

pin_project! {
    /// The response of [`RequestIdService`](super::RequestIdService).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct RequestIdFuture<F> {
        #[pin]
        inner: F,
        header: HeaderName,
        id: Option<RequestId>,
    }
}

impl<F> RequestIdFuture<F> {
    pub(super) const fn new(inner: F, header: HeaderName, id: RequestId) -> Self {
        Self { inner, header, id: Some(id) }
    }
}

impl<F, B, E> Future for RequestIdFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        if let Some(id) = this.id.take() {
            RequestIdLayer::answer(this.header, id, response.headers_mut());
        }
        Poll::Ready(Ok(response))
    }
}
