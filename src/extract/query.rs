use http::request::Parts;

use crate::handler::FromRequestParts;
use crate::payload::{Payload, ValidationContext, read_query};
use crate::problem::Problem;

/// The parameters of the query, read and checked.
///
/// Fails with 422 and everything that is wrong, each fault with the name of its `parameter`. A missing query counts as
/// empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<S: Sync, T: Payload> FromRequestParts<S> for Query<T> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        read_query(query, ValidationContext::with_extensions(&parts.extensions)).map(Self)
    }
}
