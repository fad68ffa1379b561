use http::header::{ALLOW, HeaderName, PROXY_AUTHENTICATE, UPGRADE, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use super::ErrorStatus;

/// One type of problem: a status, a code that never changes, and a title; and, for its documentation, a description and
/// the names of its extension members.
///
/// The code is for programs, in kebab-case; it ends the `type` URI. Types are constants, so that an enum of errors can
/// list all of its own in a [`Catalogue`](super::Catalogue).
///
/// ```
/// use buttress::Problem;
/// use buttress::problem::{ErrorStatus, ProblemType};
///
/// const OUT_OF_STOCK: ProblemType = ProblemType::new(ErrorStatus::CONFLICT, "out-of-stock", "Out of stock");
///
/// let problem = Problem::of(OUT_OF_STOCK).with_detail("only 3 left");
/// assert_eq!((problem.status().as_u16(), problem.code()), (409, "out-of-stock"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemType {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    description: Option<&'static str>,
    members: &'static [&'static str],
    base: Option<&'static str>,
    header: Option<Mandatory>,
}

/// The value of the header that a response with this status must have. The header's name follows from the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mandatory(&'static str);

impl ProblemType {
    /// A type whose status needs no header.
    #[must_use]
    pub const fn new(status: ErrorStatus, code: &'static str, title: &'static str) -> Self {
        Self::build(status.get(), code, title, None)
    }

    /// A 401 type; `challenge` is its `WWW-Authenticate` (RFC 9110 §11.6.1).
    #[must_use]
    pub const fn unauthorized(code: &'static str, title: &'static str, challenge: &'static str) -> Self {
        Self::build(StatusCode::UNAUTHORIZED, code, title, Some(Mandatory(challenge)))
    }

    /// A 405 type; `allow` lists the methods (RFC 9110 §10.2.1).
    #[must_use]
    pub const fn method_not_allowed(code: &'static str, title: &'static str, allow: &'static str) -> Self {
        Self::build(StatusCode::METHOD_NOT_ALLOWED, code, title, Some(Mandatory(allow)))
    }

    /// A 407 type; `challenge` is its `Proxy-Authenticate` (RFC 9110 §11.7.1).
    #[must_use]
    pub const fn proxy_authentication_required(
        code: &'static str,
        title: &'static str,
        challenge: &'static str,
    ) -> Self {
        Self::build(StatusCode::PROXY_AUTHENTICATION_REQUIRED, code, title, Some(Mandatory(challenge)))
    }

    /// A 426 type; `upgrade` names the protocols (RFC 9110 §7.8).
    #[must_use]
    pub const fn upgrade_required(code: &'static str, title: &'static str, upgrade: &'static str) -> Self {
        Self::build(StatusCode::UPGRADE_REQUIRED, code, title, Some(Mandatory(upgrade)))
    }

    const fn build(status: StatusCode, code: &'static str, title: &'static str, header: Option<Mandatory>) -> Self {
        Self { status, code, title, description: None, members: &[], base: None, header }
    }

    /// Gives this type a base URI of its own, instead of the base that the service configures.
    ///
    /// The `type` on the wire is `base` followed by the code.
    #[must_use]
    pub const fn with_base(mut self, base: &'static str) -> Self {
        self.base = Some(base);
        self
    }

    /// Says in a sentence or two what the problem means and what a client can do, for a page about it. The text is not
    /// part of any response.
    #[must_use]
    pub const fn with_description(mut self, description: &'static str) -> Self {
        self.description = Some(description.trim_ascii());
        self
    }

    /// Names the extension members (RFC 9457 §3.2) that occurrences of the problem may have, for a page about it.
    #[must_use]
    pub const fn with_members(mut self, members: &'static [&'static str]) -> Self {
        self.members = members;
        self
    }

    pub(super) const fn with_title(mut self, title: &'static str) -> Self {
        self.title = title;
        self
    }

    /// The type with another status, which needs no header.
    pub(super) const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self.header = None;
        self
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code, in kebab-case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// A short summary, the same for every occurrence.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// The meaning of the problem, for a page about it.
    #[must_use]
    pub const fn description(&self) -> Option<&'static str> {
        self.description
    }

    /// The names of the extension members that an occurrence may have.
    #[must_use]
    pub const fn members(&self) -> &'static [&'static str] {
        self.members
    }

    /// The beginning of `type`, if this type does not leave that to the service.
    #[must_use]
    pub const fn base(&self) -> Option<&'static str> {
        self.base
    }

    /// The header that a response with this status must have.
    pub(super) fn mandatory_header(&self) -> Option<(HeaderName, HeaderValue)> {
        let Mandatory(value) = self.header?;
        let (name, usual) = match self.status {
            StatusCode::UNAUTHORIZED => (WWW_AUTHENTICATE, "Bearer"),
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => (PROXY_AUTHENTICATE, "Basic"),
            StatusCode::UPGRADE_REQUIRED => (UPGRADE, "HTTP/2.0"),
            // A resource that supports no method says so with an empty `Allow`.
            _ => (ALLOW, ""),
        };
        // The text comes from the service's code. If it is empty, or no header can hold it, the default is sent.
        let value = HeaderValue::from_str(value).ok().filter(|value| !value.is_empty());
        Some((name, value.unwrap_or_else(|| HeaderValue::from_static(usual))))
    }
}
