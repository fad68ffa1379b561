use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::decide::{announce, refuses};
use super::{BodyLimitBody, BodyLimitFuture, BodyLimitLayer};
use crate::body::Body;
use crate::layer::upload::Upload;

/// Limits the size of request bodies. See the [module docs](super).
#[derive(Debug, Clone, Copy)]
pub struct BodyLimitService<S> {
    pub(super) inner: S,
    pub(super) settings: BodyLimitLayer,
}

impl<S, B, R> Service<Request<B>> for BodyLimitService<S>
where
    S: Service<Request<BodyLimitBody<B>>, Response = Response<R>>,
    B: http_body::Body,
{
    type Response = Response<Body<R>>;
    type Error = S::Error;
    type Future = BodyLimitFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let version = request.version();
        if refuses(&request, self.settings) {
            return BodyLimitFuture::refused(version);
        }
        announce(&mut request, self.settings.limit);
        let (declared, upload) = (request.body().size_hint().lower(), Upload::of(request.body()));
        let request = request.map(|body| BodyLimitBody::new(body, self.settings.limit, declared, upload.clone()));
        BodyLimitFuture::running(self.inner.call(request), upload, version)
    }
}
