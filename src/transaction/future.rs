use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep_until};

use super::end::{CloseOnDrop, EndTask};
use super::request::{HandleInUse, RequestTransaction};
use crate::body::Body;
use crate::problem::{IntoProblem as _, Problem};
use crate::store::{Error, ErrorKind};
use crate::telemetry::targets::STORE;

pin_project! {
    /// The response future of [`RequestTransactionsService`](super::RequestTransactionsService).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct RequestTransactionsFuture<F, B> {
        #[pin]
        state: State<F, B>,
        // Boxed, since most requests have no timer.
        timer: Option<Pin<Box<Sleep>>>,
        // Dropped after `state`: by then, any handle that the handler held is back.
        close_on_drop: CloseOnDrop,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<F, B> {
        Running { #[pin] inner: F },
        EndTask { end_task: EndTask, response: Option<Response<Body<B>>> },
        Done,
    }
}

impl<F, B> RequestTransactionsFuture<F, B> {
    pub(super) const fn new(inner: F, transaction: Arc<RequestTransaction>) -> Self {
        Self { state: State::Running { inner }, timer: None, close_on_drop: CloseOnDrop(transaction) }
    }
}

impl<F, B, E> Future for RequestTransactionsFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<Body<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let CloseOnDrop(transaction) = &this.close_on_drop;
        if let StateProj::Running { inner } = this.state.as_mut().project() {
            let (answer, given_up) = match transaction.enter(|| inner.poll(cx)) {
                // Most requests: there is no transaction to end.
                Poll::Ready(answer) if transaction.was_never_used() => {
                    return Poll::Ready(answer.map(|response| response.map(Body::new)));
                }
                Poll::Ready(answer) => (answer.map(|response| response.map(Body::new)), false),
                Poll::Pending if is_late(transaction, this.timer, cx) => (Ok(late()), true),
                Poll::Pending => return Poll::Pending,
            };
            // A handle that the inner future held is back now.
            this.state.set(State::Done);
            match answered(transaction, answer, given_up) {
                Next::Send(answer) => return Poll::Ready(answer),
                Next::End(end_task, response) => this.state.set(State::EndTask { end_task, response: Some(response) }),
            }
        }
        let StateProj::EndTask { end_task, response } = this.state.as_mut().project() else { return Poll::Pending };
        let ended = ready!(end_task.poll(cx));
        let Some(response) = response.take() else { return Poll::Pending };
        this.state.set(State::Done);
        Poll::Ready(Ok(match ended {
            Ok(()) => response,
            Err(error) => transaction.config.problem(error).into(),
        }))
    }
}

/// The next step after an answer.
enum Next<B, E> {
    Send(Result<Response<B>, E>),
    End(EndTask, Response<B>),
}

/// Handles the answer. If the handler was given up, it is unknown how far it got: the policy is not asked, and the work
/// is undone.
fn answered<B, E>(
    transaction: &Arc<RequestTransaction>,
    answer: Result<Response<Body<B>>, E>,
    given_up: bool,
) -> Next<Body<B>, E> {
    let open = match transaction.close() {
        Ok(None) => return Next::Send(answer),
        Ok(Some(open)) => open,
        Err(held) => return Next::Send(handle_in_use(held, answer)),
    };
    match answer {
        // Nothing was done, and no hook is registered.
        answer if !transaction.has_begun() && !open.session.has_hooks() => {
            open.span.never_begun();
            Next::Send(answer)
        }
        Ok(response) => {
            let (parts, body) = response.into_parts();
            let end_task = if given_up {
                transaction.config.undo(open)
            } else {
                transaction.config.end(open, transaction.end(), &parts)
            };
            Next::End(end_task, Response::from_parts(parts, body))
        }
        Err(error) => {
            drop(transaction.config.undo(open));
            Next::Send(Err(error))
        }
    }
}

#[cold]
fn handle_in_use<B, E>(held: HandleInUse, answer: Result<Response<Body<B>>, E>) -> Result<Response<Body<B>>, E> {
    match answer {
        Ok(_) => Ok(Problem::internal(held).into()),
        Err(error) => {
            tracing::error!(target: STORE, error = &held as &dyn std::error::Error, "a transaction was not ended");
            Err(error)
        }
    }
}

/// Whether the transaction's deadline has passed.
fn is_late(transaction: &RequestTransaction, timer: &mut Option<Pin<Box<Sleep>>>, cx: &mut Context<'_>) -> bool {
    let Some(end) = transaction.end() else { return false };
    timer.get_or_insert_with(|| Box::pin(sleep_until(end))).as_mut().poll(cx).is_ready()
}

#[cold]
fn late<B>() -> Response<Body<B>> {
    Error::new(ErrorKind::DeadlineExceeded).into_problem().into()
}
