use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;

use super::admission::{Admission, Refused};
use super::future::{Called, Exchange};
use super::layer::Config;
use super::{StackBody, StackFuture, StackRequestBody};
use crate::body::BoxError;
use crate::layer::body_limit::BodyLimitBody;
use crate::layer::body_limit::decide::{announce, refuses};
use crate::layer::problems::head::Head;
use crate::layer::timeout::TimeoutBody;
use crate::layer::upload::Upload;

/// The standard layers around a service. See the [module docs](super).
#[derive(Debug)]
pub struct StackService<S> {
    inner: S,
    config: Arc<Config>,
    admission: Admission,
}

impl<S> StackService<S> {
    pub(super) const fn new(inner: S, config: Arc<Config>) -> Self {
        Self { inner, config, admission: Admission::new() }
    }
}

/// A clone has not been polled yet: it has neither failed nor been admitted.
impl<S: Clone> Clone for StackService<S> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone(), Arc::clone(&self.config))
    }
}

impl<S, R, B> Service<Request<R>> for StackService<S>
where
    S: Service<Request<StackRequestBody<R>>, Response = Response<B>, Error: Into<BoxError>>,
    R: http_body::Body,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>>,
{
    type Response = Response<StackBody<B>>;
    type Error = Infallible;
    type Future = StackFuture<S::Future>;

    /// A failure in here is kept, and becomes the response to the next request.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        let (inner, config) = (&mut self.inner, &*self.config);
        let ready = self.admission.poll(config.concurrency.as_ref(), config.guard, || inner.poll_ready(cx));
        ready.map(Ok)
    }

    fn call(&mut self, mut request: Request<R>) -> Self::Future {
        let config = Arc::clone(&self.config);
        config.request_ids.assign(&mut request);
        let (in_flight, span) = config.trace.begin(&mut request);
        let (head, version) = (Head::of(&request, config.problems.translates()), request.version());

        let entered = in_flight.enter();
        let (mut upload, mut permit) = (Upload::default(), None);
        let called = match self.admission.take(config.concurrency.is_some()) {
            Err(Refused::Error(error)) => Called::Failed { error },
            Err(Refused::Panicked(panicked)) => Called::Panicked { panicked },
            Ok(taken) => {
                let called = self.run(request, &mut upload);
                // A handler that panicked does not run any more, so its permit is returned.
                permit = taken.filter(|_| !matches!(called, Called::Panicked { .. }));
                called
            }
        };
        drop(entered);
        StackFuture::new(called, Exchange { config, head, version, upload, permit, span }, in_flight)
    }
}

impl<S> StackService<S> {
    fn run<R, B>(&mut self, mut request: Request<R>, upload: &mut Upload) -> Called<S::Future>
    where
        S: Service<Request<StackRequestBody<R>>, Response = Response<B>>,
        R: http_body::Body,
    {
        let (inner, config) = (&mut self.inner, &*self.config);
        let call = || {
            let read_limit = config.timeout.and_then(|timeout| timeout.read_limit);
            // The layers by hand follow an upload only if there is a limit, and this must do the same.
            if config.timeout.is_some() || config.body_limit.is_some() {
                *upload = Upload::of(request.body());
            }
            if config.body_limit.is_some_and(|settings| refuses(&request, settings)) {
                return Called::TooLarge;
            }
            let limit = config.body_limit.map_or(usize::MAX, |settings| settings.limit);
            announce(&mut request, limit);
            let declared = request.body().size_hint().lower();
            let body = |body| {
                let body = TimeoutBody::new(body, upload.clone(), read_limit);
                BodyLimitBody::new(body, limit, declared, upload.clone())
            };
            Called::Running { inner: inner.call(request.map(body)) }
        };
        // Not returned out of the guard: the future is large, and would be moved once more.
        let mut called = Called::Done;
        match config.guard.run(|| called = call()) {
            Ok(()) => called,
            Err(panicked) => Called::Panicked { panicked },
        }
    }
}
