//! Errors that a client can be shown.
//!
//! A [`Problem`] is a failure as a client sees it: a status, a code that never changes, a title, the detail that the
//! service adds, and the mandatory headers. The operator's part (the error itself and its chain of sources) stays
//! with it and is never sent to the client. Handlers return an error of their own; `#[derive(Problem)]` declares the
//! meaning of each variant for clients. The derive writes the following code, here by hand:
//!
//! ```
//! use buttress::Problem;
//! use buttress::problem::{Catalogue, ErrorStatus, IntoProblem, ProblemType};
//!
//! #[derive(Debug, thiserror::Error)]
//! enum ShopError {
//!     #[error("{sku} is out of stock, {left} left")]
//!     OutOfStock { sku: String, left: u32 },
//! }
//!
//! const OUT_OF_STOCK: ProblemType = ProblemType::new(ErrorStatus::CONFLICT, "out-of-stock", "Out of stock");
//!
//! impl IntoProblem for ShopError {
//!     const CATALOGUE: Catalogue = Catalogue::new(&[OUT_OF_STOCK], &[]);
//!
//!     fn into_problem(self) -> Problem {
//!         let Self::OutOfStock { sku, left } = &self;
//!         Problem::of(OUT_OF_STOCK).with_member("sku", sku).with_member("left", left).caused_by(self)
//!     }
//! }
//!
//! fn take() -> Result<(), Problem> {
//!     Err(ShopError::OutOfStock { sku: "MUG-001".into(), left: 3 })? // `?` converts
//! }
//! let problem = take().unwrap_err();
//! assert_eq!(problem.code(), "out-of-stock");
//! assert!(problem.error::<ShopError>().is_some());
//! ```
//!
//! A server error shows no details: its detail, members and violations stay private, whatever the service's code sets.
//! A server error that is derived without a `code` does not even show its name: it has the type of its
//! [status](catalogue::for_status). The name, the detail and the chain of sources go to one log event, with the id that
//! the client got.
//!
//! ```
//! use buttress::Problem;
//! use buttress::problem::ProblemDetails;
//!
//! let refused = std::io::Error::other("password authentication failed for user \"shop\"");
//! let problem = Problem::internal(refused).with_detail("the database is down");
//! let bytes = problem.render();
//! assert_eq!(bytes, r#"{"title":"Internal server error","status":500,"code":"internal"}"#);
//! ```
//!
//! # Rendering
//!
//! A problem in a response renders itself as RFC 9457 when its body is polled. A layer that knows the request id, the
//! instance and the service's [`Envelope`] finds the problem in the response's extensions and renders it instead.

pub mod catalogue;
mod challenge;
mod change;
#[cfg(feature = "sql")]
mod database;
#[doc(hidden)]
pub mod derived;
mod details;
pub mod envelope;
mod format;
mod inner;
mod into;
mod kind;
mod listing;
mod report;
#[cfg(feature = "layer")]
mod reporting;
mod retry_after;
mod status;
pub(crate) mod value;

/// Writes the known facts about an error, besides its text.
type Facts = fn(&(dyn std::error::Error + 'static), &mut String) -> std::fmt::Result;

#[cfg(feature = "sql")]
const FACTS: Facts = database::write;
#[cfg(not(feature = "sql"))]
const FACTS: Facts = |_, _| Ok(());

pub use self::challenge::{Allow, Challenge};
pub use self::details::ProblemDetails;
pub use self::format::Envelope;
#[cfg(feature = "layer")]
pub(crate) use self::inner::TARGET;
pub use self::into::IntoProblem;
pub use self::kind::ProblemType;
pub use self::listing::Catalogue;
#[cfg(any(feature = "store", feature = "layer"))]
pub(crate) use self::report::Cause;
#[cfg(any(feature = "store", feature = "layer"))]
pub(crate) use self::report::chain;
#[cfg(feature = "respond")]
pub(crate) use self::retry_after::retry_after;
pub use self::status::{ErrorStatus, NotAnErrorStatus};
pub(crate) use self::value::Problem;
