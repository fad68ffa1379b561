//! What a log and a tracer see of transactions and statements.
//!
//! # Spans
//!
//! Every transaction is a span `transaction` (target `buttress::transaction`, level INFO) over all its attempts, named by
//! [`Options::named`](crate::store::Options::named): what it asked for (`isolation`, `read_only`), how it ended (`outcome`,
//! `error.type`), how often it was tried (`attempts`) and because of what (`retried`).
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
//! [`QueryCount`](crate::layer::QueryCount) counts the statements of each request, and says once at level WARN if one of them was sent ten times:
//! it may be a query for each row of another one (N+1). What a transaction sends again because it is tried again is not
//! meant by that.
//!
//! ```
//! use buttress::layer::QueryCount;
//! use buttress::telemetry::Queries;
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
//! use buttress::telemetry::count_queries;
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let (page, queries) = count_queries(async { "a page" }).await;
//! assert!(queries.count <= 2, "{page} took {queries:?}");
//! # });
//! ```
//!
//! The count follows the task: statements of a task that the work spawns are not in it, nor those that run while a
//! response is streamed.

#[cfg_attr(
    not(all(feature = "layer", feature = "sql")),
    allow(dead_code, reason = "one of them counts, the other is counted")
)]
mod queries;

#[cfg(feature = "store")]
pub(crate) use self::queries::Before;
#[cfg(any(feature = "layer", feature = "sql"))]
pub(crate) use self::queries::QueryLog;
#[cfg(feature = "sql")]
pub(crate) use self::queries::Timed;
pub use self::queries::{Queries, Repeated, count_queries};

/// The target of the spans of statements, and of what is said about those of a request.
#[cfg(any(feature = "layer", feature = "sql"))]
pub(crate) const QUERY: &str = "buttress::query";
