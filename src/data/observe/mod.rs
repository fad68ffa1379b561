//! What a log and a tracer see of transactions and statements.
//!
//! # Spans
//!
//! Every transaction is a span `transaction` (target `buttress::transaction`, level INFO) over all its attempts, named by
//! [`Options::named`](super::Options::named): what it asked for (`isolation`, `read_only`), how it ended (`outcome`,
//! `error.type`), how often it was tried (`attempts`) and because of what (`retried`).
//!
//! A transaction that was tried again is an event as well, one when it ends, with the same `attempts`, `retried` and
//! `outcome`: at level INFO if it was committed, and at WARN if it was rolled back in the end, is unknown, or was dropped
//! while it was tried again, as when a time limit ended the request. Each retry by itself is one at level DEBUG.
//!
//! Every statement is a span `query` (target `buttress::query`, level DEBUG) by the semantic conventions of OpenTelemetry
//! for databases, named by its summary: `SELECT orders`. Its `db.query.text` is the statement with `?` in place of every
//! number and text; values that are bound are in no span at all. MariaDB is a `mysql` here, because the driver does not
//! tell them apart. In SQLite, `"…"` is a `?` too, unless it certainly is a name: SQLite takes it for a text where no
//! column is called that. A statement whose quotes and comments cannot be told for certain has neither a text nor a
//! summary in its span: those that are never closed, MySQL's `/*! … */`, and SQLite's variables with an index, `$a(…)`.
//!
//! sqlx logs by itself, as `sqlx::query`: statements at level DEBUG, slow ones at WARN, as they were written and without
//! what was bound to them. Who writes values into the text of a statement finds them there.
//!
//! # Counts
//!
//! [`QueryCount`] counts the statements of each request, and says once at level WARN if one of them was sent ten times:
//! it may be a query for each row of another one (N+1). What a transaction sends again because it is tried again is not
//! meant by that.
//!
//! ```
//! use buttress::data::observe::{Queries, QueryCount};
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = ServiceBuilder::new()
//!     .layer(QueryCount::new().warn_at(20))
//!     .service(service_fn(async |_: Request<String>| Ok::<_, std::convert::Infallible>(Response::new("a page"))));
//!
//! let response = service.oneshot(Request::new(String::new())).await.unwrap();
//! assert_eq!(response.extensions().get::<Queries>().unwrap().count, 0);
//! # });
//! ```
//!
//! A test may hold a piece of work to a number of statements:
//!
//! ```
//! use buttress::data::observe::count_queries;
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let (page, queries) = count_queries(async { "a page" }).await;
//! assert!(queries.count <= 2, "{page} took {queries:?}");
//! # });
//! ```
//!
//! The count follows the task: statements of a task that the work spawns are not in it, nor those that run while a
//! response is streamed.

#[cfg(feature = "sqlx")]
mod count;
#[cfg(feature = "sqlx")]
mod lex;
#[cfg(feature = "sqlx")]
mod log;
#[cfg(feature = "sqlx")]
mod opaque;
#[cfg(feature = "sqlx")]
mod query;
#[cfg(feature = "mysql")]
mod script;
#[cfg(feature = "sqlx")]
mod summary;
mod transaction;
#[cfg(not(feature = "sqlx"))]
mod uncounted;

#[cfg(feature = "sqlx")]
use self::log::Before;
#[cfg(not(feature = "sqlx"))]
use self::uncounted::Before;

#[cfg(feature = "mysql")]
pub(crate) use self::script::{statements, summary};

pub(crate) use self::transaction::TransactionSpan;
#[cfg(feature = "sqlx")]
pub use self::{
    count::{QueryCount, QueryCountFuture, QueryCountService},
    log::{Queries, Repeated, count_queries},
};
#[cfg(feature = "sqlx")]
pub(crate) use self::{
    opaque::{Opaque, Syntax, follows_name, in_name, opaque, variable},
    query::{Peer, QuerySpan, QueryText},
};
