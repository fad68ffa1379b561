use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::RequestTransactionsFuture;
use super::request::{Config, Extension, RequestTransaction};
use crate::body::Body;

/// Gives a transaction to each request that asks for one. See the [module docs](super).
pub struct RequestTransactionsService<S, N = ()> {
    inner: S,
    config: Arc<Config>,
    name: PhantomData<fn() -> N>,
}

impl<S, N> RequestTransactionsService<S, N> {
    pub(super) const fn new(inner: S, config: Arc<Config>) -> Self {
        Self { inner, config, name: PhantomData }
    }
}

impl<S: Clone, N> Clone for RequestTransactionsService<S, N> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone(), Arc::clone(&self.config))
    }
}

impl<S: fmt::Debug, N> fmt::Debug for RequestTransactionsService<S, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inner, config, name: _ } = self;
        f.debug_struct("RequestTransactionsService").field("inner", inner).field("config", config).finish()
    }
}

impl<S, N, B, R> Service<Request<B>> for RequestTransactionsService<S, N>
where
    S: Service<Request<B>, Response = Response<R>>,
    N: 'static,
{
    type Response = Response<Body<R>>;
    type Error = S::Error;
    type Future = RequestTransactionsFuture<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let transaction = Arc::new(RequestTransaction::new(Arc::clone(&self.config)));
        request.extensions_mut().insert(Extension::<N>::new(Arc::clone(&transaction)));
        RequestTransactionsFuture::new(self.inner.call(request), transaction)
    }
}
