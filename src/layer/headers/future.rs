use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use super::SecurityHeadersLayer;

pin_project! {
    /// The response of [`SecurityHeadersService`](super::SecurityHeadersService).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct SecurityHeadersFuture<F> {
        #[pin]
        inner: F,
        headers: SecurityHeadersLayer,
    }
}

impl<F> SecurityHeadersFuture<F> {
    pub(super) const fn new(inner: F, headers: SecurityHeadersLayer) -> Self {
        Self { inner, headers }
    }
}

impl<F, B, E> Future for SecurityHeadersFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        this.headers.add(response.status(), response.headers_mut());
        Poll::Ready(Ok(response))
    }
}
