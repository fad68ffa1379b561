use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::{TimeoutBody, TimeoutFuture, TimeoutLayer};
use crate::body::Body;
use crate::layer::upload::Upload;

/// Limits how long a request may take. See the [module docs](super).
#[derive(Debug, Clone, Copy)]
pub struct TimeoutService<S> {
    pub(super) inner: S,
    pub(super) limits: TimeoutLayer,
}

impl<S, B, R> Service<Request<B>> for TimeoutService<S>
where
    S: Service<Request<TimeoutBody<B>>, Response = Response<R>>,
    B: http_body::Body,
{
    type Response = Response<Body<R>>;
    type Error = S::Error;
    type Future = TimeoutFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (version, upload) = (request.version(), Upload::of(request.body()));
        let TimeoutLayer { limit, read_limit } = self.limits;
        let request = request.map(|body| TimeoutBody::new(body, upload.clone(), read_limit));
        TimeoutFuture::new(self.inner.call(request), limit, upload, version)
    }
}
