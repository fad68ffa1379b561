use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep_until};

use super::settle::{Closing, Ending};
use super::slot::{Slot, StillHeld};
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
        closing: Closing,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<F, B> {
        Running { #[pin] inner: F },
        Ending { ending: Ending, response: Option<Response<Body<B>>> },
        Done,
    }
}

impl<F, B> RequestTransactionsFuture<F, B> {
    pub(super) const fn new(inner: F, slot: Arc<Slot>) -> Self {
        Self { state: State::Running { inner }, timer: None, closing: Closing(slot) }
    }
}

impl<F, B, E> Future for RequestTransactionsFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<Body<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Closing(slot) = &this.closing;
        if let StateProj::Running { inner } = this.state.as_mut().project() {
            let (answer, given_up) = match slot.enter(|| inner.poll(cx)) {
                Poll::Ready(answer) if slot.was_never_asked() => {
                    return Poll::Ready(answer.map(|response| response.map(Body::new)));
                }
                Poll::Ready(answer) => (answer.map(|response| response.map(Body::new)), false),
                Poll::Pending if is_late(slot, this.timer, cx) => (Ok(late()), true),
                Poll::Pending => return Poll::Pending,
            };
            // A handle that the inner future held is back now.
            this.state.set(State::Done);
            match answered(slot, answer, given_up) {
                Next::Send(answer) => return Poll::Ready(answer),
                Next::End(ending, response) => this.state.set(State::Ending { ending, response: Some(response) }),
            }
        }
        let StateProj::Ending { ending, response } = this.state.as_mut().project() else { return Poll::Pending };
        let ended = ready!(ending.poll(cx));
        let Some(response) = response.take() else { return Poll::Pending };
        this.state.set(State::Done);
        Poll::Ready(Ok(match ended {
            Ok(()) => response,
            Err(error) => slot.config.problem(error).into(),
        }))
    }
}

/// The next step after an answer.
enum Next<B, E> {
    Send(Result<Response<B>, E>),
    End(Ending, Response<B>),
}

/// Handles the answer. If the handler was given up, it is unknown how far it got: the policy is not asked, and the work
/// is undone.
fn answered<B, E>(slot: &Arc<Slot>, answer: Result<Response<Body<B>>, E>, given_up: bool) -> Next<Body<B>, E> {
    let open = match slot.close() {
        Ok(None) => return Next::Send(answer),
        Ok(Some(open)) => open,
        Err(held) => return Next::Send(still_held(held, answer)),
    };
    match answer {
        // Nothing was done, and no hook is registered.
        answer if !slot.has_begun() && !open.session.has_hooks() => {
            open.span.never_begun();
            Next::Send(answer)
        }
        Ok(response) => {
            let (parts, body) = response.into_parts();
            let ending = if given_up { slot.config.undo(open) } else { slot.config.end(open, slot.end(), &parts) };
            Next::End(ending, Response::from_parts(parts, body))
        }
        Err(error) => {
            drop(slot.config.undo(open));
            Next::Send(Err(error))
        }
    }
}

#[cold]
fn still_held<B, E>(held: StillHeld, answer: Result<Response<Body<B>>, E>) -> Result<Response<Body<B>>, E> {
    match answer {
        Ok(_) => Ok(Problem::internal(held).into()),
        Err(error) => {
            tracing::error!(target: STORE, error = &held as &dyn std::error::Error, "a transaction was not ended");
            Err(error)
        }
    }
}

/// Whether the transaction's deadline has passed.
fn is_late(slot: &Slot, timer: &mut Option<Pin<Box<Sleep>>>, cx: &mut Context<'_>) -> bool {
    let Some(end) = slot.end() else { return false };
    timer.get_or_insert_with(|| Box::pin(sleep_until(end))).as_mut().poll(cx).is_ready()
}

#[cold]
fn late<B>() -> Response<Body<B>> {
    Error::new(ErrorKind::DeadlineExceeded).into_problem().into()
}
