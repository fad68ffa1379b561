//! Transactions and statements in logs and traces.
//!
//! # Spans
//!
//! Every transaction has a span `transaction` (target `buttress::transaction`, level INFO) over all its attempts, named
//! by [`TransactionOptions::name`](crate::store::TransactionOptions::name). It records the options (`isolation`,
//! `read_only`), how the transaction ended (`outcome`, `error.type`), how often it was tried (`attempts`) and why it
//! was retried (`retried`).
//!
//! A transaction that was tried again also gets one event when it ends, with the same `attempts`, `retried` and
//! `outcome`. The event has the level INFO if the transaction was committed. It has the level WARN if the transaction
//! was rolled back in the end, if its outcome is unknown, or if it was dropped during a retry, as when a time limit
//! ended the request. Each retry is an event at level DEBUG.
//!
//! Every statement has a span `query` (target `buttress::query`, level DEBUG) that follows OpenTelemetry's semantic
//! conventions for databases. It is named by the statement's summary: `SELECT orders`. Its `db.query.text` is the
//! statement with `?` in place of every number and string; bound values are in no span at all. MariaDB is reported as
//! `mysql`, because the driver does not tell them apart. On SQLite, `"…"` becomes a `?` too, unless it certainly is a
//! name: SQLite takes it for a string where no column has that name. If it is uncertain where the quotes and comments
//! of a statement end, its span has neither a text nor a summary. Such statements contain quotes or comments that are
//! never closed, MySQL's `/*! … */`, or SQLite's variables with an index, `$a(…)`.
//!
//! sqlx logs by itself, as `sqlx::query`: statements at level DEBUG, slow ones at WARN, as they were written and
//! without their bound values. Values that a program writes into the text of a statement appear there.
//!
//! # Counts
//!
//! [`QueryCountLayer`](crate::layer::QueryCountLayer) counts the statements of each request, and logs one WARN if one
//! of them was sent ten times: it may be sent for each row of another query (N+1). Statements that a transaction sends
//! again because it is retried do not count towards that.
//!
#![cfg_attr(feature = "layer", doc = "```")]
#![cfg_attr(not(feature = "layer"), doc = "```ignore")]
//! use buttress::layer::QueryCountLayer;
//! use buttress::telemetry::QueryStats;
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = ServiceBuilder::new()
//!     .layer(QueryCountLayer::new().warn_at(20))
//!     .service(service_fn(async |_: Request<String>| Ok::<_, std::convert::Infallible>(Response::new("a page"))));
//!
//! let response = service.oneshot(Request::new(String::new())).await.unwrap();
//! assert_eq!(response.extensions().get::<QueryStats>().unwrap().count, 0);
//! # });
//! ```
//!
//! A test can check how many statements a piece of work sends:
//!
#![cfg_attr(feature = "layer", doc = "```")]
#![cfg_attr(not(feature = "layer"), doc = "```ignore")]
//! use buttress::telemetry::count_queries;
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let (page, queries) = count_queries(async { "a page" }).await;
//! assert!(queries.count <= 2, "{page} took {queries:?}");
//! # });
//! ```
//!
//! The count follows the task: it contains neither the statements of tasks that the work spawns, nor those that run
//! while a response is streamed.
//!
//! # Statistics
//!
//! A program reads the numbers for its metrics when it needs them. Counters count from the start of the part that they
//! belong to; the other numbers are those of the moment.
//!
//! | | of | from |
//! |---|---|---|
//! | [`PoolStats`](crate::store::PoolStats) | the connections of a store | [`Store::pool_stats`](crate::store::Store::pool_stats) |
//! | [`RelayStats`](crate::outbox::RelayStats) | the events that a relay handled | [`RelayHandle::stats`](crate::outbox::RelayHandle::stats) |
//! | [`QueryStats`] | the statements of a request, or of any work | [`QueryCountLayer`](crate::layer::QueryCountLayer), [`count_queries`] |
//! | [`Lag`](crate::outbox::Lag) | the events that wait, at a fixed cost | [`Outbox::lag`](crate::outbox::Outbox::lag) |
//! | [`Backlog`](crate::outbox::Backlog) | all undelivered events, counted row by row | [`Outbox::backlog`](crate::outbox::Outbox::backlog) |

#[cfg(feature = "sql")]
mod counter;
#[cfg_attr(
    not(all(feature = "layer", feature = "outbox", feature = "transaction")),
    allow(dead_code, reason = "for the modules that log")
)]
mod names;
#[cfg(any(feature = "layer", feature = "store"))]
#[cfg_attr(
    not(all(feature = "layer", feature = "sql")),
    allow(dead_code, reason = "one of them counts, the other is counted")
)]
mod queries;

#[cfg(feature = "sql")]
pub(crate) use self::counter::Counter;
pub(crate) use self::names::targets;
#[cfg(any(feature = "layer", feature = "store"))]
pub(crate) use self::names::{OTHER, fields};
#[cfg(feature = "store")]
pub(crate) use self::queries::AttemptBaseline;
#[cfg(any(feature = "layer", feature = "sql"))]
pub(crate) use self::queries::QueryLog;
#[cfg(feature = "sql")]
pub(crate) use self::queries::StatementTimer;
#[cfg(any(feature = "layer", feature = "store"))]
pub use self::queries::{QueryStats, Repeated, count_queries};
