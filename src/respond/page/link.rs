use http::Uri;
use percent_encoding::{percent_decode_str, utf8_percent_encode};

use crate::exchange::{NOT_IN_URI, path_reference};
use crate::respond::location::NOT_IN_SEGMENT;

/// The name of the parameter that takes a cursor.
pub(super) const PARAMETER: &str = "cursor";

/// `<path?query>; rel="next"`: the address that was asked, with another cursor.
pub(super) fn next(asked: &Uri, cursor: &str) -> String {
    let mut link = String::with_capacity(asked.path().len() + asked.query().map_or(0, str::len) + cursor.len() + 24);
    link.push('<');
    link.push_str(&path_reference(asked.path()));
    link.push('?');
    for pair in asked.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !is_cursor(pair)) {
        link.extend(utf8_percent_encode(pair, NOT_IN_URI));
        link.push('&');
    }
    link.push_str(PARAMETER);
    link.push('=');
    link.extend(utf8_percent_encode(cursor, NOT_IN_SEGMENT));
    link.push_str(">; rel=\"next\"");
    link
}

fn is_cursor(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    percent_decode_str(name).eq(PARAMETER.bytes())
}
