use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::body::{Body, BoxError};
use crate::layer::catch_panic::body::poll_guarded;
use crate::layer::catch_panic::guard::Guard;
use crate::layer::problems::body::report_cut;
use crate::layer::trace::in_flight::InFlight;
use crate::request_id::RequestId;

pin_project! {
    /// The body of a response, from the handler or a layer, observed to its end. See the [module docs](super).
    #[derive(Debug)]
    pub struct StackBody<B> {
        // Dropped when it panics.
        #[pin]
        inner: Option<Body<B>>,
        guard: Guard,
        request_id: Option<RequestId>,
        in_flight: InFlight,
    }
}

impl<B> StackBody<B> {
    pub(super) const fn new(inner: Body<B>, guard: Guard, request_id: Option<RequestId>, in_flight: InFlight) -> Self {
        Self { inner: Some(inner), guard, request_id, in_flight }
    }
}

/// An empty body, for outer layers that answer by themselves.
impl<B> Default for StackBody<B> {
    fn default() -> Self {
        Self::new(Body::empty(), Guard::default(), None, InFlight::unseen())
    }
}

impl<B> http_body::Body for StackBody<B>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut this = self.project();
        let entered = this.in_flight.enter();
        let frame = ready!(poll_guarded(this.inner.as_mut(), *this.guard, cx));
        if let Some(Err(error)) = &frame {
            report_cut(&**error, this.request_id.as_ref());
        }
        drop(entered);
        let is_end = || this.inner.as_ref().as_pin_ref().is_none_or(|inner| inner.is_end_stream());
        this.in_flight.on_frame(&frame, is_end);
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(SizeHint::default, http_body::Body::size_hint)
    }
}
