use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tower::{Layer, Service};

/// A layer that counts the requests whose futures are alive: a server drops the future of a client that left.
#[derive(Clone, Default)]
pub(crate) struct Inside(Arc<AtomicUsize>);

impl Inside {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl<S> Layer<S> for Inside {
    type Service = Counted<S>;

    fn layer(&self, inner: S) -> Counted<S> {
        Counted { inner, inside: self.clone() }
    }
}

#[derive(Clone)]
pub(crate) struct Counted<S> {
    inner: S,
    inside: Inside,
}

impl<S, R> Service<R> for Counted<S>
where
    S: Service<R, Future: Send + 'static>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (one, request) = (One::new(&self.inside), self.inner.call(request));
        Box::pin(async move {
            let _one = one;
            request.await
        })
    }
}

struct One(Inside);

impl One {
    fn new(inside: &Inside) -> Self {
        inside.0.fetch_add(1, Ordering::SeqCst);
        Self(inside.clone())
    }
}

impl Drop for One {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}
