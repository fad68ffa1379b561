//! Responses that have no content, whatever their handler gave them.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderValue, TRAILER, TRANSFER_ENCODING};
use http::{HeaderMap, Response, StatusCode};
use http_body::Body as _;

use crate::body::{Body, BoxError};

/// Removes the content if the status has none, or if the request was a HEAD (RFC 9110 §6.4.1), and limits
/// `Content-Length` to the values that are allowed (§8.6).
///
/// Servers differ in this: over HTTP/2 hyper would send the content, and the client reset the stream.
pub(crate) fn strip_forbidden_content<B>(response: Response<Body<B>>, is_head: bool) -> Response<Body<B>>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>>,
{
    let status = response.status();
    if has_no_content(status) {
        let is_empty = response.body().is_end_stream() || response.body().size_hint().exact() == Some(0);
        let (mut parts, _) = response.into_parts();
        set_length_without_content(status, &mut parts.headers, is_empty);
        Response::from_parts(parts, Body::none())
    } else if is_head {
        let length = response.body().size_hint().exact();
        let (mut parts, _) = response.into_parts();
        // The length that GET would have sent, if it is known (RFC 9110 §9.3.2).
        if let Some(length @ 1..) = length {
            parts.headers.entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(length));
        }
        Response::from_parts(parts, Body::none())
    } else {
        response
    }
}

/// Whether responses of this status never have content.
pub(crate) fn has_no_content(status: StatusCode) -> bool {
    status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Removes the headers that describe content which is not sent. `is_empty` means that the handler gave none.
pub(crate) fn set_length_without_content(status: StatusCode, headers: &mut HeaderMap, is_empty: bool) {
    headers.remove(TRANSFER_ENCODING);
    headers.remove(TRAILER);
    match status {
        // A 205 is framed like a response with empty content (RFC 9110 §15.3.6).
        StatusCode::RESET_CONTENT => drop(headers.insert(CONTENT_LENGTH, HeaderValue::from(0))),
        // The length of the 200 response, if the handler declares one without giving any content (RFC 9110 §15.4.5).
        StatusCode::NOT_MODIFIED if is_empty && declares_content(headers) => {}
        _ => drop(headers.remove(CONTENT_LENGTH)),
    }
}

/// Whether a length other than zero is declared.
fn declares_content(headers: &HeaderMap) -> bool {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let length = lengths.next().and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    length.is_some_and(|length| length > 0) && lengths.next().is_none()
}
