use http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use super::PreconditionError;
use crate::entity_tag::{EntityTag, TagRef};
use crate::handler::FromRequestParts;
use crate::problem::Problem;

/// `If-Match`: act only on a state that the client has seen (RFC 9110 §13.1.1).
///
/// As an argument it requires the header: without it the response is 428. `Option<IfMatch>` accepts both. Most
/// handlers want [`Preconditions`](super::Preconditions), which evaluates all conditions in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatch(Tags);

impl IfMatch {
    /// Reads the header, if it was sent.
    ///
    /// A value that is neither `*` nor a list of entity tags matches nothing, as §13.1.1 demands: the request is then
    /// refused.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        Tags::read(headers, &IF_MATCH).map(Self)
    }

    /// Whether the client accepts any state, as long as there is one: `*`.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        matches!(self.0, Tags::Any)
    }

    /// Whether the condition holds for the current state, which is `None` if the resource does not exist. The
    /// comparison is strong: a weak tag, on either side, never matches.
    #[must_use]
    pub fn holds(&self, current: Option<&EntityTag>) -> bool {
        current.is_some_and(|current| self.is_any() || self.0.any(|tag| tag.strong_eq(current.parts())))
    }
}

/// `If-None-Match`: send only a state that the client has not seen; or, with `*`, act only if there is no state
/// (RFC 9110 §13.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfNoneMatch(Tags);

impl IfNoneMatch {
    /// Reads the header, if it was sent.
    ///
    /// A value that is neither `*` nor a list of entity tags matches nothing, and so the condition holds (§13.1.2).
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        Tags::read(headers, &IF_NONE_MATCH).map(Self)
    }

    /// Whether the client acts only if there is no state: `*`.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        matches!(self.0, Tags::Any)
    }

    /// Whether the condition holds for the current state, which is `None` if the resource does not exist. The
    /// comparison is weak.
    #[must_use]
    pub fn holds(&self, current: Option<&EntityTag>) -> bool {
        !current.is_some_and(|current| self.is_any() || self.0.any(|tag| tag.weak_eq(current.parts())))
    }
}

/// The required header: 428 without it.
impl<S: Sync> FromRequestParts<S> for IfMatch {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::from_headers(&parts.headers).ok_or_else(|| PreconditionError::Required.into())
    }
}

impl<S: Sync> FromRequestParts<S> for Option<IfMatch> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(IfMatch::from_headers(&parts.headers))
    }
}

impl<S: Sync> FromRequestParts<S> for Option<IfNoneMatch> {
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(IfNoneMatch::from_headers(&parts.headers))
    }
}

/// A list of entity tags, over all the lines of a header.
///
/// The lines are kept as they came and parsed again at each comparison: nothing is copied.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tags {
    Any,
    List(Vec<HeaderValue>),
    Malformed,
}

impl Tags {
    fn read(headers: &HeaderMap, name: &HeaderName) -> Option<Self> {
        let lines: Vec<_> = headers.get_all(name).iter().cloned().collect();
        Some(match lines.as_slice() {
            [] => return None,
            [line] if line.as_bytes().trim_ascii() == b"*" => Self::Any,
            all if all.iter().flat_map(Elements::of).all(|element| element.is_some()) => Self::List(lines),
            _ => Self::Malformed,
        })
    }

    fn any(&self, matches: impl Fn(TagRef<'_>) -> bool) -> bool {
        let Self::List(lines) = self else { return false };
        lines.iter().flat_map(Elements::of).flatten().any(matches)
    }
}

/// The elements of one line; the last is `None` if it is not an entity tag.
///
/// Elements may be empty, and have spaces and tabs around them (RFC 9110 §5.6.1.2).
struct Elements<'a>(Option<&'a [u8]>);

impl<'a> Elements<'a> {
    fn of(line: &'a HeaderValue) -> Self {
        Self(Some(line.as_bytes()))
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Option<TagRef<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0.take()?;
        let start = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b','))?;
        let Some((tag, rest)) = rest.get(start..).and_then(TagRef::split_first) else { return Some(None) };
        match rest.trim_ascii_start().split_first() {
            None => Some(Some(tag)),
            Some((b',', rest)) => {
                self.0 = Some(rest);
                Some(Some(tag))
            }
            Some(_) => Some(None),
        }
    }
}
