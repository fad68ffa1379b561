use http::Uri;
use percent_encoding::{percent_decode_str, utf8_percent_encode};

use crate::handler::{NOT_IN_SEGMENT, NOT_IN_URI, path_reference};

/// The name of the parameter that takes a cursor.
pub(super) const PARAMETER: &str = "cursor";

/// The longest link, in bytes. Many proxies reject a response whose whole head is longer than 4 KiB.
const MAX_LEN: usize = 2_560;

/// `<path?query>; rel="next"`: the requested address, with another cursor. `None` if it would be too long, since a
/// client decides how long a query is.
pub(super) fn next(asked: &Uri, cursor: &str) -> Option<String> {
    // 24 for the characters around them.
    let len = asked.path().len() + asked.query().map_or(0, str::len) + cursor.len() + 24;
    if len > MAX_LEN {
        return None;
    }
    let mut link = String::with_capacity(len);
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
    // Encoding may have made it longer.
    (link.len() <= MAX_LEN).then_some(link)
}

fn is_cursor(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    percent_decode_str(name).eq(PARAMETER.bytes())
}
