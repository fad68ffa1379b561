use http::HeaderValue;

use super::json::Writer;
use crate::problem::{Envelope, ProblemDetails};
use crate::violation::{Location, Violation};

/// RFC 9457 problem details, with `code`, `request_id`, `errors` and the service's own members. This is the default
/// format.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rfc9457;

impl Envelope for Rfc9457 {
    fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static("application/problem+json")
    }

    fn write(&self, problem: &ProblemDetails<'_>, out: &mut Vec<u8>) {
        let mut object = Writer::object(out);
        if let Some(base) = problem.type_base() {
            object.joined("type", (base, problem.code()));
        }
        object.text("title", problem.title());
        object.digits("status", problem.status().as_str());
        object.optional("detail", problem.detail());
        object.optional("instance", problem.instance());
        object.text("code", problem.code());
        object.optional("request_id", problem.request_id());
        for (name, value) in problem.members() {
            object.member(name, value);
        }
        if !problem.violations().is_empty() {
            let mut errors = object.array_in("errors");
            for violation in problem.violations() {
                entry(violation, &mut errors.element());
            }
        }
    }
}

fn entry(violation: &Violation, object: &mut Writer<'_>) {
    if *violation.location() != Location::Request {
        object.text(violation.location().kind(), violation.location().as_str());
    }
    object.text("code", violation.code());
    object.text("detail", violation.message());
    if violation.params().len() > 0 {
        let mut params = object.object_in("params");
        for (name, limit) in violation.params() {
            params.member(name, limit);
        }
    }
}
