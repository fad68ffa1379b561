use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use super::guard::{Guard, drop_quietly};
use super::{CatchPanicBody, Panicked};
use crate::problem::Problem;

pin_project! {
    /// The response of [`CatchPanicService`](super::CatchPanicService).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct CatchPanicFuture<F> {
        #[pin]
        state: State<F>,
        guard: Guard,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<F> {
        Running { #[pin] inner: F },
        Panicked { panicked: Option<Panicked> },
    }
}

impl<F> CatchPanicFuture<F> {
    pub(super) const fn running(inner: F, guard: Guard) -> Self {
        Self { state: State::Running { inner }, guard }
    }

    pub(super) const fn panicked(panicked: Panicked, guard: Guard) -> Self {
        Self { state: State::Panicked { panicked: Some(panicked) }, guard }
    }
}

impl<F, B, E> Future for CatchPanicFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<CatchPanicBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let guard = *this.guard;
        let panicked = match this.state.as_mut().project() {
            StateProj::Panicked { panicked } => panicked.take().unwrap_or_else(Panicked::silent),
            StateProj::Running { inner } => match guard.run(|| inner.poll(cx)) {
                Ok(polled) => return Poll::Ready(Ok(ready!(polled)?.map(|body| CatchPanicBody::new(body, guard)))),
                Err(panicked) => panicked,
            },
        };
        // The remains of the handler are never polled again, and are dropped before the response is returned.
        drop_quietly(|| this.state.set(State::Panicked { panicked: None }));
        Poll::Ready(Ok(Response::from(Problem::internal(panicked)).map(CatchPanicBody::own)))
    }
}
