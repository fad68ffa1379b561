use http::request::Parts;

use crate::handler::FromRequestParts;
use crate::payload::{Payload, ValidationContext, read_headers};
use crate::problem::Problem;

/// The service's own headers, read and checked.
///
/// A member is the header of its name in lower case, so `#[serde(rename_all = "kebab-case")]` makes `api_version` the
/// header `api-version`. Headers that are not members are ignored; a `Vec` accepts a header that may be repeated, any
/// other type refuses a repeated one. Fails with 422 and everything that is wrong, each fault with the name of its
/// `header`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Headers<T>(pub T);

impl<S: Sync, T: Payload> FromRequestParts<S> for Headers<T> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read_headers(&parts.headers, ValidationContext::with_extensions(&parts.extensions)).map(Self)
    }
}
