use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};
use tokio::time::Instant;

use super::CommitPolicy;
use crate::problem::Problem;
use crate::store::deferred::{Begun, Deferred};
use crate::store::mark::{self, Holds};
use crate::store::run::Ground;
use crate::store::span::TransactionSpan;
use crate::store::{Constraints, Error, Session, Store};

/// The settings that all requests share.
pub(super) struct Config {
    pub(super) store: Store,
    /// The store's [mark], if it has one writer.
    pub(super) writer: Option<u64>,
    pub(super) policy: Arc<dyn CommitPolicy>,
    pub(super) constraints: Constraints,
}

/// Holds a request's transaction, from the first handle to the response.
pub(super) struct Slot {
    pub(super) config: Arc<Config>,
    /// Whether the request is answered or given up.
    over: AtomicBool,
    begun: OnceLock<Begun>,
    /// Locked by the handle. Not set if the request never asks for its transaction.
    open: OnceLock<Arc<Mutex<Option<Open>>>>,
    around: OnceLock<Option<Arc<dyn Holds>>>,
}

/// A transaction between its first handle and its end.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) session: Session,
    pub(super) span: TransactionSpan,
}

/// The right to use the transaction, which only one handle has at a time.
pub(super) type Lent = OwnedMappedMutexGuard<Option<Open>, Open>;

impl Slot {
    pub(super) const fn new(config: Arc<Config>) -> Self {
        Self {
            config,
            over: AtomicBool::new(false),
            begun: OnceLock::new(),
            open: OnceLock::new(),
            around: OnceLock::new(),
        }
    }

    /// Lends the transaction to a handle. For the first handle, begins it.
    pub(super) async fn lend(&self) -> Result<Lent, Problem> {
        let lock = Arc::clone(self.open.get_or_init(Arc::default));
        let mut open = lock.try_lock_owned().map_err(|_| Problem::internal(Misuse::Twice))?;
        if self.is_over() {
            return Err(Problem::internal(Misuse::Late));
        }
        if open.is_none() {
            // A begin that fails, or is dropped before it is done, leaves nothing behind: the next handle begins anew.
            *open = Some(self.begin().await?);
        }
        OwnedMutexGuard::try_map(open, Option::as_mut).map_err(|_| Problem::internal(Misuse::Late))
    }

    async fn begin(&self) -> Result<Open, Error> {
        let Config { store, writer, .. } = &*self.config;
        if let Some(Err(error)) = writer.map(mark::check) {
            return Err(error);
        }
        let span = TransactionSpan::new(store.system(), store.options());
        let mut session = store.open(store.options());
        let begun = Arc::clone(self.begun.get_or_init(Begun::default));
        span.enter(session.begin_later(Deferred::new(*store.options(), begun))).await?;
        Ok(Open { session, span })
    }

    /// Ends the lending; returns whether the transaction was never asked for.
    pub(super) fn was_never_asked(&self) -> bool {
        self.over.store(true, Ordering::Release);
        self.open.get().is_none()
    }

    /// Ends the lending, and takes out the transaction if there is one.
    pub(super) fn close(&self) -> Result<Option<Open>, StillHeld> {
        self.over.store(true, Ordering::Release);
        match self.open.get().map(|lock| lock.try_lock()) {
            None => Ok(None),
            Some(Ok(mut open)) => Ok(open.take()),
            Some(Err(_)) => Err(StillHeld),
        }
    }

    /// Whether the request is over, so that no further work can be kept.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Whether the transaction has begun.
    pub(super) fn has_begun(&self) -> bool {
        self.begun.get().is_some_and(|begun| begun.get().is_some())
    }

    /// The transaction's deadline, if it has begun and has one.
    pub(super) fn end(&self) -> Option<Instant> {
        self.begun.get()?.get().copied().flatten()
    }

    /// Runs one poll of the inner service. On a store with one writer, the poll's task then knows that it is writing to
    /// it.
    pub(super) fn enter<R>(self: &Arc<Self>, poll: impl FnOnce() -> R) -> R {
        if self.config.writer.is_none() {
            return poll();
        }
        self.around.get_or_init(mark::present);
        mark::under(Arc::<Self>::clone(self), poll)
    }
}

impl Holds for Slot {
    fn holds(&self, store: u64) -> bool {
        let own = self.config.writer == Some(store) && self.has_begun();
        own || self.around.get().and_then(Option::as_ref).is_some_and(|outer| outer.holds(store))
    }
}

/// Finds the slot of one layer among the request's extensions.
pub(super) struct Place<N> {
    pub(super) slot: Arc<Slot>,
    name: PhantomData<fn() -> N>,
}

impl<N> Place<N> {
    pub(super) const fn new(slot: Arc<Slot>) -> Self {
        Self { slot, name: PhantomData }
    }
}

impl<N> Clone for Place<N> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.slot))
    }
}

/// A handle outlives the handler: it cannot be told whether its work is done.
#[derive(Debug, thiserror::Error)]
#[error("the handler answered while its transaction was still in use: it cannot be committed")]
pub(super) struct StillHeld;

/// A handle was asked for wrongly.
#[derive(Debug, thiserror::Error)]
pub(super) enum Misuse {
    #[error("no `RequestTransactions` of this name is around the handler")]
    NoLayer,
    #[error("the request's transaction is in use: its first handle must be dropped before there can be a second one")]
    Twice,
    #[error("the request is answered already: its transaction is over")]
    Late,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("store", &self.store).finish_non_exhaustive()
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("begun", &self.has_begun()).field("over", &self.is_over()).finish_non_exhaustive()
    }
}
