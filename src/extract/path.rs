use http::request::Parts;

use crate::handler::{FromRequestParts, PathParams};
use crate::payload::{Payload, ValidationContext, read_path};
use crate::problem::Problem;

/// The parameters of the path, read and checked.
///
/// A struct takes the parameters by name, a tuple takes them in the order of the template, any other type takes the
/// only one. The router has to put [`PathParams`] into the request's extensions; in axum that is done for you.
///
/// A parameter that is not acceptable is a 422 that names it: the route exists, so a 404 would say less. If an
/// address with a malformed id should look as unknown as an address with an unknown id, take
/// `Result<Path<T>, Problem>` and answer `Problem::not_found()`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Path<T>(pub T);

impl<S: Sync, T: Payload> FromRequestParts<S> for Path<T> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read_path(params(parts)?, ValidationContext::with_extensions(&parts.extensions)).map(Self)
    }
}

/// The parameters that the router found. Without them the route and the handler do not fit, for any caller.
pub(super) fn params(parts: &Parts) -> Result<&PathParams, Problem> {
    parts.extensions.get().ok_or_else(|| Problem::internal("no router put the parameters of a path into the request"))
}
