//! How a response's headers change when a problem replaces its content.

use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION,
    CONTENT_RANGE, ETAG, EXPIRES, HeaderName, LAST_MODIFIED, TRAILER, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::problem::Problem;

/// The headers that describe the replaced content (RFC 9110 §8, RFC 9530), or how it would have been framed.
const OF_THE_CONTENT: [HeaderName; 13] = [
    CONTENT_LENGTH,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LOCATION,
    CONTENT_DISPOSITION,
    ETAG,
    LAST_MODIFIED,
    TRANSFER_ENCODING,
    TRAILER,
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-md5"),
];

/// Removes the headers that are no longer true once the content is replaced.
pub(crate) fn forget_content(headers: &mut HeaderMap, status: StatusCode) {
    for name in &OF_THE_CONTENT {
        headers.remove(name);
    }
    // In a 416, this header gives the length of the resource (RFC 9110 §15.5.17).
    if status != StatusCode::RANGE_NOT_SATISFIABLE {
        headers.remove(CONTENT_RANGE);
    }
}

/// Removes the headers of a success that turned out to be a failure: those that describe its content, and those that
/// let caches keep it.
pub(crate) fn forget_success(headers: &mut HeaderMap, problem: &Problem) {
    forget_content(headers, problem.status());
    headers.remove(EXPIRES);
    // Without `Cache-Control` some failures may be cached as well: 404, 405, 410 (RFC 9110 §15.1).
    if headers.remove(CACHE_CONTROL).is_some() && !problem.headers().contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
