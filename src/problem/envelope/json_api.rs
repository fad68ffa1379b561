use http::HeaderValue;

use super::json::Writer;
use crate::problem::{Envelope, ProblemDetails};
use crate::violation::{Location, Violation};

/// JSON:API 1.1 error objects: one for the problem, or one for each violation.
#[derive(Debug, Clone, Copy, Default)]
pub struct JsonApi;

impl Envelope for JsonApi {
    fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static("application/vnd.api+json")
    }

    fn write(&self, problem: &ProblemDetails<'_>, out: &mut Vec<u8>) {
        let mut document = Writer::object(out);
        let mut errors = document.array_in("errors");
        if problem.violations().is_empty() {
            whole(problem, &mut errors.element());
        }
        for violation in problem.violations() {
            part(problem, violation, &mut errors.element());
        }
    }
}

fn whole(problem: &ProblemDetails<'_>, error: &mut Writer<'_>) {
    head(problem, problem.code(), error);
    error.optional("detail", problem.detail());
    if !problem.members().is_empty() {
        let mut meta = error.object_in("meta");
        for (name, value) in problem.members() {
            meta.member(name, value);
        }
    }
}

fn part(problem: &ProblemDetails<'_>, violation: &Violation, error: &mut Writer<'_>) {
    head(problem, violation.code(), error);
    error.text("detail", violation.message());
    let location = violation.location();
    if *location != Location::Request {
        let mut source = error.object_in("source");
        let text = match location {
            // JSON:API uses the plain pointer (RFC 6901 §5), not a URI fragment.
            Location::Pointer(pointer) => pointer.decoded(),
            _ => location.as_str().into(),
        };
        source.text(location.kind(), &text);
    }
    if violation.params().len() > 0 {
        let mut meta = error.object_in("meta");
        for (name, limit) in violation.params() {
            meta.member(name, limit);
        }
    }
}

fn head(problem: &ProblemDetails<'_>, code: &str, error: &mut Writer<'_>) {
    error.optional("id", problem.request_id());
    if let Some(base) = problem.type_base() {
        error.object_in("links").joined("type", (base, problem.code()));
    }
    error.text("status", problem.status().as_str());
    error.text("code", code);
    error.text("title", problem.title());
}
