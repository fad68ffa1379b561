//! Formats for problems: RFC 9457, JSON:API, Google AIP-193, or a custom format.
//!
//! ```
//! use buttress::Problem;
//! use buttress::problem::ProblemDetails;
//! use buttress::problem::envelope::{Aip193, JsonApi};
//!
//! let problem = Problem::not_found();
//! let occurrence = ProblemDetails::new(&problem);
//! assert_eq!(
//!     occurrence.render(&JsonApi),
//!     r#"{"errors":[{"status":"404","code":"not-found","title":"Not found"}]}"#,
//! );
//! assert_eq!(
//!     occurrence.render(&Aip193::new("shop.example")),
//!     concat!(
//!         r#"{"error":{"code":404,"message":"Not found","status":"NOT_FOUND","details":"#,
//!         r#"[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"NOT_FOUND","domain":"shop.example"}]}}"#,
//!     ),
//! );
//! ```
//!
//! A custom format is one method; it has no access to anything that it must not show:
//!
//! ```
//! use buttress::Problem;
//! use buttress::problem::{Envelope, ProblemDetails};
//! use http::HeaderValue;
//!
//! struct Terse;
//!
//! impl Envelope for Terse {
//!     fn content_type(&self) -> HeaderValue {
//!         HeaderValue::from_static("text/plain")
//!     }
//!
//!     fn write(&self, problem: &ProblemDetails<'_>, out: &mut Vec<u8>) {
//!         out.extend_from_slice(problem.code().as_bytes());
//!     }
//! }
//!
//! assert_eq!(ProblemDetails::new(&Problem::not_found()).render(&Terse), "not-found");
//! ```

mod aip193;
mod json;
mod json_api;
mod rfc9457;

pub use self::aip193::Aip193;
pub use self::json_api::JsonApi;
pub use self::rfc9457::Rfc9457;
