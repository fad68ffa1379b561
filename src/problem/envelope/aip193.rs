use http::HeaderValue;

use super::json::Writer;
use crate::problem::{Envelope, ProblemDetails};
use crate::violation::Location;

/// Google AIP-193 errors: `google.rpc.Status` with `ErrorInfo`, `BadRequest` and `RequestInfo` details.
#[derive(Debug, Clone, Copy)]
pub struct Aip193 {
    domain: &'static str,
}

impl Aip193 {
    /// Errors of the service `domain`, such as `shop.example`.
    #[must_use]
    pub const fn new(domain: &'static str) -> Self {
        Self { domain }
    }
}

impl Envelope for Aip193 {
    fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static("application/json")
    }

    fn write(&self, problem: &ProblemDetails<'_>, out: &mut Vec<u8>) {
        let mut document = Writer::object(out);
        let mut error = document.object_in("error");
        error.digits("code", problem.status().as_str());
        error.text("message", problem.detail().unwrap_or(problem.title()));
        error.text("status", canonical(problem.status().as_u16()));
        let mut details = error.array_in("details");
        self.error_info(problem, &mut details.element());
        if !problem.violations().is_empty() {
            bad_request(problem, &mut details.element());
        }
        if let Some(id) = problem.request_id() {
            let mut info = details.element();
            info.text("@type", "type.googleapis.com/google.rpc.RequestInfo");
            info.text("requestId", id);
        }
    }
}

impl Aip193 {
    fn error_info(&self, problem: &ProblemDetails<'_>, info: &mut Writer<'_>) {
        info.text("@type", "type.googleapis.com/google.rpc.ErrorInfo");
        info.text("reason", &screaming(problem.code()));
        info.text("domain", self.domain);
        if !problem.members().is_empty() {
            // The values of `ErrorInfo.metadata` are strings.
            let mut metadata = info.object_in("metadata");
            for (name, value) in problem.members() {
                match value.as_str() {
                    Some(text) => metadata.member(name, text),
                    None => metadata.member(name, &value.to_string()),
                }
            }
        }
    }
}

fn bad_request(problem: &ProblemDetails<'_>, detail: &mut Writer<'_>) {
    detail.text("@type", "type.googleapis.com/google.rpc.BadRequest");
    let mut violations = detail.array_in("fieldViolations");
    for violation in problem.violations() {
        let mut entry = violations.element();
        entry.text("field", &field(violation.location()));
        entry.text("description", violation.message());
        entry.text("reason", &screaming(violation.code()));
    }
}

/// `#/lines/0/sku` as `lines.0.sku`, as `google.rpc.BadRequest` names fields.
fn field(location: &Location) -> String {
    match location {
        Location::Pointer(pointer) => pointer.decoded().trim_start_matches('/').replace('/', "."),
        _ => location.as_str().to_owned(),
    }
}

/// `out-of-stock` as `OUT_OF_STOCK`, as `ErrorInfo.reason` is written.
fn screaming(code: &str) -> String {
    code.replace('-', "_").to_ascii_uppercase()
}

/// The name of a status in `google.rpc.Code`.
fn canonical(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 | 410 => "NOT_FOUND",
        409 => "ABORTED",
        412 | 428 => "FAILED_PRECONDITION",
        416 => "OUT_OF_RANGE",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        501 => "UNIMPLEMENTED",
        503 => "UNAVAILABLE",
        408 | 504 => "DEADLINE_EXCEEDED",
        400..=499 => "INVALID_ARGUMENT",
        _ => "INTERNAL",
    }
}
