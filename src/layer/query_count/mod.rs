//! Counts the statements of each request, and warns of a statement that is sent once per row of another one.
//!
//! The count is a [`QueryStats`](crate::telemetry::QueryStats) in the response's extensions, and is recorded in the
//! request's span as `db.queries` and `db.time_ms`. See [`telemetry`](crate::telemetry#counts).

mod counted;
mod future;
pub(super) mod layer;
mod service;

pub use self::future::QueryCountFuture;
pub(crate) use self::layer::QueryCountLayer;
pub use self::service::QueryCountService;
