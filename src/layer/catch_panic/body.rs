use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;

use super::guard::{Guard, drop_quietly};
use crate::body::{Body, BoxError};

pin_project! {
    /// A response body that ends with an error if it panics. See the [module docs](super).
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

    /// The body of a response that the layer itself makes.
    pub(super) fn own(body: Body<B>) -> Self {
        Self { inner: Some(body), guard: Guard::default() }
    }
}

/// An empty body, for outer layers that answer by themselves.
impl<B> Default for CatchPanicBody<B> {
    fn default() -> Self {
        Self::own(Body::empty())
    }
}

impl<B> http_body::Body for CatchPanicBody<B>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.project();
        poll_guarded(this.inner, *this.guard, cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(SizeHint::default, http_body::Body::size_hint)
    }
}

/// The next frame; a panic becomes an error, which ends the body.
pub(crate) fn poll_guarded<B>(
    mut body: Pin<&mut Option<Body<B>>>,
    guard: Guard,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, BoxError>>>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>>,
{
    let Some(inner) = body.as_mut().as_pin_mut() else { return Poll::Ready(None) };
    guard.run(|| http_body::Body::poll_frame(inner, cx)).unwrap_or_else(|panicked| {
        drop_quietly(|| body.set(None));
        Poll::Ready(Some(Err(panicked.into())))
    })
}
