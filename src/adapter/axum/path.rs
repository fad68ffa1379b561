//! The path parameters and the route that axum's router found.

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams};
use http::Extensions;
use http::request::Parts;

use crate::handler::PathParams;
use crate::problem::Problem;

/// The template of the route that axum matched, such as `/v1/orders/{id}`: for spans and metrics.
#[must_use]
pub fn matched_path(extensions: &Extensions) -> Option<&str> {
    extensions.get().map(MatchedPath::as_str)
}

/// Passes the parameters that axum's router found to extractors that do not know axum.
///
/// This runs for each extractor, because a nested router adds its own parameters to those of the outer one.
pub(super) async fn bridge(parts: &mut Parts) -> Result<(), Problem> {
    match RawPathParams::from_request_parts(parts, &()).await {
        Ok(found) => hand_over(&found, &mut parts.extensions),
        // No path of this service has invalid UTF-8, so the address is unknown.
        Err(RawPathParamsRejection::InvalidUtf8InPathParam(_)) => return Err(Problem::not_found()),
        // There is no axum router: another router has put the parameters there itself.
        Err(_) => {}
    }
    Ok(())
}

fn hand_over(found: &RawPathParams, extensions: &mut Extensions) {
    let known = extensions.get::<PathParams>().is_some_and(|known| known.iter().eq(found));
    if !known && found.iter().next().is_some() {
        extensions.insert(found.iter().collect::<PathParams>());
    }
}
