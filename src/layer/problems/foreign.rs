//! Responses that are not problems, and how they are replaced.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

use super::once::Once;
use crate::problem::{Problem, TARGET, catalogue};

/// The problem that replaces a response of this status, if its status needs one.
pub(super) fn problem(status: StatusCode, headers: &HeaderMap, replaced: &Once) -> Option<Problem> {
    match status.as_u16() {
        // 101 completes the exchange; every other 1xx announces a final response (RFC 9110 §15.2).
        100..=199 if status != StatusCode::SWITCHING_PROTOCOLS => Some(Problem::internal(format!(
            "a handler answered with {}, which cannot be the last word",
            status.as_u16()
        ))),
        400.. => {
            if is_json(headers) && replaced.is_first() {
                warn(status);
            }
            Some(Problem::of(catalogue::for_status(status)))
        }
        _ => None,
    }
}

/// `application/json` and every type that ends in `+json`: an error that a handler has formatted for a client.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(CONTENT_TYPE) else { return false };
    let essence = kind.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    essence.eq_ignore_ascii_case(b"application/json") || essence.to_ascii_lowercase().ends_with(b"+json")
}

#[cold]
fn warn(status: StatusCode) {
    tracing::warn!(
        target: TARGET,
        status = status.as_u16(),
        "an error that a handler wrote as JSON is replaced by a problem, as all further ones are; \
         `ProblemsLayer::pass_foreign` lets a service's own errors pass"
    );
}
