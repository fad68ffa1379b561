use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};
use tokio::time::Instant;

use super::CommitPolicy;
use crate::problem::Problem;
use crate::store::lazy_begin::{Begun, LazyBegin};
use crate::store::run::TransactionSource;
use crate::store::span::TransactionSpan;
use crate::store::writer_guard::{self, HoldsWriter};
use crate::store::{Constraints, Error, Session, Store};

/// The settings that all requests share.
pub(super) struct Config {
    pub(super) store: Store,
    /// The store's [id](writer_guard), if it has one writer.
    pub(super) writer: Option<u64>,
    pub(super) policy: Arc<dyn CommitPolicy>,
    pub(super) constraints: Constraints,
}

/// Holds a request's transaction, from the first handle to the response.
pub(super) struct RequestTransaction {
    pub(super) config: Arc<Config>,
    /// Whether the request is answered or given up.
    over: AtomicBool,
    begun: OnceLock<Begun>,
    /// Locked by the handle. Not set if the request never asks for its transaction.
    open: OnceLock<Arc<Mutex<Option<OpenTransaction>>>>,
    outer: OnceLock<Option<Arc<dyn HoldsWriter>>>,
}

/// A transaction between its first handle and its end.
#[derive(Debug)]
pub(super) struct OpenTransaction {
    pub(super) session: Session,
    pub(super) span: TransactionSpan,
}

/// The right to use the transaction, which only one handle has at a time.
pub(super) type OpenGuard = OwnedMappedMutexGuard<Option<OpenTransaction>, OpenTransaction>;

impl RequestTransaction {
    pub(super) const fn new(config: Arc<Config>) -> Self {
        Self {
            config,
            over: AtomicBool::new(false),
            begun: OnceLock::new(),
            open: OnceLock::new(),
            outer: OnceLock::new(),
        }
    }

    /// Gives the transaction to a handle. For the first handle, begins it.
    pub(super) async fn acquire(&self) -> Result<OpenGuard, Problem> {
        let lock = Arc::clone(self.open.get_or_init(Arc::default));
        let mut open = lock.try_lock_owned().map_err(|_| Problem::internal(HandleError::Twice))?;
        if self.is_over() {
            return Err(Problem::internal(HandleError::Late));
        }
        if open.is_none() {
            // A begin that fails, or is dropped before it is done, leaves nothing behind: the next handle begins anew.
            *open = Some(self.begin().await?);
        }
        OwnedMutexGuard::try_map(open, Option::as_mut).map_err(|_| Problem::internal(HandleError::Late))
    }

    async fn begin(&self) -> Result<OpenTransaction, Error> {
        let Config { store, writer, .. } = &*self.config;
        if let Some(Err(error)) = writer.map(writer_guard::check) {
            return Err(error);
        }
        let span = TransactionSpan::new(store.system(), store.options());
        let mut session = store.open(store.options());
        let begun = Arc::clone(self.begun.get_or_init(Begun::default));
        span.enter(session.begin_later(LazyBegin::new(*store.options(), begun))).await?;
        Ok(OpenTransaction { session, span })
    }

    /// Closes the transaction to further handles; returns whether none was ever asked for.
    pub(super) fn was_never_used(&self) -> bool {
        self.over.store(true, Ordering::Release);
        self.open.get().is_none()
    }

    /// Closes the transaction to further handles, and takes it out if there is one.
    pub(super) fn close(&self) -> Result<Option<OpenTransaction>, HandleInUse> {
        self.over.store(true, Ordering::Release);
        match self.open.get().map(|lock| lock.try_lock()) {
            None => Ok(None),
            Some(Ok(mut open)) => Ok(open.take()),
            Some(Err(_)) => Err(HandleInUse),
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

    /// Runs one poll of the inner service. On a store with one writer, the guard is set meanwhile, so that the task
    /// knows that it is writing to the store.
    pub(super) fn enter<R>(self: &Arc<Self>, poll: impl FnOnce() -> R) -> R {
        if self.config.writer.is_none() {
            return poll();
        }
        self.outer.get_or_init(writer_guard::current);
        writer_guard::sync_scope(Arc::<Self>::clone(self), poll)
    }
}

impl HoldsWriter for RequestTransaction {
    fn holds(&self, store: u64) -> bool {
        let own = self.config.writer == Some(store) && self.has_begun();
        own || self.outer.get().and_then(Option::as_ref).is_some_and(|outer| outer.holds(store))
    }
}

/// The transaction of one layer, among the request's extensions.
pub(super) struct Extension<N> {
    pub(super) transaction: Arc<RequestTransaction>,
    name: PhantomData<fn() -> N>,
}

impl<N> Extension<N> {
    pub(super) const fn new(transaction: Arc<RequestTransaction>) -> Self {
        Self { transaction, name: PhantomData }
    }
}

impl<N> Clone for Extension<N> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.transaction))
    }
}

/// A handle outlives the handler, so it is unknown whether the handle's work is done.
#[derive(Debug, thiserror::Error)]
#[error("the handler answered while its transaction was still in use: it cannot be committed")]
pub(super) struct HandleInUse;

/// A handle was asked for in a place or at a time where it cannot be given.
#[derive(Debug, thiserror::Error)]
pub(super) enum HandleError {
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

impl fmt::Debug for RequestTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestTransaction")
            .field("begun", &self.has_begun())
            .field("over", &self.is_over())
            .finish_non_exhaustive()
    }
}
