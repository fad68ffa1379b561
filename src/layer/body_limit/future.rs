use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Response, Version};
use pin_project_lite::pin_project;

use super::decide::{closed, refusal};
use crate::body::Body;
use crate::layer::upload::{Upload, settled};

pin_project! {
    /// The response of [`BodyLimitService`](super::BodyLimitService).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct BodyLimitFuture<F> {
        #[pin]
        state: State<F>,
        version: Version,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<F> {
        Refused,
        Running { #[pin] inner: F, upload: Upload },
    }
}

impl<F> BodyLimitFuture<F> {
    pub(super) const fn refused(version: Version) -> Self {
        Self { state: State::Refused, version }
    }

    pub(super) const fn running(inner: F, upload: Upload, version: Version) -> Self {
        Self { state: State::Running { inner, upload }, version }
    }
}

impl<F, B, E> Future for BodyLimitFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<Body<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        Poll::Ready(Ok(match this.state.project() {
            StateProj::Refused => refusal(*this.version),
            StateProj::Running { inner, upload } => {
                let response = closed(*this.version, ready!(inner.poll(cx))?);
                settled(response, upload, *this.version)
            }
        }))
    }
}
