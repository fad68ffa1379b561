//! The three envelopes, member by member.

use buttress::Problem;
use buttress::problem::envelope::{Aip193, JsonApi, Rfc9457};
use buttress::problem::{Envelope, ErrorStatus, ProblemDetails, ProblemType};
use buttress::violation::{At, Violation, Violations};
use serde_json::{Value, json};

use crate::parse;

fn out_of_stock() -> Problem {
    Problem::new(ErrorStatus::CONFLICT, "out-of-stock", "Out of stock")
        .with_detail("only 3 left")
        .with_member("sku", "MUG-001")
        .with_member("left", 3)
}

fn invalid() -> Problem {
    let body = At::body();
    let lines = body.member("lines");
    Problem::invalid_input(Violations::from_iter([
        Violation::at(&lines.index(0).member("quantity"), "range", "must be between 1 and 999")
            .with_param("min", 1)
            .with_param("max", 999),
        Violation::at(&At::parameters().member("limit"), "type", "must be an integer"),
        Violation::at(&At::headers().member("If-Match"), "required", "must be there"),
    ]))
}

fn render(problem: &Problem, envelope: &dyn Envelope) -> Value {
    let occurrence = ProblemDetails::new(problem)
        .with_type_base("https://shop.example/problems/")
        .with_instance("/v1/orders")
        .with_request_id("0198");
    parse(&occurrence.render(envelope))
}

#[test]
fn rfc_9457() {
    assert_eq!(
        render(&out_of_stock(), &Rfc9457),
        json!({
            "type": "https://shop.example/problems/out-of-stock", "title": "Out of stock", "status": 409,
            "detail": "only 3 left", "instance": "/v1/orders", "code": "out-of-stock", "request_id": "0198",
            "sku": "MUG-001", "left": 3,
        })
    );
    assert_eq!(
        render(&invalid(), &Rfc9457),
        json!({
            "type": "https://shop.example/problems/invalid-input", "title": "Invalid input", "status": 422,
            "detail": "3 fields are not acceptable", "instance": "/v1/orders", "code": "invalid-input",
            "request_id": "0198",
            "errors": [
                {"pointer": "#/lines/0/quantity", "code": "range", "detail": "must be between 1 and 999",
                 "params": {"min": 1, "max": 999}},
                {"parameter": "limit", "code": "type", "detail": "must be an integer"},
                {"header": "if-match", "code": "required", "detail": "must be there"},
            ],
        })
    );
}

#[test]
fn json_api() {
    let head = json!({
        "id": "0198", "links": {"type": "https://shop.example/problems/out-of-stock"}, "status": "409",
        "code": "out-of-stock", "title": "Out of stock", "detail": "only 3 left", "meta": {"sku": "MUG-001", "left": 3},
    });
    assert_eq!(render(&out_of_stock(), &JsonApi), json!({"errors": [head]}));
    let errors = render(&invalid(), &JsonApi);
    assert_eq!(errors["errors"][0]["source"], json!({"pointer": "/lines/0/quantity"}));
    assert_eq!(errors["errors"][0]["meta"], json!({"min": 1, "max": 999}));
    assert_eq!(errors["errors"][1]["source"], json!({"parameter": "limit"}));
    assert_eq!(errors["errors"][2]["source"], json!({"header": "if-match"}));
    assert_eq!(errors["errors"][2]["code"], "required");
}

/// RFC 6901 §5: a pointer in JSON:API is the JSON string representation, which is not percent-encoded.
#[test]
fn json_api_pointers_are_not_percent_encoded() {
    let violation = Violation::at(&At::body().member("a b/é"), "unknown", "is unknown");
    let errors = render(&Problem::invalid_input(violation.into()), &JsonApi);
    assert_eq!(errors["errors"][0]["source"]["pointer"], "/a b~1é");
}

#[test]
fn aip_193() {
    let envelope = Aip193::new("shop.example");
    let error = render(&out_of_stock(), &envelope);
    assert_eq!(error["error"]["status"], "ABORTED");
    assert_eq!((&error["error"]["code"], &error["error"]["message"]), (&json!(409), &json!("only 3 left")));
    assert_eq!(
        error["error"]["details"][0],
        json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "OUT_OF_STOCK", "domain": "shop.example",
            "metadata": {"sku": "MUG-001", "left": "3"},
        })
    );
    let details = &render(&invalid(), &envelope)["error"]["details"];
    assert_eq!(
        details[1]["fieldViolations"][0],
        json!({"field": "lines.0.quantity", "description": "must be between 1 and 999", "reason": "RANGE"})
    );
    assert_eq!(details[2], json!({"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": "0198"}));
}

#[test]
fn an_escape_in_the_type_base_stays_one_string() {
    let base = "https://shop.example/\"problems\"\\";
    let problem = Problem::not_found();
    let occurrence = ProblemDetails::new(&problem).with_type_base(base);
    assert_eq!(parse(&occurrence.render(&Rfc9457))["type"], format!("{base}not-found"));
    assert_eq!(parse(&occurrence.render(&JsonApi))["errors"][0]["links"]["type"], format!("{base}not-found"));
    assert_eq!(parse(&ProblemDetails::new(&problem).with_type_base("").render(&Rfc9457))["type"], "not-found");
}

#[test]
fn a_base_of_the_type_goes_before_that_of_the_service() {
    const OWN: ProblemType = ProblemType::new(ErrorStatus::GONE, "gone", "Gone").with_base("urn:shop:");
    assert_eq!(render(&Problem::of(OWN), &Rfc9457)["type"], "urn:shop:gone");
}
