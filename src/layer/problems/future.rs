use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;

use super::ProblemsBody;
use super::head::Head;
use super::policy::Policy;
use crate::body::{Body, BoxError};
use crate::handler::strip_forbidden_content;
use crate::layer::catch_panic::guard::Guard;
use crate::problem::Problem;

pin_project! {
    /// The response of [`ProblemsService`](super::ProblemsService).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ProblemsFuture<F> {
        #[pin]
        state: State<F>,
        head: Head,
        policy: Arc<Policy>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<F> {
        Running { #[pin] inner: F },
        Failed { error: Option<BoxError> },
    }
}

impl<F> ProblemsFuture<F> {
    pub(super) const fn running(inner: F, head: Head, policy: Arc<Policy>) -> Self {
        Self { state: State::Running { inner }, head, policy }
    }

    pub(super) const fn failed(error: BoxError, head: Head, policy: Arc<Policy>) -> Self {
        Self { state: State::Failed { error: Some(error) }, head, policy }
    }
}

impl<F, B, E> Future for ProblemsFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>>,
    E: Into<BoxError>,
{
    type Output = Result<Response<ProblemsBody<B>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = match this.state.project() {
            StateProj::Running { inner } => ready!(inner.poll(cx)).map_err(Into::into),
            StateProj::Failed { error } => match error.take() {
                Some(error) => Err(error),
                None => return Poll::Pending,
            },
        };
        let response = settle(answer, this.head, this.policy, Body::new);
        let request_id = this.head.request_id.take();
        Poll::Ready(Ok(response.map(|body| ProblemsBody::new(body, request_id))))
    }
}

/// The response as the client gets it. `pass` converts a body that is not replaced.
pub(crate) fn settle<B, C>(
    answer: Result<Response<B>, BoxError>,
    head: &Head,
    policy: &Policy,
    pass: impl FnOnce(B) -> Body<C>,
) -> Response<Body<C>>
where
    C: http_body::Body<Data = Bytes, Error: Into<BoxError>>,
{
    match answer {
        Ok(response) => match policy.problem_in(&response) {
            None => strip_forbidden_content(response.map(pass), head.is_head),
            // The old body is dropped with the old response.
            Some(problem) => written(problem, head, policy, response.map(drop)),
        },
        Err(error) => written(policy.problem_of(error), head, policy, Response::new(())),
    }
}

#[cold]
fn written<B>(problem: Problem, head: &Head, policy: &Policy, response: Response<()>) -> Response<Body<B>> {
    let (mut parts, ()) = response.into_parts();
    // The service's envelope, translation or `Display` may panic, and no outer layer would catch that.
    let content = Guard::default().run(|| policy.write(problem, head, &mut parts));
    let content = content.unwrap_or_else(|panicked| Policy::new().write(Problem::internal(panicked), head, &mut parts));
    Response::from_parts(parts, Body::from(content))
}
