//! Paths as URI references (RFC 3986 §4.1).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters, besides `%` and controls, that a URI reference cannot hold (RFC 3986 §2).
pub(crate) const NOT_IN_URI: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// The characters that a segment of a path, or a value of a query, cannot hold: all but the unreserved ones
/// (RFC 3986 §2.3).
pub(crate) const NOT_IN_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The path of a request as a reference. Characters that a URI cannot hold are percent-encoded, and `//host/…`, which
/// would name a host, is written so that it names a path (RFC 3986 §4.2).
pub(crate) fn path_reference(path: &str) -> Cow<'_, str> {
    let encoded = Cow::from(utf8_percent_encode(path, NOT_IN_URI));
    if encoded.starts_with("//") { format!("/.{encoded}").into() } else { encoded }
}
