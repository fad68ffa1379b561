//! Decides which responses are wrapped, and adapts their heads.

use bytes::Bytes;
use http::header::{ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName};
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::body::PREFIX;
use super::{SuccessEnvelopeBody, SuccessEnvelopeLayer};
use crate::entity_tag::EntityTag;
use crate::handler::{has_no_content, set_length_without_content};
use crate::problem::Problem;
use crate::request_id::RequestId;

pub(super) fn wrap<B>(
    envelope: &SuccessEnvelopeLayer,
    id: Option<&RequestId>,
    is_head: bool,
    response: Response<B>,
) -> Response<SuccessEnvelopeBody<B>>
where
    B: http_body::Body<Data = Bytes>,
{
    let (mut parts, body) = response.into_parts();
    let is_empty = body.is_end_stream() || body.size_hint().exact() == Some(0);
    if has_no_content(parts.status) {
        set_length_without_content(parts.status, &mut parts.headers, is_empty);
        return Response::from_parts(parts, SuccessEnvelopeBody::none(body));
    }
    if !is_plain_json(&parts) || (is_empty && !is_head) {
        return Response::from_parts(parts, SuccessEnvelopeBody::passing(body));
    }
    let suffix = suffix(envelope, id, &parts);
    adjust(&mut parts.headers, PREFIX.len() + suffix.len(), envelope.weak_tags);
    let body = if is_empty { SuccessEnvelopeBody::passing(body) } else { SuccessEnvelopeBody::wrapping(body, suffix) };
    Response::from_parts(parts, body)
}

fn is_plain_json(parts: &Parts) -> bool {
    let whole = match parts.status {
        StatusCode::PARTIAL_CONTENT => false,
        status => status.is_success(),
    };
    whole
        && parts.extensions.get::<Problem>().is_none()
        && parts.headers.get(CONTENT_TYPE).is_some_and(is_json)
        && !parts.headers.contains_key(CONTENT_ENCODING)
}

fn is_json(content_type: &HeaderValue) -> bool {
    let essence = content_type.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

/// `,"meta":{…}}`
fn suffix(envelope: &SuccessEnvelopeLayer, id: Option<&RequestId>, parts: &Parts) -> Bytes {
    // If the layer that gives ids is further inside, the id is in the response.
    let answered = || parts.headers.get(RequestId::HEADER).and_then(RequestId::from_header);
    let meta = match id {
        Some(id) => envelope.meta_of(Some(id), parts),
        None => envelope.meta_of(answered().as_ref(), parts),
    };
    Bytes::from(format!(",\"meta\":{meta}}}"))
}

/// The headers that describe the bytes before they were wrapped.
const ABOUT_THE_BYTES: [HeaderName; 5] = [
    ACCEPT_RANGES,
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("repr-digest"),
];

fn adjust(headers: &mut HeaderMap, longer: usize, weak_tags: bool) {
    if let Some(length) = headers.remove(CONTENT_LENGTH) {
        let length = length.to_str().ok().and_then(|length| length.parse::<u64>().ok());
        if let Some(length) = length.and_then(|length| length.checked_add(longer as u64)) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
    }
    for name in &ABOUT_THE_BYTES {
        headers.remove(name);
    }
    if let Some(Ok(tag)) = headers.get(ETAG).filter(|_| weak_tags).map(EntityTag::from_header) {
        headers.insert(ETAG, tag.into_weak().as_header().clone());
    }
}
