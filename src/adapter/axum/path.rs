//! What axum's router found out about the path.

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

/// Hands the parameters that axum's router found to extractors that know nothing of axum.
///
/// Once is not enough: a nested router adds its own to those of the outer one.
pub(super) async fn bridge(parts: &mut Parts) -> Result<(), Problem> {
    match RawPathParams::from_request_parts(parts, &()).await {
        Ok(found) => hand_over(&found, &mut parts.extensions),
        // Nothing of ours has a name that is not UTF-8.
        Err(RawPathParamsRejection::InvalidUtf8InPathParam(_)) => return Err(Problem::not_found()),
        // No router of axum's: whatever routed the request put the parameters there itself.
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
