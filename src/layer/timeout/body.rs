use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::decide::stalled;
use super::idle::Idle;
use crate::body::BoxError;
use crate::layer::upload::{Reader, Upload};

pin_project! {
    /// A request body that records whether the handler waits for it, for the timer. See the [module docs](super).
    #[derive(Debug)]
    pub struct TimeoutBody<B> {
        #[pin]
        inner: B,
        reader: Reader,
        idle: Idle,
    }
}

impl<B> TimeoutBody<B> {
    pub(crate) const fn new(inner: B, upload: Upload, read_limit: Option<Duration>) -> Self {
        Self { inner, reader: Reader(upload), idle: Idle::new(read_limit) }
    }
}

impl<B> Body for TimeoutBody<B>
where
    B: Body<Error: Into<BoxError>>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let this = self.project();
        let Reader(upload) = this.reader;
        if let Poll::Ready(frame) = this.inner.poll_frame(cx) {
            upload.set_awaited(false);
            this.idle.rest();
            let failed = |error: B::Error| {
                let error = error.into();
                upload.fail(&*error);
                error
            };
            return Poll::Ready(frame.map(|frame| frame.map_err(failed)));
        }
        upload.set_awaited(true);
        if this.idle.wait(cx).is_pending() {
            return Poll::Pending;
        }
        let stalled = stalled();
        upload.fail(&stalled);
        Poll::Ready(Some(Err(stalled.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
