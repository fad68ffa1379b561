use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use tower_layer::Layer;

use super::request::Config;
use super::{CommitOnSuccess, CommitPolicy, RequestTransactionsService};
use crate::store::run::TransactionSource;
use crate::store::{Constraints, Store, TransactionOptions};

/// Gives a transaction to each request that asks for one. See the [module docs](super).
///
/// `N` tells the transactions of several stores apart.
pub struct RequestTransactions<N = ()> {
    store: Store,
    policy: Arc<dyn CommitPolicy>,
    constraints: Constraints,
    name: PhantomData<fn() -> N>,
}

impl RequestTransactions {
    /// Transactions of this store, with the options that the store was given. [`CommitOnSuccess`] decides what is kept.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, policy: Arc::new(CommitOnSuccess), constraints: Constraints::new(&[]), name: PhantomData }
    }
}

impl<N> RequestTransactions<N> {
    /// How the transactions run. Defaults to the store's own options.
    ///
    /// Nothing is retried, since a request cannot be run twice. The deadline counts from the first statement to the
    /// head of the response, and includes all other work that the handler does in between. At the deadline, the handler
    /// is dropped, the transaction is rolled back, and the answer is a 503.
    #[must_use]
    pub fn options(mut self, options: TransactionOptions) -> Self {
        self.store = self.store.with_options(options);
        self
    }

    /// Decides whether a request's transaction is committed. Defaults to [`CommitOnSuccess`].
    #[must_use]
    pub fn policy(mut self, policy: impl CommitPolicy) -> Self {
        self.policy = Arc::new(policy);
        self
    }

    /// Declares what a client is told about constraints that the database checks at the commit.
    #[must_use]
    pub const fn constraints(mut self, declared: Constraints) -> Self {
        self.constraints = declared;
        self
    }

    /// Marks the transactions with a type, for a service with several stores: handlers then take
    /// [`RequestTx<M>`](super::RequestTx).
    #[must_use]
    pub fn named<M>(self) -> RequestTransactions<M> {
        let Self { store, policy, constraints, name: _ } = self;
        RequestTransactions { store, policy, constraints, name: PhantomData }
    }
}

impl<N> Clone for RequestTransactions<N> {
    fn clone(&self) -> Self {
        let Self { store, policy, constraints, name } = self;
        Self { store: store.clone(), policy: Arc::clone(policy), constraints: *constraints, name: *name }
    }
}

impl<N> fmt::Debug for RequestTransactions<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestTransactions").field("store", &self.store).finish_non_exhaustive()
    }
}

impl<S, N> Layer<S> for RequestTransactions<N> {
    type Service = RequestTransactionsService<S, N>;

    fn layer(&self, inner: S) -> RequestTransactionsService<S, N> {
        let Self { store, policy, constraints, .. } = self.clone();
        let writer = store.writer(store.options());
        RequestTransactionsService::new(inner, Arc::new(Config { store, writer, policy, constraints }))
    }
}
