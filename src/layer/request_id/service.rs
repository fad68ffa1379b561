use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::{RequestIdFuture, RequestIdLayer};

/// Gives every request an id. See the [module docs](super).
#[derive(Debug, Clone)]
pub struct RequestIdService<S> {
    inner: S,
    settings: RequestIdLayer,
}

impl<S> RequestIdService<S> {
    /// A service whose requests have an id.
    pub const fn new(inner: S, settings: RequestIdLayer) -> Self {
        Self { inner, settings }
    }
}

impl<S, R, B> Service<Request<R>> for RequestIdService<S>
where
    S: Service<Request<R>, Response = Response<B>>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = RequestIdFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<R>) -> Self::Future {
        let id = self.settings.assign(&mut request);
        RequestIdFuture::new(self.inner.call(request), self.settings.header_name().clone(), id)
    }
}
