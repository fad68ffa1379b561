//! Stores, and transactions that cannot lose data.
//!
//! A service holds a [`Store`] and passes a [`Session`] on; neither names a database. Repository functions take `&mut
//! Session`, so they run both inside and outside a transaction:
//!
//! ```
//! use buttress::store::{Error, Memory, Session, Store};
//!
//! #[derive(Clone, Default)]
//! struct Shop {
//!     stock: u32,
//!     orders: Vec<u32>,
//! }
//!
//! // Two repositories of a unit test. Over SQL, they would be the same functions with other bodies.
//! async fn take(on: &mut Session, quantity: u32) -> Result<bool, Error> {
//!     let take = |shop: &mut Shop| shop.stock.checked_sub(quantity).map(|left| shop.stock = left).is_some();
//!     on.memory()?.write(take).await
//! }
//!
//! async fn insert(on: &mut Session, quantity: u32) -> Result<(), Error> {
//!     on.memory()?.write(|shop: &mut Shop| shop.orders.push(quantity)).await
//! }
//!
//! #[derive(Debug, thiserror::Error)]
//! enum ShopError {
//!     #[error("out of stock")]
//!     OutOfStock,
//!     #[error(transparent)]
//!     Data(#[from] Error),
//! }
//!
//! // The service: both happen, or neither.
//! async fn place(store: &Store, quantity: u32) -> Result<(), ShopError> {
//!     store
//!         .transaction(async |tx| {
//!             insert(tx, quantity).await?;
//!             if take(tx, quantity).await? { Ok(()) } else { Err(ShopError::OutOfStock) }
//!         })
//!         .await
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let shop = Memory::new(Shop { stock: 3, ..Shop::default() });
//! let store = Store::from(shop.clone());
//! place(&store, 2).await?;
//! assert!(matches!(place(&store, 2).await, Err(ShopError::OutOfStock)));
//! assert_eq!(shop.committed().orders, [2]);
//! # Ok::<_, ShopError>(())
//! # }).unwrap();
//! ```
//!
//! Options are set for one store handle, or once for all:
//!
//! ```
//! use std::time::Duration;
//!
//! use buttress::store::{Error, Isolation, Memory, TransactionOptions, Outcome, Store};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let store = Store::from(Memory::new(0_i64));
//! let transfers = store.with_options(TransactionOptions::new().name("transfer").isolation(Isolation::Serializable).deadline(Duration::from_secs(2)));
//! let outcome = transfers
//!     .try_transaction(async |tx| {
//!         tx.after_commit(async || Ok::<_, Error>(println!("told the customer")))?;
//!         tx.memory()?.write(|balance: &mut i64| *balance += 100).await
//!     })
//!     .await;
//! match outcome {
//!     Outcome::Committed(()) => {}
//!     Outcome::RolledBack(error) => return Err(error),
//!     Outcome::Unknown(error) => unreachable!("memory always answers: {error}"),
//! }
//! # Ok::<_, Error>(())
//! # }).unwrap();
//! ```
//!
//! # Guarantees
//!
//! - **The outcome is known.** `Ok` means committed. An error means rolled back, whatever happened: the work failed,
//!   panicked, was dropped half-way, ran out of time, or returned a value although a failure had
//!   [ended](#failures-that-are-ignored) the transaction. Only a commit that was cut off between being sent and being
//!   answered is unknown; it has a kind of its own, is never tried again by itself, and `PostgreSQL` can be
//!   [asked](TransactionOptions::resolvable).
//! - **The pool stays clean.** A connection that is inside a transaction, or in the middle of a statement, does not go
//!   back into the pool. A statement or a nested transaction that is dropped half-way takes the transaction with it.
//! - **Safe failures are retried**: the whole transaction, with jitter, bounded attempts and a budget, by what the
//!   database said and not by what the work's error looks like. See [`Retry`].
//! - **The work's error stays the work's error.** It only has to be made `From<`[`Error`]`>`.
//! - **Nesting is a savepoint**, [after-commit hooks](Session::after_commit) run once for what was kept, and a second
//!   transaction that would wait for the first to end fails at once.
//! - **An error is the same on every database**: an [`ErrorKind`], and what a declared [constraint](Constraints) says
//!   about the input. No text of it holds a value that was sent.
//! - **It can be watched**: a span for each transaction and each statement, and a count for each request. See
//!   [`telemetry`](crate::telemetry).
//!
//! # Failures that are ignored
//!
//! Work may drop the error of a statement, `let _ = …execute(tx).await`, and return a value nevertheless. What is kept
//! then depends on the database:
//!
//! | a statement failed with | `PostgreSQL` | MySQL, MariaDB | SQLite |
//! |---|---|---|---|
//! | a constraint, a value, a mistake in its text | all is rolled back: [`ErrorKind::Aborted`] | the statement alone is undone, the rest is committed | as MySQL |
//! | a deadlock, a serialization failure | all is rolled back | all is rolled back: [`ErrorKind::Aborted`] | there are none inside a transaction that writes |
//! | a lock that was not acquired in time | all is rolled back | the statement alone is undone, or all where the server says so (`innodb_rollback_on_timeout`): [`ErrorKind::TransactionLost`] | the statement alone is undone |
//! | a full disk or memory | all is rolled back | the statement alone is undone, or all: [`ErrorKind::TransactionLost`] | as MySQL |
//! | a connection that broke | all is rolled back | all is rolled back | all is rolled back |
//!
//! The error of the commit has the first failure as its source. For a result that is the same on every database, do
//! not ignore the error: return it, and all is rolled back; or run what may fail in
//! [`Session::transaction`], and that alone is undone.
//!
//! # What it cannot promise
//!
//! - Work may run several times. Its effects outside the store belong in [`Session::after_commit`], or in the outbox if
//!   they must happen.
//! - A transaction inside another one on a database with many connections takes a second connection. If every
//!   connection is held by a transaction that waits for a second one, none becomes free: nest with
//!   [`Session::transaction`] instead.
//! - MySQL and MariaDB end the transaction at statements that change tables. Do not migrate inside one: what was
//!   written before is kept, and the transaction ends with [`ErrorKind::TransactionLost`] whatever the work returns.
//! - A query whose future is dropped keeps running in the server, and keeps its locks until it ends. Its connection is
//!   closed.

#![cfg_attr(
    not(all(feature = "outbox", feature = "transaction")),
    allow(dead_code, reason = "for the modules that stand on it")
)]

mod backoff;
pub(crate) mod deadline;
mod error;
mod handle;
pub(crate) mod hook;
pub(crate) mod lazy_begin;
mod memory;
mod options;
pub(crate) mod outcome;
mod pool_stats;
pub(crate) mod retry;
pub(crate) mod run;
pub(crate) mod session;
pub(crate) mod span;
pub(crate) mod unit;
mod work;
pub(crate) mod writer_guard;

#[cfg_attr(not(feature = "sql"), allow(unused_imports, reason = "for the modules that stand on it"))]
pub(crate) use self::backoff::Backoff;
#[cfg(feature = "sql")]
pub(crate) use self::error::Earlier;
pub use self::error::{Constraint, Constraints, Error, ErrorKind, TransactionId};
pub use self::handle::Store;
pub use self::memory::{Memory, MemorySession};
pub use self::options::{Isolation, TransactionOptions};
pub use self::outcome::{Outcome, Resolution};
pub use self::pool_stats::{CloseTimeout, PoolStats};
pub use self::retry::Retry;
pub use self::session::Session;
pub use self::work::Work;
