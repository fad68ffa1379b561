use http::header::VARY;
use http::{HeaderMap, HeaderValue};

/// Adds the problem's own headers, unless the response has them already.
///
/// A problem may hold an empty header: the `Allow` of a 405 whose methods only the router knows. This one is left
/// out, because axum adds its `Allow` last, outside the layers of its routes, and only if there is none yet.
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
