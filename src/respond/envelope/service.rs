use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;

use super::{SuccessEnvelope, WrappedBody, WrappedFuture};

/// A service whose successes are wrapped. See the [module docs](super).
#[derive(Debug, Clone)]
pub struct Wrapped<S> {
    inner: S,
    envelope: SuccessEnvelope,
}

impl<S> Wrapped<S> {
    pub(super) const fn new(inner: S, envelope: SuccessEnvelope) -> Self {
        Self { inner, envelope }
    }
}

impl<S, Q, B> Service<Request<Q>> for Wrapped<S>
where
    S: Service<Request<Q>, Response = Response<B>>,
    B: http_body::Body<Data = Bytes>,
{
    type Response = Response<WrappedBody<B>>;
    type Error = S::Error;
    type Future = WrappedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let id = request.extensions().get().cloned();
        let is_head = request.method() == http::Method::HEAD;
        WrappedFuture::new(self.inner.call(request), self.envelope.clone(), id, is_head)
    }
}
