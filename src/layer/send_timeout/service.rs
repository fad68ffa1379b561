use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::exchange::Delivery;
use super::{Outgoing, SendTimeoutBody, SendTimeoutFuture};

/// Counts what is in flight on a connection. See the [module docs](super).
#[derive(Debug, Clone)]
pub struct SendTimeoutService<S> {
    pub(super) inner: S,
    pub(super) outgoing: Outgoing,
}

impl<S, R, B> Service<Request<R>> for SendTimeoutService<S>
where
    S: Service<Request<R>, Response = Response<B>>,
    B: http_body::Body,
{
    type Response = Response<SendTimeoutBody<B>>;
    type Error = S::Error;
    type Future = SendTimeoutFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<R>) -> Self::Future {
        let exchange = self.outgoing.begin();
        request.extensions_mut().insert(Delivery::of(&exchange));
        SendTimeoutFuture::new(self.inner.call(request), exchange)
    }
}
