//! What a database has to be able to do, to be a store. Sealed inside the crate: a unit that breaks these rules loses
//! data.

use std::any::Any;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::deferred::Deferred;
use super::detach::Detached;
use super::retry::Budget;
use super::{Error, Figures, Kind, Options, Resolution, TransactionId};

/// A boxed future: backends are called through `dyn`.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A database, or the memory: what makes units.
pub(crate) trait Backend: Any + Debug + Send + Sync {
    /// A new unit; nothing is sent to the database before it is used.
    fn unit(&self, read_only: bool) -> Box<dyn Unit>;

    /// As [`unit`](Self::unit), for work in the background, which does not wait where requests do.
    fn background_unit(&self, read_only: bool) -> Box<dyn Unit> {
        self.unit(read_only)
    }

    /// The [mark](super::mark) of a store on which a transaction has to wait for any other one to end.
    fn writer(&self, _read_only: bool) -> Option<u64> {
        None
    }

    /// Whether the database can be reached.
    fn check(&self) -> BoxFuture<'_, Result<(), Error>>;

    /// Figures of the pool.
    fn figures(&self) -> Figures;

    /// Stops giving out units and waits until those that were given out are back.
    fn close(&self) -> BoxFuture<'_, ()>;

    /// The `db.system.name` of OpenTelemetry, if it has one.
    fn system(&self) -> Option<&'static str> {
        None
    }

    /// What all transactions of the database may spend on retries, whichever road they take.
    fn budget(&self) -> Arc<Budget> {
        Arc::default()
    }

    /// What goes on in the database without its caller, whichever road it took.
    fn detached(&self) -> Detached {
        Detached::default()
    }

    /// Asks what became of a transaction whose commit was cut.
    fn resolve<'a>(&'a self, _id: &'a TransactionId) -> BoxFuture<'a, Result<Resolution, Error>> {
        Box::pin(async { Err(Error::new(Kind::Unsupported)) })
    }
}

/// One connection's worth of work. Dropped at any moment, it leaves no transaction behind in the pool.
pub(crate) trait Unit: Any + Debug + Send {
    /// Begins; at most `left` of time should be given to what follows.
    fn begin<'a>(&'a mut self, options: &'a Options, left: Option<Duration>) -> BoxFuture<'a, Result<(), Error>>;

    /// Begins when something is to be done for the first time. What cannot wait gives the begin back.
    fn defer(&mut self, begin: Deferred) -> Result<(), Deferred> {
        Err(begin)
    }

    /// How long a commit is waited for. One that is not answered by then was done or not, and may never be answered.
    fn commit_for(&self) -> Option<Duration> {
        None
    }

    /// Makes what was done last.
    fn commit(&mut self) -> BoxFuture<'_, Result<(), CommitError>>;

    /// Undoes what was done. [`Kind::TransactionLost`] says that it was committed before.
    fn rollback(&mut self) -> BoxFuture<'_, Result<(), Error>>;

    /// Whether what was done may have been committed already, by something that has yet to be asked about.
    fn may_be_kept(&self) -> bool {
        false
    }

    /// A point to come back to; `depth` is 1 for the first inside a transaction.
    fn savepoint(&mut self, depth: u32) -> BoxFuture<'_, Result<(), Error>>;

    /// Keeps what was done since the savepoint.
    fn release(&mut self, depth: u32) -> BoxFuture<'_, Result<(), Error>>;

    /// Undoes what was done since the savepoint.
    fn rollback_to(&mut self, depth: u32) -> BoxFuture<'_, Result<(), Error>>;

    /// The transaction is beyond repair, as when a nested one was dropped half-way: it will not commit.
    fn doom(&mut self, kind: Kind);

    /// The error of something that cannot be done because of a failure of this kind.
    fn failed_before(&self, kind: Kind) -> Error {
        Error::new(Kind::Aborted).caused_by(Error::new(kind))
    }

    /// Leaves the transaction to be rolled back, as if the unit were dropped; it can be used again.
    fn abandon(&mut self);

    /// Lets nobody have the connection before it has forgotten the session.
    fn reset_on_release(&mut self) {}

    /// The [mark](super::mark) of its store, where a transaction has to wait for any other one to end.
    fn writer(&self) -> Option<u64> {
        None
    }

    /// What failed in this transaction, and still matters.
    fn seen(&self) -> Seen;

    /// What the database calls this transaction, where it was asked.
    fn transaction_id(&self) -> Option<TransactionId> {
        None
    }
}

/// What a unit saw fail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The last failure for which the work may be run again.
    pub(crate) retryable: Option<Kind>,
    /// The failure after which nothing more can be done in the transaction.
    pub(crate) doomed: Option<Kind>,
    /// The last failure, whatever it means: for the log.
    pub(crate) last: Option<Kind>,
}

/// Why a commit failed.
#[derive(Debug)]
pub(crate) enum CommitError {
    /// Nothing was kept.
    RolledBack(Error),
    /// Nobody knows.
    Unknown(Error),
}
