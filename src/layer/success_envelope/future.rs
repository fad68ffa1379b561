use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;

use super::{SuccessEnvelopeBody, SuccessEnvelopeLayer, wrap};
use crate::request_id::RequestId;

pin_project! {
    /// The future of [`SuccessEnvelopeService`](super::SuccessEnvelopeService).
    #[must_use = "futures do nothing unless polled"]
    pub struct SuccessEnvelopeFuture<F> {
        #[pin]
        inner: F,
        envelope: SuccessEnvelopeLayer,
        id: Option<RequestId>,
        is_head: bool,
    }
}

impl<F> SuccessEnvelopeFuture<F> {
    pub(super) const fn new(inner: F, envelope: SuccessEnvelopeLayer, id: Option<RequestId>, is_head: bool) -> Self {
        Self { inner, envelope, id, is_head }
    }
}

impl<F, B, E> Future for SuccessEnvelopeFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: http_body::Body<Data = Bytes>,
{
    type Output = Result<Response<SuccessEnvelopeBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx))?;
        Poll::Ready(Ok(wrap::wrap(this.envelope, this.id.as_ref(), *this.is_head, response)))
    }
}

impl<F> fmt::Debug for SuccessEnvelopeFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuccessEnvelopeFuture").finish_non_exhaustive()
    }
}
