//! Foreign frameworks: the only place that names one.
//!
//! Nothing here is needed on plain `tower` or `hyper`. With the feature `axum`, the module `axum` makes each
//! extractor and each response of this crate one of axum's own.
//!
//! A type of your own joins by one line. Without the feature the line is empty, so that a library may write it and
//! leave the choice of the server to others. The derives of this crate write it for you.
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
//! A generic type puts its parameters first, in brackets, and its bounds last:
//!
//! ```
//! use buttress::problem::{Catalogue, IntoProblem, Problem};
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
