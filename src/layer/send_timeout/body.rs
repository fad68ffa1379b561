use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::Chunk;
use super::exchange::Exchange;

pin_project! {
    /// A response body whose content is counted until it is written. See the [module docs](super).
    #[derive(Debug)]
    pub struct SendTimeoutBody<B> {
        // Dropped first: the inner body may ask how the exchange went.
        #[pin]
        inner: B,
        exchange: Option<Arc<Exchange>>,
    }
}

impl<B> SendTimeoutBody<B> {
    pub(super) const fn new(inner: B, exchange: Option<Arc<Exchange>>) -> Self {
        Self { inner, exchange }
    }
}

/// A body that belongs to no connection.
impl<B: Default> Default for SendTimeoutBody<B> {
    fn default() -> Self {
        Self::new(B::default(), None)
    }
}

impl<B: Body> Body for SendTimeoutBody<B> {
    type Data = Chunk<B::Data>;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, B::Error>>> {
        let this = self.project();
        let count = |content: B::Data| {
            if let Some(exchange) = this.exchange {
                exchange.hand_out(content.remaining());
            }
            Chunk::new(content, this.exchange.clone())
        };
        this.inner.poll_frame(cx).map_ok(|frame| frame.map_data(count))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
