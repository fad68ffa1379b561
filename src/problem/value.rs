use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, PROXY_AUTHENTICATE, RETRY_AFTER,
    TRAILER, TRANSFER_ENCODING, WWW_AUTHENTICATE,
};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;

use super::inner::{Inner, TARGET};
use super::report::{Rendered, Reported};
use super::retry_after::retry_after;
use super::{Allow, Challenge, ErrorStatus, ProblemType, catalogue};
use crate::body::{BoxError, Lazy};
use crate::violation::Violations;

/// A failure as a client sees it, and the error behind it. See the [module docs](super).
///
/// It is one pointer wide, and its clones share their data.
#[derive(Clone)]
pub struct Problem(Arc<Inner>);

/// The names that have a meaning in the envelope itself.
const RESERVED: [&str; 8] = ["type", "title", "status", "detail", "instance", "code", "request_id", "errors"];

/// The headers that the writer of the problem sets itself: a wrong length breaks the connection.
const OF_THE_WRITER: [HeaderName; 5] = [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING, TRAILER];

/// The longest value of a header, in bytes.
const MAX_HEADER: usize = 4_096;

impl Problem {
    /// A problem of a type, with the header that its status must have.
    #[must_use]
    pub fn of(kind: ProblemType) -> Self {
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = kind.mandatory_header() {
            headers.insert(name, value);
        }
        Self(Arc::new(Inner {
            kind,
            variant: None,
            detail: None,
            is_own_detail: false,
            violations: Violations::new(),
            was_fault: false,
            members: Vec::new(),
            headers,
            source: None,
            cause: None,
            rendered: Rendered::default(),
            reported: Reported::default(),
        }))
    }

    /// A problem of a type that has no constant.
    #[must_use]
    pub fn new(status: ErrorStatus, code: &'static str, title: &'static str) -> Self {
        Self::of(ProblemType::new(status, code, title))
    }

    /// 401, with the credentials that the client should present (RFC 9110 §15.5.2).
    #[must_use]
    pub fn unauthorized(challenge: &Challenge) -> Self {
        Self::of(catalogue::UNAUTHORIZED).with_challenge(challenge)
    }

    /// 405, with the supported methods (RFC 9110 §15.5.6).
    #[must_use]
    pub fn method_not_allowed(allow: &Allow) -> Self {
        Self::of(catalogue::METHOD_NOT_ALLOWED).with_allow(allow)
    }

    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::of(catalogue::NOT_FOUND)
    }

    /// 422, with everything that is wrong with the input.
    #[must_use]
    pub fn invalid_input(mut violations: Violations) -> Self {
        violations.sort();
        let mut problem = Self::of(catalogue::INVALID_INPUT);
        let inner = problem.inner_mut();
        inner.detail = summary(violations.total());
        inner.violations = violations;
        problem
    }

    /// 500: the client learns that it is not at fault; the error is logged.
    #[must_use]
    pub fn internal(error: impl Into<BoxError>) -> Self {
        Self::of(catalogue::INTERNAL).caused_by_boxed(error)
    }

    /// Adds the detail of this occurrence, for the client. A server error does not show it.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        let inner = self.inner_mut();
        (inner.detail, inner.is_own_detail) = (Some(detail.into()), false);
        self
    }

    /// Like [`with_detail`](Self::with_detail), for a text of this crate. It holds nothing that a client sent, so a
    /// refusal logs it, too.
    #[cfg_attr(not(any(feature = "payload", feature = "extract")), allow(dead_code, reason = "extractors say more"))]
    pub(crate) fn with_own_detail(self, detail: impl Into<Cow<'static, str>>) -> Self {
        let mut problem = self.with_detail(detail);
        problem.inner_mut().is_own_detail = true;
        problem
    }

    /// Replaces the violations of the input. They are sorted by place, without duplicates.
    #[must_use]
    pub fn with_violations(mut self, violations: impl Into<Violations>) -> Self {
        let mut violations = violations.into();
        violations.sort();
        self.inner_mut().violations = violations;
        self
    }

    /// Adds an extension member (RFC 9457 §3.2); it replaces one of the same name. A server error does not show it.
    ///
    /// Names that the envelope uses itself, and values that JSON cannot hold, are left out and logged as a warning.
    #[must_use]
    pub fn with_member(mut self, name: &'static str, value: impl Serialize) -> Self {
        match crate::json::to_value(&value) {
            Ok(value) if !RESERVED.contains(&name) => {
                let members = &mut self.inner_mut().members;
                members.retain(|(known, _)| *known != name);
                members.push((name, value));
            }
            _ => tracing::warn!(target: TARGET, code = self.code(), member = name, "a problem member was left out"),
        }
        self
    }

    /// Adds a header to the response; it replaces one of the same name.
    ///
    /// The headers that describe the content belong to the writer of the problem: `Content-Type`, `Content-Encoding`,
    /// `Content-Length`, `Transfer-Encoding` and `Trailer` are left out and logged as a warning. So is a value of more
    /// than 4 KiB, which proxies would not let through.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if OF_THE_WRITER.contains(&name) || value.len() > MAX_HEADER {
            tracing::warn!(target: TARGET, code = self.code(), header = name.as_str(), "a problem header was left out");
        } else {
            self.inner_mut().headers.insert(name, value);
        }
        self
    }

    /// Tells the client when to come back: `Retry-After`, in whole seconds, rounded up (RFC 9110 §10.2.3).
    #[must_use]
    pub fn with_retry_after(self, delay: Duration) -> Self {
        self.with_header(RETRY_AFTER, retry_after(delay))
    }

    /// Replaces the challenge of a 401, or of a proxy's 407.
    #[must_use]
    pub fn with_challenge(self, challenge: &Challenge) -> Self {
        let proxy = self.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED;
        let name = if proxy { PROXY_AUTHENTICATE } else { WWW_AUTHENTICATE };
        self.with_header(name, challenge.to_value())
    }

    /// Replaces the methods of a 405.
    #[must_use]
    pub fn with_allow(self, allow: &Allow) -> Self {
        self.with_header(ALLOW, allow.to_value())
    }

    /// Keeps the error behind the problem, for the log and for layers that look for it with [`error`](Self::error).
    #[must_use]
    pub fn caused_by(mut self, error: impl Error + Send + Sync + 'static) -> Self {
        self.inner_mut().source = Some(Arc::new(error));
        self
    }

    /// Keeps the error behind the problem, if its type is not known.
    #[must_use]
    pub fn caused_by_boxed(mut self, error: impl Into<BoxError>) -> Self {
        self.inner_mut().source = Some(Arc::from(error.into()));
        self
    }

    /// Logs a server error, once for each id however often this is called: the code, the id that the client got, the
    /// name of the error, the detail and the whole chain of sources. The event's target is `buttress::problem`.
    ///
    /// Calling this is optional. Inside the [`trace`](crate#log) layer, the one event of the request has all of this.
    /// Without that layer, the problems layer logs it. Without either, a problem that became a response reports itself,
    /// without an id.
    ///
    /// A client's own error is a `debug` event: the code, a detail that this crate wrote, and for an error of a store
    /// its kind, its constraint and the summary of the statement.
    pub fn report(&self, request_id: Option<&str>) {
        self.inner().report(request_id);
    }

    /// Keeps the name that the error has in the service's source, for the log.
    pub(super) fn with_variant(mut self, variant: &'static str) -> Self {
        self.inner_mut().variant = Some(variant);
        self
    }

    /// Keeps the fields that the error behind the problem adds to the log.
    #[cfg_attr(not(feature = "store"), allow(dead_code, reason = "stores tell"))]
    pub(crate) fn with_cause(mut self, cause: super::report::Cause) -> Self {
        self.inner_mut().cause = Some(Arc::new(cause));
        self
    }

    pub(super) fn inner_mut(&mut self) -> &mut Inner {
        let inner = Arc::make_mut(&mut self.0);
        inner.rendered.forget();
        inner
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }

    /// The part that a body can keep until it is polled.
    pub(crate) fn lazy(&self) -> Arc<dyn Lazy> {
        self.0.reported.set_pending();
        Arc::clone(&self.0) as _
    }

    /// The type: status, code and title.
    #[must_use]
    pub fn kind(&self) -> &ProblemType {
        &self.0.kind
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.kind.status()
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.kind.code()
    }

    /// The name that the error has in the service's source, such as `ShopError::Database`, if `#[derive(Problem)]` made
    /// the problem. It is for logs and metrics: no envelope shows it.
    #[must_use]
    pub fn variant(&self) -> Option<&'static str> {
        self.0.variant
    }

    /// The service's text about this occurrence; clients see [`ProblemDetails::detail`](super::ProblemDetails::detail).
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// The violations of the input; clients see [`ProblemDetails::violations`](super::ProblemDetails::violations).
    #[must_use]
    pub fn violations(&self) -> &Violations {
        &self.0.violations
    }

    /// The extension members; clients see [`ProblemDetails::members`](super::ProblemDetails::members).
    #[must_use]
    pub fn members(&self) -> &[(&'static str, Value)] {
        &self.0.members
    }

    /// The headers that this problem adds to the response.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The error behind the problem, if it is an `E`.
    #[must_use]
    pub fn error<E: Error + 'static>(&self) -> Option<&E> {
        self.0.source().and_then(|source| source.downcast_ref())
    }

    /// The problem in RFC 9457, without any information about the request.
    #[must_use]
    pub fn render(&self) -> Bytes {
        self.0.render()
    }
}

/// Most inputs have few mistakes: for those the sentence is a constant.
fn summary(violations: usize) -> Option<Cow<'static, str>> {
    Some(match violations {
        0 => return None,
        1 => "1 field is not acceptable".into(),
        2 => "2 fields are not acceptable".into(),
        3 => "3 fields are not acceptable".into(),
        n => format!("{n} fields are not acceptable").into(),
    })
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.code(), self.status().as_u16())
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("status", &self.status())
            .field("code", &self.code())
            .field("detail", &self.0.detail)
            .field("violations", &self.0.violations)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
