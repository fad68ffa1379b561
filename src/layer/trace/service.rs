use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::{TraceBody, TraceFuture, TraceLayer};

/// One span and one event for each request. See the [module docs](super).
#[derive(Debug, Clone, Copy)]
pub struct TraceService<S> {
    pub(super) inner: S,
    pub(super) settings: TraceLayer,
}

impl<S, R, B> Service<Request<R>> for TraceService<S>
where
    S: Service<Request<R>, Response = Response<B>>,
    B: Body,
{
    type Response = Response<TraceBody<B>>;
    type Error = S::Error;
    type Future = TraceFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<R>) -> Self::Future {
        let (in_flight, answer) = self.settings.begin(&mut request);
        let entered = in_flight.enter();
        let inner = self.inner.call(request);
        drop(entered);
        TraceFuture::new(inner, in_flight, answer)
    }
}
