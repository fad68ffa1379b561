use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Error;

/// How a transaction ended. [`Store::transaction`](super::Store::transaction) folds it into a `Result`;
/// [`Store::try_transaction`](super::Store::try_transaction) returns it as it is.
#[derive(Debug)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth way to end, and who matches should not invent one")]
pub enum Outcome<R, E> {
    /// All work of the transaction is kept.
    Committed(R),
    /// No work of the transaction is kept. The error is the work's own, or made from the store's [`Error`]; one of the
    /// kind [`TransactionLost`](super::ErrorKind::TransactionLost) says that some of it may be kept nevertheless.
    RolledBack(E),
    /// The commit was sent to the server, and no answer came: all of the work is kept, or none.
    Unknown(Error),
}

impl<R, E: From<Error>> Outcome<R, E> {
    /// The value if it was committed. An unknown commit is an error of the kind
    /// [`UnknownCommit`](super::ErrorKind::UnknownCommit).
    ///
    /// # Errors
    ///
    /// The reason why nothing was kept, or why it is unknown whether anything was.
    pub fn into_result(self) -> Result<R, E> {
        match self {
            Self::Committed(value) => Ok(value),
            Self::RolledBack(error) => Err(error),
            Self::Unknown(error) => Err(error.into()),
        }
    }
}

/// An outcome as a `Result`.
pub(crate) fn into_result<R, E: From<Error>>(
    outcome: impl Future<Output = Outcome<R, E>>,
) -> impl Future<Output = Result<R, E>> {
    IntoResult { outcome }
}

pin_project! {
    /// Implemented by hand: an `async` block costs more than this does.
    struct IntoResult<F> {
        #[pin]
        outcome: F,
    }
}

impl<R, E: From<Error>, F: Future<Output = Outcome<R, E>>> Future for IntoResult<F> {
    type Output = Result<R, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<R, E>> {
        self.project().outcome.poll(cx).map(Outcome::into_result)
    }
}

/// The server's answer to the question what became of a transaction whose commit was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolution {
    /// All work of the transaction is kept.
    Committed,
    /// No work of the transaction is kept.
    RolledBack,
    /// The server has not finished the transaction yet: ask again.
    InProgress,
    /// The server can no longer know. The transaction ended too long ago, or the server was restarted since and may
    /// have given the id to another transaction.
    Forgotten,
}
