use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::guard::Guard;
use super::{CatchPanicBody, CatchPanicFuture, Panicked};

/// Turns panics into problems. See the [module docs](super).
#[derive(Debug)]
pub struct CatchPanicService<S> {
    inner: S,
    guard: Guard,
    unready: Option<Panicked>,
}

impl<S> CatchPanicService<S> {
    pub(super) const fn new(inner: S, guard: Guard) -> Self {
        Self { inner, guard, unready: None }
    }
}

/// A clone has not been polled yet, so it has not panicked either.
impl<S: Clone> Clone for CatchPanicService<S> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone(), self.guard)
    }
}

impl<S, B, R> Service<Request<B>> for CatchPanicService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<CatchPanicBody<R>>;
    type Error = S::Error;
    type Future = CatchPanicFuture<S::Future>;

    /// A panic of the inner service is kept, and becomes the response to the next request.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.guard.run(|| self.inner.poll_ready(cx)).unwrap_or_else(|panicked| {
            self.unready = Some(panicked);
            Poll::Ready(Ok(()))
        })
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let called = match self.unready.take() {
            Some(panicked) => Err(panicked),
            None => self.guard.run(|| self.inner.call(request)),
        };
        match called {
            Ok(inner) => CatchPanicFuture::running(inner, self.guard),
            Err(panicked) => CatchPanicFuture::panicked(panicked, self.guard),
        }
    }
}
