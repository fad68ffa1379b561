//! The meaning of a method for the response (RFC 9110 §9.3).

use http::Method;

/// Whether the method is HEAD: the response is that of a GET, without the content (RFC 9110 §9.3.2).
pub(crate) fn is_head(method: &Method) -> bool {
    *method == Method::HEAD
}

/// Whether the request reads a state. By RFC 9110 §13, GET and HEAD can get a 304. QUERY is newer: it is a GET with a
/// body (RFC 10008).
#[cfg_attr(not(feature = "respond"), allow(dead_code, reason = "preconditions ask"))]
pub(crate) fn is_read(method: &Method) -> bool {
    is_head(method) || matches!(method.as_str(), "GET" | "QUERY")
}
