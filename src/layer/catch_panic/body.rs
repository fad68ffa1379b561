use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;

use super::guard::{Guard, drop_quietly};
use crate::body::{Body, BoxError};

pin_project! {
    /// A response body that ends with an error where it panics. See the [module docs](super).
    #[derive(Debug)]
    pub struct CatchPanicBody<B> {
        #[pin]
        inner: Option<Body<B>>,
        guard: Guard,
    }
}

impl<B> CatchPanicBody<B> {
    pub(super) const fn new(inner: B, guard: Guard) -> Self {
        Self { inner: Some(Body::new(inner)), guard }
    }

    /// What the layer answers with itself.
    pub(super) fn own(body: Body<B>) -> Self {
        Self { inner: Some(body), guard: Guard::default() }
    }
}

impl<B> http_body::Body for CatchPanicBody<B>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        this.guard.run(|| inner.poll_frame(cx)).unwrap_or_else(|panicked| {
            drop_quietly(|| this.inner.set(None));
            Poll::Ready(Some(Err(panicked.into())))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(SizeHint::default, http_body::Body::size_hint)
    }
}
