use std::cell::Cell;
use std::fmt;

use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;

use super::inner::Inner;
use super::{Envelope, Problem};
use crate::violation::Violations;

/// A problem in its request: everything that an [`Envelope`] may show.
///
/// Private details cannot be reached from here. A server error has no detail, no violations and no members, so that a
/// custom envelope cannot leak them either.
///
/// ```
/// use buttress::Problem;
/// use buttress::problem::ProblemDetails;
/// use buttress::problem::envelope::Rfc9457;
///
/// let problem = Problem::not_found();
/// let bytes = ProblemDetails::new(&problem)
///     .with_type_base("https://shop.example/problems/")
///     .with_request_id("0198")
///     .render(&Rfc9457);
/// assert_eq!(bytes, concat!(
///     r#"{"type":"https://shop.example/problems/not-found","title":"Not found","status":404,"#,
///     r#""code":"not-found","request_id":"0198"}"#,
/// ));
/// ```
#[derive(Clone, Copy)]
pub struct ProblemDetails<'a> {
    problem: &'a Inner,
    type_base: Option<&'a str>,
    instance: Option<&'a str>,
    request_id: Option<&'a str>,
}

/// The largest buffer, in bytes, that is kept for the next problem of the thread.
const KEPT: usize = 16 * 1024;

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

static NO_VIOLATIONS: Violations = Violations::new();

impl<'a> ProblemDetails<'a> {
    /// An occurrence without any information about its request.
    #[must_use]
    pub fn new(problem: &'a Problem) -> Self {
        Self::of(problem.inner())
    }

    pub(super) const fn of(problem: &'a Inner) -> Self {
        Self { problem, type_base: None, instance: None, request_id: None }
    }

    /// The beginning of `type`, unless the problem's type has its own.
    #[must_use]
    pub const fn with_type_base(mut self, base: &'a str) -> Self {
        self.type_base = Some(base);
        self
    }

    /// The path of the request, without its query.
    #[must_use]
    pub const fn with_instance(mut self, path: &'a str) -> Self {
        self.instance = Some(path);
        self
    }

    /// The id that the client finds in `X-Request-Id`.
    #[must_use]
    pub const fn with_request_id(mut self, id: &'a str) -> Self {
        self.request_id = Some(id);
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.problem.kind.status()
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.problem.kind.code()
    }

    /// A short summary, the same for every occurrence.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.problem.kind.title()
    }

    /// The beginning of `type`; the code follows it. Without a base there is no `type`, which means `about:blank`.
    #[must_use]
    pub fn type_base(&self) -> Option<&'a str> {
        self.problem.kind.base().or(self.type_base)
    }

    /// The service's text about this occurrence.
    #[must_use]
    pub fn detail(&self) -> Option<&'a str> {
        if self.is_masked() { None } else { self.problem.detail.as_deref() }
    }

    /// The path of the request, without its query.
    #[must_use]
    pub const fn instance(&self) -> Option<&'a str> {
        self.instance
    }

    /// The id that the client finds in `X-Request-Id`.
    #[must_use]
    pub const fn request_id(&self) -> Option<&'a str> {
        self.request_id
    }

    /// The violations of the input.
    #[must_use]
    pub fn violations(&self) -> &'a Violations {
        if self.is_masked() { &NO_VIOLATIONS } else { &self.problem.violations }
    }

    /// The extension members.
    #[must_use]
    pub fn members(&self) -> &'a [(&'static str, Value)] {
        if self.is_masked() { &[] } else { &self.problem.members }
    }

    /// Renders the problem in a format.
    #[must_use]
    pub fn render(&self, envelope: &dyn Envelope) -> Bytes {
        // Writing into a buffer that is kept, and copying once, costs one allocation of exactly the right size.
        let mut out = SCRATCH.try_with(Cell::take).unwrap_or_default();
        out.clear();
        envelope.write(self, &mut out);
        let bytes = Bytes::copy_from_slice(&out);
        if out.capacity() <= KEPT {
            // A thread that is ending can no longer keep it.
            let _ = SCRATCH.try_with(|scratch| scratch.set(out));
        }
        bytes
    }

    fn is_masked(&self) -> bool {
        self.problem.is_fault()
    }
}

impl fmt::Debug for ProblemDetails<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProblemDetails")
            .field("code", &self.code())
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}
