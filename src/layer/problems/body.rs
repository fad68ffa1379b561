use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tracing::{Span, record_all};

use crate::body::{Body, BoxError};
use crate::layer::reported::is_traced;
use crate::problem::{TARGET, chain};
use crate::request_id::RequestId;

pin_project! {
    /// A response body that logs its failure. See the [module docs](super).
    #[derive(Debug)]
    pub struct ProblemsBody<B> {
        #[pin]
        inner: Body<B>,
        request_id: Option<RequestId>,
    }
}

impl<B> ProblemsBody<B> {
    pub(super) const fn new(inner: Body<B>, request_id: Option<RequestId>) -> Self {
        Self { inner, request_id }
    }
}

/// An empty body, for outer layers that answer by themselves.
impl<B> Default for ProblemsBody<B> {
    fn default() -> Self {
        Self::new(Body::empty(), None)
    }
}

impl<B> http_body::Body for ProblemsBody<B>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.project();
        let polled = this.inner.poll_frame(cx);
        if let Poll::Ready(Some(Err(error))) = &polled {
            report_cut(&**error, this.request_id.as_ref());
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Logs that the client got the head of a response, but only a part of its body. In the span of a request, the trace
/// layer logs this instead, and here the span gets the reason.
#[cold]
pub(crate) fn report_cut(error: &(dyn std::error::Error + 'static), request_id: Option<&RequestId>) {
    let error = chain(error);
    if is_traced() {
        record_all!(Span::current(), error.message = %error);
        return;
    }
    let request_id = request_id.map(RequestId::as_str);
    tracing::error!(target: TARGET, request_id, %error, "response body was cut");
}
