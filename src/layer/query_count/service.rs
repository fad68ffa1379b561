use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::counted::CountedRequest;
use super::{QueryCountFuture, QueryCountLayer};

/// Counts the statements of each request. See the [module docs](super).
#[derive(Debug, Clone, Copy)]
pub struct QueryCountService<S> {
    pub(super) inner: S,
    pub(super) settings: QueryCountLayer,
}

impl<S, R, B> Service<Request<R>> for QueryCountService<S>
where
    S: Service<Request<R>, Response = Response<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = QueryCountFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<R>) -> Self::Future {
        let counted = CountedRequest::new(self.settings);
        let log = Arc::clone(counted.log());
        let inner = counted.count(|| self.inner.call(request));
        QueryCountFuture::new(log.scope(inner), counted)
    }
}
