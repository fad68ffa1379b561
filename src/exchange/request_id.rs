use http::request::Parts;
use http::{HeaderName, HeaderValue};

use super::FromRequestParts;
use crate::problem::Problem;

/// The id of a request: the same in `X-Request-Id`, in an error's `request_id` and in the log.
///
/// The request-id layer puts it into the request's extensions.
///
/// ```
/// use buttress::exchange::RequestId;
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

    /// The longest id that is taken over from a client, in bytes.
    pub const MAX_LEN: usize = 128;

    /// Takes over an id that is sane: 1 to 128 visible ASCII characters.
    #[must_use]
    pub fn from_header(value: &HeaderValue) -> Option<Self> {
        let bytes = value.as_bytes();
        let sane = (1..=Self::MAX_LEN).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
        sane.then(|| Self(value.clone()))
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
}

/// The id of this request, if a layer gave it one.
impl<S: Sync> FromRequestParts<S> for Option<RequestId> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(parts.extensions.get().cloned())
    }
}

/// The id of this request. Without the layer that gives ids this is a server error.
impl<S: Sync> FromRequestParts<S> for RequestId {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Problem::internal("no layer gives requests an id"))
    }
}
