use http::request::Parts;

use crate::handler::FromRequestParts;
use crate::payload::{Check, Payload, read_query};
use crate::problem::Problem;

/// The parameters of the query, read and checked.
///
/// 422 with everything that is wrong, each by the name of its `parameter`. A query that is missing is an empty one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<S: Sync, T: Payload> FromRequestParts<S> for Query<T> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        read_query(query, Check::with_context(&parts.extensions)).map(Self)
    }
}
