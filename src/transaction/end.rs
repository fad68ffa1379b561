//! The end of a request's transaction: it runs in a task of its own, which a client that leaves cannot stop.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::response::Parts;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::request::{Config, OpenTransaction, RequestTransaction};
use crate::problem::Problem;
use crate::store::run::commit;
use crate::store::{Error, ErrorKind, Outcome};

/// The name of ends of transactions among the background work of a store.
const ENDS: &str = "ends of request transactions";

/// A transaction that is being committed or rolled back.
#[derive(Debug)]
pub(super) struct EndTask {
    task: JoinHandle<Result<(), Error>>,
    commits: bool,
}

impl EndTask {
    /// Waits for the end. The error is the reason why the transaction was not committed, or why it could not be undone.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.task).poll(cx).map(|ended| match ended {
            Ok(ended) => ended,
            Err(_) if !self.commits => Ok(()),
            Err(_) => {
                let cause =
                    Error::new(ErrorKind::Other).because("the commit's task panicked, or its runtime went down");
                Err(Error::unknown_commit(cause, None))
            }
        })
    }
}

impl Config {
    /// Ends the transaction according to the answer.
    pub(super) fn end(self: &Arc<Self>, open: OpenTransaction, end: Option<Instant>, answer: &Parts) -> EndTask {
        if self.policy.commits(answer) { self.commit(open, end) } else { self.undo(open) }
    }

    fn commit(self: &Arc<Self>, mut open: OpenTransaction, end: Option<Instant>) -> EndTask {
        let config = Arc::clone(self);
        let task = self.store.tasks().begin_in_any_case(ENDS).spawn(async move {
            let (outcome, seen) = open.span.enter(commit(&config.store, &mut open.session, (), end)).await;
            open.span.ended(1, &outcome, seen);
            outcome.into_result()
        });
        EndTask { task, commits: true }
    }

    pub(super) fn undo(&self, mut open: OpenTransaction) -> EndTask {
        let task = self.store.tasks().begin_in_any_case(ENDS).spawn(async move {
            let mut seen = open.session.seen();
            let undone = open.span.enter(open.session.rollback()).await;
            seen.doomed = undone.as_ref().err().map(Error::kind).or(seen.doomed);
            open.span.ended(1, &Outcome::<(), ()>::RolledBack(()), seen);
            undone
        });
        EndTask { task, commits: false }
    }

    /// The problem that a client is told if its transaction did not end as it should.
    pub(super) fn problem(&self, error: Error) -> Problem {
        self.constraints.problem(error)
    }
}

/// Closes the transaction to its handles when the request is over, however it ended.
#[derive(Debug)]
pub(super) struct CloseOnDrop(pub(super) Arc<RequestTransaction>);

/// A transaction that is still open here belongs to a request that was given up. A rollback, if one can be sent, saves
/// its connection from being closed.
impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        if let Ok(Some(open)) = self.0.close()
            && Handle::try_current().is_ok()
        {
            drop(self.0.config.undo(open));
        }
    }
}
