use bytes::BytesMut;
use http::request::Parts;
use http::{HeaderName, HeaderValue};

use crate::handler::FromRequestParts;
use crate::hex::digits;
use crate::problem::Problem;

/// The id of a request: the same in `X-Request-Id`, in an error's `request_id` and in the log.
///
/// The request-id layer puts it into the request's extensions.
///
/// ```
/// use buttress::RequestId;
/// use http::HeaderValue;
///
/// let id = RequestId::from_header(&HeaderValue::from_static("abc-1")).unwrap();
/// assert_eq!(id.as_str(), "abc-1");
/// assert!(RequestId::from_header(&HeaderValue::from_static("two words")).is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// `x-request-id`.
    pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

    /// The longest id that is accepted from a client, in bytes.
    pub const MAX_LEN: usize = 128;

    /// Accepts a valid id: 1 to 128 visible ASCII characters.
    #[must_use]
    pub fn from_header(value: &HeaderValue) -> Option<Self> {
        let bytes = value.as_bytes();
        let sane = (1..=Self::MAX_LEN).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
        sane.then(|| Self(value.clone()))
    }

    /// A UUID as an id, in its usual form of 36 characters (RFC 9562 §4).
    ///
    /// ```
    /// let id = buttress::RequestId::from_uuid(0x017f22e2_79b0_7cc3_98c4_dc0c0c07398f);
    /// assert_eq!(id.as_str(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    /// ```
    #[must_use]
    pub fn from_uuid(bits: u128) -> Self {
        Self::from_uuid_in(&mut BytesMut::with_capacity(Self::UUID_LEN), bits)
    }

    pub(crate) const UUID_LEN: usize = 36;

    /// Like [`from_uuid`](Self::from_uuid), written into memory that ids share.
    pub(crate) fn from_uuid_in(memory: &mut BytesMut, bits: u128) -> Self {
        memory.extend_from_slice(&hyphenated(bits));
        // Hexadecimal digits and hyphens are always a header value.
        Self(HeaderValue::from_maybe_shared(memory.split().freeze()).unwrap_or_else(|_| HeaderValue::from_static("")))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The id as the value of a header; cloning it is cheap.
    #[must_use]
    pub const fn as_header(&self) -> &HeaderValue {
        &self.0
    }

    /// The id as the value of a header.
    #[must_use]
    pub fn into_header(self) -> HeaderValue {
        self.0
    }
}

fn hyphenated(bits: u128) -> [u8; RequestId::UUID_LEN] {
    let mut text = [b'-'; RequestId::UUID_LEN];
    let (second, third) = (digits((bits >> 64) as u32), digits((bits >> 32) as u32));
    text[..8].copy_from_slice(&digits((bits >> 96) as u32));
    text[9..13].copy_from_slice(&second[..4]);
    text[14..18].copy_from_slice(&second[4..]);
    text[19..23].copy_from_slice(&third[..4]);
    text[24..28].copy_from_slice(&third[4..]);
    text[28..].copy_from_slice(&digits(bits as u32));
    text
}

/// The id of this request, if a layer gave it one.
impl<S: Sync> FromRequestParts<S> for Option<RequestId> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(parts.extensions.get().cloned())
    }
}

/// The id of this request. Without the layer that gives ids, this is a server error.
impl<S: Sync> FromRequestParts<S> for RequestId {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Problem::internal("no layer gives requests an id"))
    }
}
