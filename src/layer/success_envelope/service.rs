use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;

use crate::handler::is_head;

use super::{SuccessEnvelopeBody, SuccessEnvelopeFuture, SuccessEnvelopeLayer};

/// A service whose successes are wrapped. See the [module docs](super).
#[derive(Debug, Clone)]
pub struct SuccessEnvelopeService<S> {
    inner: S,
    envelope: SuccessEnvelopeLayer,
}

impl<S> SuccessEnvelopeService<S> {
    pub(super) const fn new(inner: S, envelope: SuccessEnvelopeLayer) -> Self {
        Self { inner, envelope }
    }
}

impl<S, Q, B> Service<Request<Q>> for SuccessEnvelopeService<S>
where
    S: Service<Request<Q>, Response = Response<B>>,
    B: http_body::Body<Data = Bytes>,
{
    type Response = Response<SuccessEnvelopeBody<B>>;
    type Error = S::Error;
    type Future = SuccessEnvelopeFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let id = request.extensions().get().cloned();
        let is_head = is_head(request.method());
        SuccessEnvelopeFuture::new(self.inner.call(request), self.envelope.clone(), id, is_head)
    }
}
