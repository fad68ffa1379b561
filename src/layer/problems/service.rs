use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;

use super::head::Head;
use super::policy::Policy;
use super::{ProblemsBody, ProblemsFuture};
use crate::body::BoxError;

/// Makes every failure leave in one envelope. See the [module docs](super).
#[derive(Debug)]
pub struct ProblemsService<S> {
    inner: S,
    policy: Arc<Policy>,
    unready: Option<BoxError>,
}

impl<S> ProblemsService<S> {
    pub(super) const fn new(inner: S, policy: Arc<Policy>) -> Self {
        Self { inner, policy, unready: None }
    }
}

/// A clone has not been polled yet, so it has not failed either.
impl<S: Clone> Clone for ProblemsService<S> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone(), Arc::clone(&self.policy))
    }
}

impl<S, B, R> Service<Request<B>> for ProblemsService<S>
where
    S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>>,
    R: http_body::Body<Data = Bytes, Error: Into<BoxError>>,
{
    type Response = Response<ProblemsBody<R>>;
    type Error = Infallible;
    type Future = ProblemsFuture<S::Future>;

    /// An error of the inner service is kept, and becomes the response to the next request.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx).map(|ready| {
            self.unready = ready.err().map(Into::into);
            Ok(())
        })
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (head, policy) = (Head::of(&request, self.policy.translates()), Arc::clone(&self.policy));
        match self.unready.take() {
            None => ProblemsFuture::running(self.inner.call(request), head, policy),
            Some(error) => ProblemsFuture::failed(error, head, policy),
        }
    }
}
