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
//! Two repositories of a unit test. Over SQL, they would be the same functions with other bodies.
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
//! The service: both happen, or neither.
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
//! use buttress::store::{Error, Isolation, Memory, Options, Outcome, Store};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let store = Store::from(Memory::new(0_i64));
//! let transfers = store.with(Options::new().named("transfer").isolation(Isolation::Serializable).deadline(Duration::from_secs(2)));
//! let outcome = transfers
//!     .outcome(async |tx| {
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
//! - **The outcome is known.** `Ok` was committed. An error was rolled back, whatever happened: the work failed,
//!   returned a value although a statement in it had failed, panicked, was dropped half-way, or ran out of time. Only a
//!   commit that was cut off between being sent and being answered is unknown. It has a kind of its own and is never
//!   retried by itself, and `PostgreSQL` can be [asked](Options::resolvable) for its outcome.
//! - **The pool stays clean.** A connection that is inside a transaction, or in the middle of a statement, does not go
//!   back into the pool. A statement or a nested transaction that is dropped half-way takes the transaction with it.
//! - **Safe failures are retried**: the whole transaction, with jitter, bounded attempts and a budget. The decision
//!   follows the database's answer and not the work's error. See [`Retry`].
//! - **The work's error stays the work's error.** It only has to implement `From<`[`Error`]`>`.
//! - **Nesting is a savepoint.** [After-commit hooks](Session::after_commit) run once, for the work that was kept. A
//!   second transaction that would wait for the first to end fails at once.
//! - **An error is the same on every database**: a [`Kind`], and what a declared [constraint](Constraints) says about
//!   the input. No text of it holds a value that was sent.
//! - **It can be watched**: a span for each transaction and each statement, and a count for each request. See
//!   [`telemetry`](crate::telemetry).
//!
//! # Limits
//!
//! - Work may run several times. Effects outside the store belong in [`Session::after_commit`], or in the outbox if
//!   they must happen.
//! - On a database with many connections, a transaction of the store inside another one takes a second connection. If
//!   every connection is held by a transaction that waits for a second one, none becomes free. Nest with
//!   [`Session::transaction`] instead.
//! - MySQL and MariaDB end the transaction at statements that change tables. Do not migrate inside one: everything
//!   written before is kept, and whatever the work returns, the transaction ends with [`Kind::TransactionLost`].
//! - A query whose future is dropped goes on in the server, and keeps its locks until it ends. Its connection is
//!   closed.

#![cfg_attr(
    not(all(feature = "outbox", feature = "transaction")),
    allow(dead_code, reason = "for the modules that stand on it")
)]

pub(crate) mod deadline;
pub(crate) mod deferred;
pub(crate) mod detach;
mod error;
mod figures;
pub(crate) mod hook;
pub(crate) mod mark;
mod memory;
mod options;
pub(crate) mod outcome;
pub(crate) mod retry;
pub(crate) mod run;
pub(crate) mod session;
pub(crate) mod span;
mod store;
pub(crate) mod unit;
mod work;

pub use self::error::{Constraint, Constraints, Error, Kind, TransactionId};
pub use self::figures::{Figures, StillOpen};
pub use self::memory::{Memory, MemorySession};
pub use self::options::{Isolation, Options};
pub use self::outcome::{Outcome, Resolution};
pub use self::retry::Retry;
pub use self::session::Session;
pub use self::store::Store;
pub use self::work::Work;
