use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;
use tokio::task::futures::TaskLocalFuture;

use super::counted::CountedRequest;
use crate::telemetry::QueryLog;

pin_project! {
    /// The response of [`QueryCountService`](super::QueryCountService).
    #[must_use = "futures do nothing unless polled"]
    pub struct QueryCountFuture<F> {
        // Dropped before the count: no statement outlives the handler.
        #[pin]
        inner: TaskLocalFuture<Arc<QueryLog>, F>,
        counted: Option<CountedRequest>,
    }
}

impl<F> QueryCountFuture<F> {
    pub(super) const fn new(inner: TaskLocalFuture<Arc<QueryLog>, F>, counted: CountedRequest) -> Self {
        Self { inner, counted: Some(counted) }
    }
}

impl<F, B, E> Future for QueryCountFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut answer = ready!(this.inner.poll(cx));
        if let Some(counted) = this.counted.take() {
            counted.answer(&mut answer);
        }
        Poll::Ready(answer)
    }
}

impl<F> std::fmt::Debug for QueryCountFuture<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueryCountFuture").field("counted", &self.counted).finish_non_exhaustive()
    }
}
