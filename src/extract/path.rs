use http::request::Parts;

use crate::handler::{FromRequestParts, PathParams};
use crate::payload::{Check, Payload, read_path};
use crate::problem::Problem;

/// The parameters of the path, read and checked.
///
/// A struct takes them by name, a tuple in the order of the template, anything else takes the only one. Whatever
/// routes the request has put [`PathParams`] into its extensions; in axum that is done for you.
///
/// A parameter that is not acceptable is a 422 that names it: the route is there, so a 404 would say less. Where an
/// address with a malformed id shall be as unknown as one with an unknown id, take `Result<Path<T>, Problem>` and
/// answer `Problem::not_found()`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Path<T>(pub T);

impl<S: Sync, T: Payload> FromRequestParts<S> for Path<T> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read_path(params(parts)?, Check::with_context(&parts.extensions)).map(Self)
    }
}

/// What the router found. If it found nothing, the route and the handler do not fit, whoever calls.
pub(super) fn params(parts: &Parts) -> Result<&PathParams, Problem> {
    parts.extensions.get().ok_or_else(|| Problem::internal("no router put the parameters of a path into the request"))
}
