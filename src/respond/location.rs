use std::fmt;

use http::header::LOCATION;
use http::{HeaderValue, Uri};
use percent_encoding::utf8_percent_encode;

use crate::handler::{NOT_IN_SEGMENT, NOT_IN_URI, Response};
use crate::problem::Problem;

/// The longest location, in bytes: every implementation is asked to support this length (RFC 9110 §4.1).
const MAX_LEN: usize = 8_000;

/// The address of a resource: the value of `Location` (RFC 9110 §10.2.2).
///
/// A text is taken as a URI reference, and characters that a URI cannot hold are percent-encoded. If a part of it
/// comes from outside, build it from [`segments`](Self::segments): such a part always stays one segment.
///
/// ```
/// use buttress::respond::Location;
///
/// assert_eq!(Location::from("/v1/caf\u{e9}s?near=the river").as_str(), Some("/v1/caf%C3%A9s?near=the%20river"));
/// assert_eq!(Location::segments(["v1", "notes", "a/b?c"]).as_str(), Some("/v1/notes/a%2Fb%3Fc"));
/// ```
///
/// Some texts cannot be an address: an empty one, one of more than 8,000 bytes (RFC 9110 §4.1), one with a control
/// character (an attempt to add a header), and the segments ``, `.` and `..`. A response with such a location is a
/// server error, because a client could not find the new resource again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location(Result<HeaderValue, InvalidLocation>);

impl Location {
    /// The absolute path of these segments.
    pub fn segments<I>(segments: I) -> Self
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        let mut path = String::new();
        for segment in segments {
            let segment = segment.as_ref();
            if matches!(segment, "" | "." | "..") {
                return Self(Err(InvalidLocation(())));
            }
            path.push('/');
            path.extend(utf8_percent_encode(segment, NOT_IN_SEGMENT));
        }
        Self::whole(path)
    }

    /// The location as it is sent; `None` if it cannot be sent.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_ref().ok().and_then(|value| value.to_str().ok())
    }

    fn whole(text: String) -> Self {
        match HeaderValue::try_from(text) {
            Ok(value) if (1..=MAX_LEN).contains(&value.len()) => Self(Ok(value)),
            _ => Self(Err(InvalidLocation(()))),
        }
    }

    /// Puts the location on a response; if it cannot be sent, an error replaces the response.
    pub(super) fn put(self, mut response: Response) -> Result<Response, Problem> {
        response.headers_mut().insert(LOCATION, self.0.map_err(Problem::internal)?);
        Ok(response)
    }
}

impl From<&str> for Location {
    fn from(reference: &str) -> Self {
        if reference.contains(|c: char| c.is_ascii_control()) {
            return Self(Err(InvalidLocation(())));
        }
        let mut text = String::with_capacity(reference.len());
        for (i, part) in reference.split('%').enumerate() {
            if i > 0 {
                let encoded = matches!(part.as_bytes(), [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
                text.push_str(if encoded { "%" } else { "%25" });
            }
            text.extend(utf8_percent_encode(part, NOT_IN_URI));
        }
        Self::whole(text)
    }
}

impl From<String> for Location {
    fn from(reference: String) -> Self {
        Self::from(reference.as_str())
    }
}

impl From<&Uri> for Location {
    fn from(uri: &Uri) -> Self {
        Self::from(uri.to_string())
    }
}

/// The address of a resource is not a URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct InvalidLocation(());

impl fmt::Display for InvalidLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Location is empty or too long, or has a control character or a segment that is no name")
    }
}

impl std::error::Error for InvalidLocation {}
