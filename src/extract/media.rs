//! The headers that describe a request's body: its media type and its coding.

use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::problem::{Problem, catalogue};

/// The media types that an extractor accepts, and how a refusal names them (RFC 9110 §15.5.16).
pub(super) struct Media {
    accepts: fn(&str) -> bool,
    header: HeaderName,
    name: &'static str,
    /// The accepted types in words, for the problem's detail.
    reads: &'static str,
}

/// `application/json`, and every type that ends in `+json` (RFC 6839 §3.1).
pub(super) const JSON: Media = Media {
    accepts: is_json,
    header: ACCEPT,
    name: "application/json",
    reads: "application/json is read, and any type that ends in +json",
};

/// The media type of HTML forms.
pub(super) const FORM: Media = Media {
    accepts: is_form,
    header: ACCEPT,
    name: "application/x-www-form-urlencoded",
    reads: "application/x-www-form-urlencoded is read",
};

/// A merge patch (RFC 7396 §4); a refusal names it in `Accept-Patch` (RFC 5789 §2.2).
pub(super) const MERGE_PATCH: Media = Media {
    accepts: is_merge_patch,
    header: HeaderName::from_static("accept-patch"),
    name: "application/merge-patch+json",
    reads: "application/merge-patch+json is read",
};

impl Media {
    /// Refuses a body of another type or of none, and a body in a coding, which would have to be decoded first.
    pub(super) fn require(&self, headers: &HeaderMap) -> Result<(), Problem> {
        if !essence(headers).is_some_and(self.accepts) {
            let header = HeaderValue::from_static(self.name);
            let refused = Problem::of(catalogue::UNSUPPORTED_MEDIA_TYPE).with_own_detail(self.reads);
            return Err(refused.with_header(self.header.clone(), header));
        }
        require_plain(headers)
    }
}

/// Refuses a body in a coding such as gzip. A layer that decodes the body also removes the header.
pub(super) fn require_plain(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get_all(CONTENT_ENCODING).iter().all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Ok(());
    }
    let header = HeaderValue::from_static("identity");
    let refused =
        Problem::of(catalogue::UNSUPPORTED_MEDIA_TYPE).with_own_detail("a body without a content coding is read");
    Err(refused.with_header(ACCEPT_ENCODING, header))
}

/// The media type without its parameters. Two headers count as none, since there is no way to tell which one is true.
fn essence(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let value = value.to_str().ok()?;
    Some(value.split_once(';').map_or(value, |(essence, _)| essence).trim_matches([' ', '\t']))
}

fn is_json(essence: &str) -> bool {
    essence.eq_ignore_ascii_case("application/json") || has_json_suffix(essence)
}

fn has_json_suffix(essence: &str) -> bool {
    let Some((kind, subtype)) = essence.split_once('/') else { return false };
    let Some((name, suffix)) = subtype.rsplit_once('+') else { return false };
    suffix.eq_ignore_ascii_case("json") && is_token(kind) && is_token(name)
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn is_form(essence: &str) -> bool {
    essence.eq_ignore_ascii_case(FORM.name)
}

fn is_merge_patch(essence: &str) -> bool {
    essence.eq_ignore_ascii_case(MERGE_PATCH.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(media: &Media, values: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CONTENT_TYPE, HeaderValue::from_static(value));
        }
        media.require(&headers).is_ok()
    }

    #[test]
    fn json_has_many_names() {
        for name in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"utf-8\"; x=y",
            " application/json ;",
            "application/problem+json",
            "application/vnd.shop.v1+JSON;q=1",
            "model/gltf+json",
        ] {
            assert!(accepts(&JSON, &[name]), "{name}");
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for name in [
            "",
            "json",
            "text/json",
            "text/plain",
            "application/jsonp",
            "application/json-seq",
            "application/+json",
            "/vnd+json",
            "application/a b+json",
            "application/x+json+xml",
            "text/plain, application/json",
            "text/plain; application/json",
            "application/xml;a=+json",
        ] {
            assert!(!accepts(&JSON, &[name]), "{name}");
        }
        assert!(!accepts(&JSON, &[]));
    }

    #[test]
    fn two_types_are_none() {
        assert!(!accepts(&JSON, &["application/json", "application/json"]));
        assert!(!accepts(&JSON, &["application/json", "text/plain"]));
    }

    #[test]
    fn a_merge_patch_is_not_any_json() {
        assert!(accepts(&MERGE_PATCH, &["application/merge-patch+json; charset=utf-8"]));
        assert!(!accepts(&MERGE_PATCH, &["application/json"]));
        assert!(!accepts(&FORM, &["multipart/form-data"]));
    }

    #[test]
    fn a_coding_is_refused_with_the_one_that_is_not() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
        assert!(JSON.require(&headers).is_ok());
        headers.append(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        let refused = JSON.require(&headers).unwrap_err();
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()[ACCEPT_ENCODING]),
            (415, &HeaderValue::from_static("identity"))
        );
    }
}
