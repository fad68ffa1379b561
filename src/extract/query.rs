use http::request::Parts;

use super::read;
use crate::exchange::FromRequestParts;
use crate::payload::Payload;
use crate::problem::Problem;
use crate::violation::At;

/// The parameters of the query, read and checked.
///
/// 422 with everything that is wrong, each by the name of its `parameter`. A query that is missing is an empty one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<S: Sync, T: Payload> FromRequestParts<S> for Query<T> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        read::urlencoded(query.as_bytes(), &At::parameters(), &parts.extensions).map(Self)
    }
}
