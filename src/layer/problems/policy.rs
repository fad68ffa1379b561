use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::response::Parts;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::LengthLimitError;

use super::head::Head;
use super::once::Once;
use super::{foreign, headers};
use crate::body::BoxError;
use crate::handler::{forget_content, forget_success};
use crate::layer::reported::{Reported, is_traced};
use crate::problem::envelope::Rfc9457;
use crate::problem::{Envelope, Problem, ProblemDetails, catalogue};
use crate::request_id::RequestId;
use crate::violation::Violation;

type Passes = dyn Fn(StatusCode, &HeaderMap) -> bool + Send + Sync;
type Map = dyn Fn(Problem) -> Problem + Send + Sync;
type Message = dyn Fn(&Violation, Option<&str>) -> Option<String> + Send + Sync;

/// A service's settings for its problems, and the decisions that follow from them.
#[derive(Clone)]
pub(crate) struct Policy {
    pub(super) envelope: Option<Arc<dyn Envelope>>,
    pub(super) type_base: Option<Cow<'static, str>>,
    pub(super) passes: Option<Arc<Passes>>,
    pub(super) message: Option<Arc<Message>>,
    pub(super) map: Option<Arc<Map>>,
    pub(super) retry_after: Duration,
    /// Whether the log has been told that foreign errors are replaced.
    replaced: Once,
}

impl Policy {
    pub(crate) const fn new() -> Self {
        Self {
            envelope: None,
            type_base: None,
            passes: None,
            message: None,
            map: None,
            retry_after: Duration::from_secs(1),
            replaced: Once::new(),
        }
    }

    pub(crate) const fn translates(&self) -> bool {
        self.message.is_some()
    }

    /// The problem that a response stands for; `None` if the response passes unchanged.
    pub(crate) fn problem_in<B>(&self, response: &Response<B>) -> Option<Problem> {
        if let Some(problem) = response.extensions().get::<Problem>() {
            return Some(problem.clone());
        }
        let (status, headers) = (response.status(), response.headers());
        let is_error = status.as_u16() >= 400;
        let passes = is_error && self.passes.as_ref().is_some_and(|passes| passes(status, headers));
        if passes { None } else { foreign::problem(status, headers, &self.replaced) }
    }

    /// The problem that an error of the service stands for.
    pub(crate) fn problem_of(&self, error: BoxError) -> Problem {
        match Known::find(&*error) {
            Some(Known::Problem(problem)) => problem,
            Some(Known::Overloaded) => {
                Problem::of(catalogue::OVERLOADED).with_retry_after(self.retry_after).caused_by_boxed(error)
            }
            Some(Known::Elapsed) => Problem::of(catalogue::TIMEOUT).caused_by_boxed(error),
            Some(Known::TooLarge) => Problem::of(catalogue::CONTENT_TOO_LARGE).caused_by_boxed(error),
            None => Problem::internal(error),
        }
    }

    /// Writes the problem: adapts the head of the response, logs the problem, and returns the content.
    pub(crate) fn write(&self, problem: Problem, head: &Head, parts: &mut Parts) -> Bytes {
        let request_id = head.request_id.as_ref().map(RequestId::as_str);
        let problem = self.mapped(problem, request_id);
        let problem = self.translated(problem, head, &mut parts.headers);
        if report(&problem, request_id) {
            parts.extensions.insert(Reported);
        }
        let envelope: &dyn Envelope = self.envelope.as_deref().unwrap_or(&Rfc9457);
        let instance = head.instance();
        let content = self.occurrence(&problem, instance.as_deref(), request_id).render(envelope);

        parts.status = problem.status();
        match parts.extensions.get::<Problem>() {
            Some(_) => forget_success(&mut parts.headers, &problem),
            // Headers that another crate sets on its own failure stay.
            None => forget_content(&mut parts.headers, problem.status()),
        }
        headers::add_missing(&mut parts.headers, problem.headers());
        parts.headers.insert(CONTENT_TYPE, envelope.content_type());
        parts.extensions.insert(problem);
        if !head.is_head {
            return content;
        }
        // The length of the content that GET would have sent (RFC 9110 §9.3.2).
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(content.len()));
        Bytes::new()
    }

    fn occurrence<'a>(
        &'a self,
        problem: &'a Problem,
        instance: Option<&'a str>,
        request_id: Option<&'a str>,
    ) -> ProblemDetails<'a> {
        let mut occurrence = ProblemDetails::new(problem);
        if let Some(base) = &self.type_base {
            occurrence = occurrence.with_type_base(base);
        }
        if let Some(path) = instance {
            occurrence = occurrence.with_instance(path);
        }
        if let Some(id) = request_id {
            occurrence = occurrence.with_request_id(id);
        }
        occurrence
    }

    /// The problem after the service's `map`. A fault that `map` hides behind a refusal is logged here.
    fn mapped(&self, problem: Problem, request_id: Option<&str>) -> Problem {
        let Some(map) = &self.map else { return problem };
        let before = problem.is_fault().then(|| problem.clone());
        let after = map(problem);
        match before {
            Some(before) if !after.is_fault() => before.report(request_id),
            // The new problem has no error behind it: it gets the old problem, so that the log has the reason.
            Some(before) if after.source().is_none() && before.source().is_some() => return after.caused_by(before),
            _ => {}
        }
        after
    }

    fn translated(&self, problem: Problem, head: &Head, headers: &mut HeaderMap) -> Problem {
        let Some(message) = self.message.as_ref().filter(|_| !problem.violations().is_empty()) else { return problem };
        headers::vary_by_language(headers);
        let languages = head.languages();
        let mut violations = problem.violations().clone();
        violations.map_messages(|violation| message(violation, languages));
        problem.with_violations(violations)
    }
}

/// Logs the problem, unless the trace layer is around this one: then the event of the request has everything. Returns
/// whether a fault was logged.
fn report(problem: &Problem, request_id: Option<&str>) -> bool {
    if problem.is_fault() && is_traced() {
        problem.set_pending();
        return false;
    }
    problem.report(request_id);
    problem.is_fault()
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("type_base", &self.type_base)
            .field("retry_after", &self.retry_after)
            .finish_non_exhaustive()
    }
}

/// The errors that have a meaning for a client.
enum Known {
    Problem(Problem),
    Overloaded,
    Elapsed,
    TooLarge,
}

impl Known {
    fn find(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(known) = Self::of(error) {
                return Some(known);
            }
            next = error.source();
        }
        None
    }

    fn of(error: &(dyn StdError + 'static)) -> Option<Self> {
        if let Some(problem) = error.downcast_ref::<Problem>() {
            return Some(Self::Problem(problem.clone()));
        }
        if error.is::<tower::load_shed::error::Overloaded>() {
            return Some(Self::Overloaded);
        }
        if error.is::<tower::timeout::error::Elapsed>() || error.is::<tokio::time::error::Elapsed>() {
            return Some(Self::Elapsed);
        }
        error.is::<LengthLimitError>().then_some(Self::TooLarge)
    }
}
