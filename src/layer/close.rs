use http::header::CONNECTION;
use http::{HeaderMap, HeaderValue, Version};

/// Tells the client that the rest of its body will not be read (RFC 9112 §9.6).
///
/// HTTP/2 and later have no such header; there, only the stream is reset.
pub(crate) fn close(version: Version, headers: &mut HeaderMap) {
    if version < Version::HTTP_2 {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
}
