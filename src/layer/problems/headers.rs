use http::header::VARY;
use http::{HeaderMap, HeaderValue};

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
