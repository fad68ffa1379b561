//! Adapters for other frameworks. No other module of this crate names a framework.
//!
//! Plain `tower` or `hyper` needs nothing from here. With the feature `axum`, the module `axum` makes each extractor
//! and each response of this crate work in axum.
//!
//! A type of your own needs one line. Without the feature the line expands to nothing, so that a library may write it
//! and leave the choice of the server to its users. The derives of this crate write it for you.
//!
//! ```
//! use buttress::Problem;
//! use buttress::handler::FromRequestParts;
//! use http::request::Parts;
//!
//! struct Language(String);
//!
//! impl<S: Sync> FromRequestParts<S> for Language {
//!     async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
//!         let header = parts.headers.get("accept-language").and_then(|value| value.to_str().ok());
//!         Ok(Language(header.unwrap_or("en").to_owned()))
//!     }
//! }
//! buttress::adapt_parts!(Language); // `Language` is an argument of axum's handlers, too
//! ```
//!
//! For a generic type, the parameters come first, in brackets, and the bounds last:
//!
//! ```
//! use buttress::Problem;
//! use buttress::problem::{Catalogue, IntoProblem};
//!
//! enum Either<A, B> {
//!     Left(A),
//!     Right(B),
//! }
//!
//! impl<A: IntoProblem, B: IntoProblem> IntoProblem for Either<A, B> {
//!     const CATALOGUE: Catalogue = Catalogue::new(&[], &[&A::CATALOGUE, &B::CATALOGUE]);
//!
//!     fn into_problem(self) -> Problem {
//!         match self {
//!             Self::Left(error) => error.into_problem(),
//!             Self::Right(error) => error.into_problem(),
//!         }
//!     }
//! }
//! buttress::adapt_error!([A: IntoProblem, B] Either<A, B> where B: IntoProblem);
//! ```

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub mod axum;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "jiff")]
mod jiff;
mod macros;
#[cfg(feature = "time")]
mod time;
