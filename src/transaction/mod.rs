//! A transaction for each request that asks for one. If the answer is a success, the transaction is committed before
//! the client gets the answer.
//!
//! The layer goes around the handlers, inside all other layers. A handler that takes a [`RequestTx`] works in the
//! transaction of its request, and passes it on wherever a [`Session`](crate::store::Session) is expected:
//!
//! ```
//! use buttress::store::{Error, Memory, Session, Store};
//! use buttress::transaction::{RequestTransactions, RequestTx};
//! use buttress::handler::service;
//! use http::{Request, StatusCode};
//! use tower::{Layer, ServiceExt};
//!
//! // A repository function. It does not know its caller.
//! async fn insert(on: &mut Session, order: u32) -> Result<(), Error> {
//!     on.memory()?.write(|orders: &mut Vec<u32>| orders.push(order)).await
//! }
//!
//! async fn place(mut tx: RequestTx) -> Result<StatusCode, Error> {
//!     insert(&mut tx, 1).await?;
//!     insert(&mut tx, 2).await?;
//!     Ok(StatusCode::CREATED)
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let orders = Memory::new(Vec::<u32>::new());
//! let app = RequestTransactions::new(Store::from(orders.clone())).layer(service(place, ()));
//! // In axum: Router::new().route("/orders", post(place)).layer(RequestTransactions::new(store)).layer(Stack::new())
//!
//! let response = app.oneshot(Request::new(String::new())).await.unwrap();
//! assert_eq!(response.status(), 201);
//! assert_eq!(*orders.committed(), [1, 2]); // a client that sees the 201 finds the orders
//! # });
//! ```
//!
//! The service decides how transactions run, and which are kept. It also decides where: read-only routes can have a
//! layer of their own, and a service with several stores [names](RequestTransactions::named) them.
//!
//! ```
//! use std::time::Duration;
//!
//! use buttress::store::{Error, Isolation, Memory, TransactionOptions, Store};
//! use buttress::transaction::{RequestTransactions, RequestTx};
//! use buttress::handler::service;
//! use http::{Request, StatusCode, response::Parts};
//! use tower::{Layer, ServiceExt};
//!
//! struct Ledger;
//!
//! async fn transfer(mut ledger: RequestTx<Ledger>) -> Result<StatusCode, Error> {
//!     ledger.memory()?.write(|balance: &mut i64| *balance -= 100).await?;
//!     ledger.after_commit(async || Ok::<_, Error>(println!("told the customer")))?;
//!     Ok(StatusCode::ACCEPTED)
//! }
//!
//! async fn balance(mut ledger: RequestTx<Ledger>) -> Result<String, Error> {
//!     Ok(ledger.memory()?.read(|balance: &i64| balance.to_string()))
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let store = Store::from(Memory::new(500_i64));
//! let writes = RequestTransactions::new(store.clone())
//!     .options(TransactionOptions::new().name("transfer").isolation(Isolation::Serializable).deadline(Duration::from_secs(5)))
//!     .policy(|response: &Parts| response.status.is_success())
//!     .named::<Ledger>();
//! let reads = RequestTransactions::new(store.read_only()).named::<Ledger>();
//!
//! let (transfer, balance) = (writes.layer(service(transfer, ())), reads.layer(service(balance, ())));
//! assert_eq!(transfer.oneshot(Request::new(String::new())).await.unwrap().status(), 202);
//! # use http_body_util::BodyExt;
//! let left = balance.oneshot(Request::new(String::new())).await.unwrap().into_body().collect().await.unwrap();
//! assert_eq!(left.to_bytes(), "400");
//! # });
//! ```
//!
//! # Cases
//!
//! | | then |
//! |---|---|
//! | a request takes no handle, or does nothing with it | nothing is sent to the database, and no connection is taken |
//! | the first statement | the transaction begins; until then, an upload may take its time |
//! | the answer is a success, by the [policy](CommitPolicy) | it is committed, [hooks](crate::store::Session::after_commit) run, and then the head of the response leaves |
//! | the answer is an error | it is rolled back, and then the head leaves |
//! | the handler panics, or its future is dropped (the client left, an outer timeout fired) | it is rolled back |
//! | the [deadline](crate::store::TransactionOptions::deadline) passes | the handler is dropped, it is rolled back, 503 |
//! | the commit fails | the handler's response is dropped, and the error's problem is sent in its place; an unknown commit is a masked 500 |
//! | a handle is still held when the answer comes (by a task that goes on, or by the response's body) | it is not committed, and a masked 500 is sent; later statements through the handle fail, and it is rolled back once the handle is gone |
//! | a second handle is asked for while there is one | a masked 500 |
//! | a second handle is asked for after the first was dropped | it continues the same transaction |
//!
//! Nothing is retried: a request's body is gone by then. Work that must be retried goes through
//! [`Store::transaction`](crate::store::Store::transaction). On a store with one writer, such a transaction fails at
//! once inside a request whose own transaction has begun, instead of waiting for it.
//!
//! # When the client leaves
//!
//! A commit that has begun runs in a task of its own. A client that leaves cannot stop it, and neither can an outer
//! timeout: that client is told of the timeout, though the commit may well succeed.
//! [`Store::close`](crate::store::Store::close) waits for the commit, and for all work that was
//! [spawned](crate::store::Store::spawn) because it must be done even if the client does not wait:
//!
//! ```
//! use std::time::Duration;
//!
//! use buttress::store::{Error, Memory, Store};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! # let (sent, orders) = (async |_: u32| (), Memory::new(Vec::<u32>::new()));
//! # let store = Store::from(orders.clone());
//! let inside = store.clone();
//! let answer = store.spawn(async move {
//!     sent(7).await; // charged; from here on the order has to be written down
//!     inside.transaction(async |tx| tx.memory()?.write(|orders: &mut Vec<u32>| orders.push(7)).await).await
//! });
//! drop(answer); // the client left
//!
//! store.close(Duration::from_secs(5)).await?;
//! assert_eq!(*orders.committed(), [7]);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod end;
mod extractor;
mod future;
mod layer;
mod policy;
mod request;
mod service;

pub use self::extractor::RequestTx;
pub use self::future::RequestTransactionsFuture;
pub use self::layer::RequestTransactions;
pub use self::policy::{CommitOnSuccess, CommitPolicy};
pub use self::service::RequestTransactionsService;
