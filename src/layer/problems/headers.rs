use http::header::{
    CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_RANGE, ETAG,
    HeaderName, LAST_MODIFIED, TRAILER, TRANSFER_ENCODING, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

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
pub(super) fn forget_content(headers: &mut HeaderMap, status: StatusCode) {
    for name in &OF_THE_CONTENT {
        headers.remove(name);
    }
    // Of a 416 it tells how long the resource is (RFC 9110 §15.5.17).
    if status != StatusCode::RANGE_NOT_SATISFIABLE {
        headers.remove(CONTENT_RANGE);
    }
}

/// Adds the problem's own headers, where nobody has said the like.
///
/// What is empty says nothing: the `Allow` of a 405 whose methods are known to the router alone. axum adds them last,
/// outside of the layers of its routes, and only where no `Allow` stands yet.
pub(super) fn add_missing(headers: &mut HeaderMap, own: &HeaderMap) {
    for name in own.keys() {
        if !headers.contains_key(name) {
            let said = own.get_all(name).iter().filter(|value| !value.is_empty());
            headers.extend(said.map(|value| (name.clone(), value.clone())));
        }
    }
}

pub(super) fn vary_by_language(headers: &mut HeaderMap) {
    headers.append(VARY, HeaderValue::from_static("accept-language"));
}
