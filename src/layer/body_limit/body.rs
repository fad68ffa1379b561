use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Limited;
use pin_project_lite::pin_project;

use crate::body::BoxError;
use crate::layer::upload::Upload;

pin_project! {
    /// A request body that fails with a [`LengthLimitError`](http_body_util::LengthLimitError) past its limit.
    ///
    /// See the [module docs](super).
    #[derive(Debug)]
    pub struct BodyLimitBody<B> {
        #[pin]
        inner: Limited<B>,
        // The declared length, if it exceeds the limit.
        declared: Option<u64>,
        upload: Upload,
    }
}

impl<B> BodyLimitBody<B> {
    /// `declared` is the least length that the body itself reports.
    pub(crate) fn new(inner: B, limit: usize, declared: u64, upload: Upload) -> Self {
        let declared = (declared > limit as u64).then_some(declared);
        Self { inner: Limited::new(inner, limit), declared, upload }
    }
}

impl<B> Body for BodyLimitBody<B>
where
    B: Body<Data: Buf, Error: Into<BoxError>>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let this = self.project();
        let frame = this.inner.poll_frame(cx);
        if let Poll::Ready(Some(Err(error))) = &frame {
            this.upload.fail(&**error);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    /// Reports a declared length above the limit as it is, so that a reader can refuse the body without reading it.
    fn size_hint(&self) -> SizeHint {
        self.declared.map_or_else(|| unlimited(self.inner.size_hint()), SizeHint::with_exact)
    }
}

/// `Limited` reports its limit as the upper bound; `u64::MAX` means that there is no limit.
fn unlimited(hint: SizeHint) -> SizeHint {
    if hint.upper() != Some(u64::MAX) {
        return hint;
    }
    let mut open = SizeHint::new();
    open.set_lower(hint.lower());
    open
}
