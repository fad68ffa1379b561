use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Limited;
use pin_project_lite::pin_project;

use crate::body::BoxError;

pin_project! {
    /// A request body that fails with a [`LengthLimitError`](http_body_util::LengthLimitError) past its limit.
    ///
    /// See the [module docs](super).
    #[derive(Debug)]
    pub struct BodyLimitBody<B> {
        #[pin]
        inner: Limited<B>,
    }
}

impl<B> BodyLimitBody<B> {
    pub(crate) fn new(inner: B, limit: usize) -> Self {
        Self { inner: Limited::new(inner, limit) }
    }
}

impl<B> Body for BodyLimitBody<B>
where
    B: Body<Data: Buf, Error: Into<BoxError>>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
