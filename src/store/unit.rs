//! The operations that a database must provide to be a store. Sealed inside the crate: a unit that breaks these rules
//! loses data.

use std::any::Any;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::lazy_begin::LazyBegin;
use super::retry::Budget;
use super::{Error, ErrorKind, PoolStats, Resolution, TransactionId, TransactionOptions};
use crate::task::Tracker;

/// A boxed future, since backends are called through `dyn`.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A database, or the memory: it makes units.
pub(crate) trait Backend: Any + Debug + Send + Sync {
    /// A new unit; nothing is sent to the database before it is used.
    fn unit(&self, read_only: bool) -> Box<dyn Unit>;

    /// Like [`unit`](Self::unit), for background work, which does not queue with requests.
    fn background_unit(&self, read_only: bool) -> Box<dyn Unit> {
        self.unit(read_only)
    }

    /// The [id](super::writer_guard) of a store on which a transaction must wait for every other one to end.
    fn writer(&self, _read_only: bool) -> Option<u64> {
        None
    }

    /// Whether the database can be reached.
    fn check(&self) -> BoxFuture<'_, Result<(), Error>>;

    /// The pool's statistics.
    fn pool_stats(&self) -> PoolStats;

    /// Stops handing out units and waits until all of them are back.
    fn close(&self) -> BoxFuture<'_, ()>;

    /// The `db.system.name` of OpenTelemetry, if it has one.
    fn system(&self) -> Option<&'static str> {
        None
    }

    /// The retry budget of the database. All its stores share it, however they were made.
    fn budget(&self) -> Arc<Budget> {
        Arc::default()
    }

    /// The tracker of background work. All stores of the database share it, however they were made.
    fn tasks(&self) -> Tracker {
        Tracker::default()
    }

    /// Asks what became of a transaction whose commit was cut off.
    fn resolve<'a>(&'a self, _id: &'a TransactionId) -> BoxFuture<'a, Result<Resolution, Error>> {
        Box::pin(async { Err(Error::new(ErrorKind::Unsupported)) })
    }
}

/// One connection's worth of work. It can be dropped at any moment and leaves no open transaction in the pool.
pub(crate) trait Unit: Any + Debug + Send {
    /// Begins a transaction; the statements that follow should take at most `left`.
    fn begin<'a>(
        &'a mut self,
        options: &'a TransactionOptions,
        left: Option<Duration>,
    ) -> BoxFuture<'a, Result<(), Error>>;

    /// An interface by which a higher ring runs statements on this unit; its type is defined in that ring.
    fn interface(&self) -> Option<&'static dyn Any> {
        None
    }

    /// Puts the begin off until the first statement. A unit that cannot wait returns the begin.
    fn defer(&mut self, begin: LazyBegin) -> Result<(), LazyBegin> {
        Err(begin)
    }

    /// How long a commit is waited for. A commit without an answer by then may have been done or not, and may never be
    /// answered.
    fn commit_for(&self) -> Option<Duration> {
        None
    }

    /// Commits.
    fn commit(&mut self) -> BoxFuture<'_, Result<(), CommitError>>;

    /// Rolls back. [`ErrorKind::TransactionLost`] means that the work was committed before.
    fn rollback(&mut self) -> BoxFuture<'_, Result<(), Error>>;

    /// Whether the work may have been committed already, by a statement whose effect has yet to be checked.
    fn may_be_kept(&self) -> bool {
        false
    }

    /// Makes a savepoint; `depth` is 1 for the first one inside a transaction.
    fn savepoint(&mut self, depth: u32) -> BoxFuture<'_, Result<(), Error>>;

    /// Keeps everything since the savepoint.
    fn release(&mut self, depth: u32) -> BoxFuture<'_, Result<(), Error>>;

    /// Undoes everything since the savepoint.
    fn rollback_to(&mut self, depth: u32) -> BoxFuture<'_, Result<(), Error>>;

    /// Marks the transaction as beyond repair, for instance after a nested one was dropped half-way: it will not
    /// commit.
    fn doom(&mut self, kind: ErrorKind);

    /// The error of something that cannot be done because of a failure of this kind.
    fn failed_before(&self, kind: ErrorKind) -> Error {
        Error::new(ErrorKind::Aborted).caused_by(Error::new(kind))
    }

    /// Leaves the transaction to be rolled back, as if the unit were dropped; the unit can be used again.
    fn abandon(&mut self);

    /// Keeps the connection from its next user until its session state is reset.
    fn reset_on_release(&mut self) {}

    /// The [id](super::writer_guard) of its store, if a transaction there must wait for every other one to end.
    fn writer(&self) -> Option<u64> {
        None
    }

    /// The failures of this transaction that still matter.
    fn seen(&self) -> Seen;

    /// The database's id of this transaction, if it was asked for.
    fn transaction_id(&self) -> Option<TransactionId> {
        None
    }
}

/// The failures that a unit saw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The last failure for which the work may be run again.
    pub(crate) retryable: Option<ErrorKind>,
    /// The failure after which nothing more can be done in the transaction.
    pub(crate) doomed: Option<ErrorKind>,
    /// The last failure of any kind: for the log.
    pub(crate) last: Option<ErrorKind>,
}

/// Why a commit failed.
#[derive(Debug)]
pub(crate) enum CommitError {
    /// Nothing was kept.
    RolledBack(Error),
    /// It is unknown whether anything was kept.
    Unknown(Error),
}
