use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::{SecurityHeadersFuture, SecurityHeadersLayer};

/// Puts the security headers of an API on every response. See the [module docs](super).
#[derive(Debug, Clone)]
pub struct SecurityHeadersService<S> {
    pub(super) inner: S,
    pub(super) headers: SecurityHeadersLayer,
}

impl<S, R, B> Service<Request<R>> for SecurityHeadersService<S>
where
    S: Service<Request<R>, Response = Response<B>>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = SecurityHeadersFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<R>) -> Self::Future {
        SecurityHeadersFuture::new(self.inner.call(request), self.headers.clone())
    }
}
