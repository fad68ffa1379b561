use std::fmt;

use super::JsonPointer;

/// The location of a violation in a request: in the body, in a query or path parameter, or in a header.
///
/// On the wire it is one of the members `pointer`, `parameter` and `header`, as in the `source` of JSON:API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Location {
    /// A place in the body.
    Pointer(JsonPointer),
    /// The name of a query or path parameter.
    Parameter(String),
    /// The name of a header, in lower case.
    Header(String),
    /// The query, the path or the header section as a whole. A response does not name it.
    Request,
}

impl Location {
    /// The member that holds this location on the wire: `pointer`, `parameter` or `header`; `request` for the request
    /// as a whole, which no format writes.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Pointer(_) => "pointer",
            Self::Parameter(_) => "parameter",
            Self::Header(_) => "header",
            Self::Request => "request",
        }
    }

    /// A parameter or header without a name becomes the request as a whole.
    pub(super) fn named(self) -> Self {
        match self {
            Self::Parameter(name) | Self::Header(name) if name.is_empty() => Self::Request,
            named => named,
        }
    }

    /// The value of the member that [`kind`](Self::kind) names; the empty text for the request as a whole.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pointer(pointer) => pointer.as_str(),
            Self::Parameter(name) | Self::Header(name) => name,
            Self::Request => "",
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
