//! Paths as URI references (RFC 3986 §4.1).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// The characters, besides `%` and controls, that a URI reference cannot hold (RFC 3986 §2).
pub(crate) const NOT_IN_URI: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// The path of a request as a reference. Characters that a URI cannot hold are percent-encoded, and `//host/…`, which
/// would name a host, is written so that it names a path (RFC 3986 §4.2).
pub(crate) fn path_reference(path: &str) -> Cow<'_, str> {
    let encoded = Cow::from(utf8_percent_encode(path, NOT_IN_URI));
    if encoded.starts_with("//") { format!("/.{encoded}").into() } else { encoded }
}
