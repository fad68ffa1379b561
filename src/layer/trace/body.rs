use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::in_flight::InFlight;

pin_project! {
    /// A response body whose end is the end of the request. See the [module docs](super).
    #[derive(Debug)]
    pub struct TraceBody<B> {
        #[pin]
        inner: B,
        in_flight: InFlight,
    }
}

impl<B> TraceBody<B> {
    pub(super) const fn new(inner: B, in_flight: InFlight) -> Self {
        Self { inner, in_flight }
    }
}

/// A body that belongs to no request, for outer layers that answer by themselves.
impl<B: Default> Default for TraceBody<B> {
    fn default() -> Self {
        Self::new(B::default(), InFlight::unseen())
    }
}

impl<B: Body> Body for TraceBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let entered = this.in_flight.enter();
        let polled = this.inner.as_mut().poll_frame(cx);
        drop(entered);
        let frame = ready!(polled);
        this.in_flight.on_frame(&frame, || this.inner.is_end_stream());
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
