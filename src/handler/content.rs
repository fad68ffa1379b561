//! What becomes of an answer's headers when a problem takes the place of its content.

use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION,
    CONTENT_RANGE, ETAG, EXPIRES, HeaderName, LAST_MODIFIED, TRAILER, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::problem::Problem;

/// What describes the content that is replaced (RFC 9110 §8, RFC 9530), and how it would have been framed.
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

/// Removes what is not true any more once the content is replaced.
pub(crate) fn forget_content(headers: &mut HeaderMap, status: StatusCode) {
    for name in &OF_THE_CONTENT {
        headers.remove(name);
    }
    // Of a 416 it tells how long the resource is (RFC 9110 §15.5.17).
    if status != StatusCode::RANGE_NOT_SATISFIABLE {
        headers.remove(CONTENT_RANGE);
    }
}

/// Removes what was said of a success that turned out to be a failure: what describes its content, and that caches may
/// keep it.
pub(crate) fn forget_success(headers: &mut HeaderMap, problem: &Problem) {
    forget_content(headers, problem.status());
    headers.remove(EXPIRES);
    // Without any word some failures may be kept, too: 404, 405, 410 (RFC 9110 §15.1).
    if headers.remove(CACHE_CONTROL).is_some() && !problem.headers().contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
