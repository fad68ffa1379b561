use std::fmt;
use std::io::Write;
use std::str::FromStr;

use http::HeaderValue;

/// The name of one state of a resource: the value of `ETag` (RFC 9110 §8.8.3).
///
/// A *strong* tag changes with every byte of the representation, a *weak* one (`W/"…"`) with its meaning. There are two
/// ways to compare them (§8.8.3.2), and `==` is neither: it compares how the two are written.
///
/// ```
/// use buttress::EntityTag;
///
/// let tag = EntityTag::version(7);
/// assert_eq!(tag.to_string(), r#""7""#);
///
/// let weak: EntityTag = r#"W/"7""#.parse().unwrap();
/// assert!(tag.weak_eq(&weak)); // good enough not to send a representation again
/// assert!(!tag.strong_eq(&weak)); // not good enough to overwrite one
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntityTag(HeaderValue);

impl EntityTag {
    /// A strong tag from the version of a record, which must change whenever the record does.
    #[must_use]
    pub fn version(version: impl Into<i128>) -> Self {
        let mut text = [0; 42];
        let mut rest = text.as_mut_slice();
        // Two quotes, a sign and 39 digits: the longest number fits.
        let _ = write!(rest, "\"{}\"", version.into());
        let unused = rest.len();
        let used = text.get(..text.len() - unused).unwrap_or_default();
        Self(HeaderValue::from_bytes(used).unwrap_or_else(|_| HeaderValue::from_static("\"\"")))
    }

    /// A strong tag.
    ///
    /// # Errors
    ///
    /// The text has a quote, a space or a control character: only `!`, `#` to `~`, and characters beyond ASCII are
    /// allowed.
    pub fn strong(opaque: impl AsRef<str>) -> Result<Self, InvalidEntityTag> {
        Self::written("\"", opaque.as_ref())
    }

    /// A weak tag.
    ///
    /// # Errors
    ///
    /// As for [`strong`](Self::strong).
    pub fn weak(opaque: impl AsRef<str>) -> Result<Self, InvalidEntityTag> {
        Self::written("W/\"", opaque.as_ref())
    }

    fn written(prefix: &str, opaque: &str) -> Result<Self, InvalidEntityTag> {
        format!("{prefix}{opaque}\"").parse()
    }

    /// Reads the value of an `ETag` header.
    ///
    /// # Errors
    ///
    /// The value is not exactly one tag.
    pub fn from_header(value: &HeaderValue) -> Result<Self, InvalidEntityTag> {
        match TagRef::split_first(value.as_bytes()) {
            Some((_, [])) => Ok(Self(value.clone())),
            _ => Err(InvalidEntityTag(())),
        }
    }

    /// This tag, weakened: for a representation with the same meaning in other bytes.
    #[must_use]
    pub fn into_weak(self) -> Self {
        if self.is_weak() {
            return self;
        }
        let text = [b"W/", self.0.as_bytes()].concat();
        HeaderValue::try_from(text).map_or(self, Self)
    }

    /// Whether the tag is written `W/"…"`.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.parts().weak
    }

    /// The text between the quotes.
    #[must_use]
    pub fn opaque(&self) -> &[u8] {
        self.parts().opaque
    }

    /// The strong comparison: both tags are strong and equal. It decides `If-Match`.
    #[must_use]
    pub fn strong_eq(&self, other: &Self) -> bool {
        self.parts().strong_eq(other.parts())
    }

    /// The weak comparison: both tags are equal, weak or not. It decides `If-None-Match`.
    #[must_use]
    pub fn weak_eq(&self, other: &Self) -> bool {
        self.parts().weak_eq(other.parts())
    }

    /// The tag as the value of a header; cloning the value is cheap.
    #[must_use]
    pub const fn as_header(&self) -> &HeaderValue {
        &self.0
    }

    pub(crate) fn parts(&self) -> TagRef<'_> {
        // The stored text was parsed before, so the fallback is never taken.
        TagRef::split_first(self.0.as_bytes()).map_or(TagRef { weak: true, opaque: b"" }, |(tag, _)| tag)
    }
}

/// A tag that borrows from a header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TagRef<'a> {
    weak: bool,
    opaque: &'a [u8],
}

impl<'a> TagRef<'a> {
    /// Splits a tag off: `[ "W/" ] DQUOTE *etagc DQUOTE`.
    pub(crate) fn split_first(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (weak, quoted) = match text.strip_prefix(b"W/") {
            Some(quoted) => (true, quoted),
            None => (false, text),
        };
        let inner = quoted.strip_prefix(b"\"")?;
        let end = inner.iter().position(|byte| !matches!(byte, b'!' | b'#'..=b'~' | 0x80..))?;
        let (opaque, rest) = inner.split_at_checked(end)?;
        Some((Self { weak, opaque }, rest.strip_prefix(b"\"")?))
    }

    pub(crate) fn strong_eq(self, other: TagRef<'_>) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    pub(crate) fn weak_eq(self, other: TagRef<'_>) -> bool {
        self.opaque == other.opaque
    }
}

impl From<EntityTag> for HeaderValue {
    fn from(tag: EntityTag) -> Self {
        tag.0
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.0.as_bytes()))
    }
}

impl FromStr for EntityTag {
    type Err = InvalidEntityTag;

    fn from_str(text: &str) -> Result<Self, InvalidEntityTag> {
        HeaderValue::from_str(text).map_err(|_| InvalidEntityTag(())).and_then(|value| Self::from_header(&value))
    }
}

/// A text that cannot be an entity tag. The error does not hold the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidEntityTag(());

impl fmt::Display for InvalidEntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an entity tag (RFC 9110 §8.8.3)")
    }
}

impl std::error::Error for InvalidEntityTag {}
