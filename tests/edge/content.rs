//! Bodies that are read as a whole: JSON, forms, raw bytes.

use buttress::Json;
use buttress::extract::{Form, RawBody, Unchecked};
use serde_json::Value;

use super::everywhere;
use super::inputs::{Order, Search};

pub(crate) async fn json(Json(order): Json<Order>) -> String {
    format!("{} lines for {}, note {:?}", order.lines.len(), order.customer, order.note)
}

pub(crate) async fn optional_json(order: Option<Json<Order>>) -> String {
    order.map_or("nothing".into(), |Json(order)| order.customer)
}

pub(crate) async fn unchecked_json(Unchecked(Json(order)): Unchecked<Json<Order>>) -> String {
    format!("{} lines", order.lines.len())
}

pub(crate) async fn any_json(Unchecked(Json(_)): Unchecked<Json<Value>>) {}

pub(crate) async fn form(Form(search): Form<Search>) -> String {
    format!("{} of {:?}", search.limit, search.sku.unwrap_or_default())
}

pub(crate) async fn unchecked_form(Unchecked(Form(search)): Unchecked<Form<Search>>) -> String {
    search.limit.to_string()
}

pub(crate) async fn raw(RawBody(bytes): RawBody) -> String {
    format!("{} bytes", bytes.len())
}

const ORDER: &str = r#"{"customer":"ann","lines":[{"sku":"MUG-001","quantity":2}]}"#;

#[tokio::test]
async fn json_is_read() {
    everywhere(async |edge| {
        edge.post_json("/json", ORDER).await.is("1 lines for ann, note None");
        for name in ["application/json; charset=utf-8", "Application/JSON", "application/vnd.shop+json"] {
            edge.post("/json", name, ORDER).await.is("1 lines for ann, note None");
        }
    })
    .await;
}

#[tokio::test]
async fn json_of_another_media_type_is_refused_with_the_right_one() {
    everywhere(async |edge| {
        for name in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
            let reply = edge.post("/json", name, ORDER).await;
            reply.is_problem(415, "unsupported-media-type");
            assert_eq!(reply.header("accept"), Some("application/json"));
        }
        let reply = edge.send(http::Method::POST, "/json", &[], ORDER.as_bytes()).await;
        assert_eq!(reply.is_problem(415, "unsupported-media-type").header("accept"), Some("application/json"));
    })
    .await;
}

/// The place of a comma is nothing that was submitted.
#[tokio::test]
async fn a_body_that_is_no_json_is_told_where() {
    everywhere(async |edge| {
        for (body, detail) in [
            (&br#"{"id":"#[..], "is not JSON: line 1, column 6, where it ends too early"),
            (b"{\n  \"secret\" 5}", "is not JSON: line 2, column 12"),
            (br#"{"customer": "secret",,"#, "is not JSON: line 1, column 23"),
            (b"secret", "is not JSON: line 1, column 1"),
            (b"", "the body is empty"),
            (b" \n", "the body is empty"),
            (b"{\n\"secret\": \"\xff\"}", "is not UTF-8: line 2, column 12"),
        ] {
            let json = [("content-type", "application/json")];
            let reply = edge.send(http::Method::POST, "/json", &json, body).await;
            let problem = reply.is_problem(400, "malformed-body").json();
            assert_eq!(problem["detail"], detail, "{problem}");
            assert!(!problem.to_string().contains("secret"), "{problem}");
        }
        let reply = edge.post_json("/json", "[".repeat(129).as_str()).await;
        assert_eq!(reply.is_problem(400, "malformed-body").json()["detail"], "nests deeper than 128");
        let patch = edge.post("/json", "text/plain", ORDER).await.json();
        assert_eq!(patch["detail"], "application/json is read, and any type that ends in +json");
    })
    .await;
}

#[tokio::test]
async fn headers_that_contradict_each_other_are_refused() {
    everywhere(async |edge| {
        let json = ("content-type", "application/json");
        for other in [json, ("content-type", "text/plain")] {
            let reply = edge.send(http::Method::POST, "/json", &[json, other], ORDER.as_bytes()).await;
            reply.is_problem(415, "unsupported-media-type");
        }
    })
    .await;
}

#[tokio::test]
async fn a_coding_that_nobody_undid_is_refused() {
    everywhere(async |edge| {
        let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
        for path in ["/json", "/raw"] {
            let reply = edge.send(http::Method::POST, path, &headers, ORDER.as_bytes()).await;
            assert_eq!(reply.is_problem(415, "unsupported-media-type").header("accept-encoding"), Some("identity"));
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_no_json_is_a_400() {
    everywhere(async |edge| {
        let deep = "[".repeat(200) + &"]".repeat(200);
        for body in ["", "{", "[1,]", "nul", "\u{feff}{}", deep.as_str()] {
            edge.post_json("/json", body).await.is_problem(400, "malformed-body");
            edge.post_json("/json/unchecked", body).await.is_problem(400, "malformed-body");
        }
        for body in [&b"{\"customer\":\"\xff\"}"[..], b"\xc3\x28", b"\"\xed\xa0\x80\""] {
            edge.post_json("/json", body).await.is_problem(400, "malformed-body");
            edge.post_json("/json/any", body).await.is_problem(400, "malformed-body");
        }
    })
    .await;
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    everywhere(async |edge| {
        let body = r#"{"customer":7,"lines":[{"quantity":0},{"sku":"A","quantity":"x"}],"extra":1}"#;
        edge.post_json("/json", body).await.is_invalid(&[
            ("#/customer", "type"),
            ("#/extra", "unknown"),
            ("#/lines/0/quantity", "range"),
            ("#/lines/0/sku", "required"),
            ("#/lines/1/quantity", "type"),
        ]);
        edge.post_json("/json", "[]").await.is_invalid(&[("#", "type")]);
        let twice = r#"{"customer":"a","customer":"b","lines":[]}"#;
        edge.post_json("/json", twice).await.is_invalid(&[("#/customer", "duplicate")]);
    })
    .await;
}

#[tokio::test]
async fn nothing_that_was_sent_comes_back() {
    everywhere(async |edge| {
        let body = r#"{"customer":["s3cret"],"lines":["s3cret"],"note":{"s":"s3cret"}}"#;
        for (path, content_type, body) in [
            ("/json?q=s3cret", "application/json", body),
            ("/json", "application/json", r#"{"customer":"s3cret""#),
            ("/json", "text/s3cret", body),
            ("/json/unchecked", "application/json", body),
            ("/form", "application/x-www-form-urlencoded", "limit=s3cret&sku=%FFs3cret"),
            ("/form/unchecked", "application/x-www-form-urlencoded", "limit=s3cret"),
            ("/nowhere?q=s3cret", "application/json", body),
        ] {
            let reply = edge.post(path, content_type, body).await;
            assert!(reply.status.is_client_error(), "{reply:?}");
            assert!(!reply.text().contains("s3cret"), "{reply:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_optional_body_may_be_missing_and_not_malformed() {
    everywhere(async |edge| {
        edge.send(http::Method::POST, "/json/optional", &[], b"").await.is("nothing");
        edge.post_json("/json/optional", "").await.is("nothing");
        edge.post_json("/json/optional", ORDER).await.is("ann");
        edge.post_json("/json/optional", "{").await.is_problem(400, "malformed-body");
        edge.post_json("/json/optional", "null").await.is_invalid(&[("#", "type")]);
        edge.post("/json/optional", "text/plain", ORDER).await.is_problem(415, "unsupported-media-type");
    })
    .await;
}

#[tokio::test]
async fn the_unchecked_exception_asks_for_no_rules() {
    everywhere(async |edge| {
        let broken_rule = r#"{"customer":"ann","lines":[{"sku":"A","quantity":0}]}"#;
        edge.post_json("/json/unchecked", broken_rule).await.is("1 lines");
        edge.post_json("/json/unchecked", r#"{"customer":7}"#).await.is_invalid(&[("#", "type")]);
        edge.post("/json/unchecked", "text/plain", "").await.is_problem(415, "unsupported-media-type");
        edge.post("/form/unchecked", "application/x-www-form-urlencoded", "limit=0").await.is("0");
        edge.post("/form/unchecked", "text/plain", "limit=0").await.is_problem(415, "unsupported-media-type");
    })
    .await;
}

#[tokio::test]
async fn forms_are_read() {
    everywhere(async |edge| {
        let form = async |body: &str| edge.post("/form", "application/x-www-form-urlencoded", body).await;
        form("limit=5&sku=A+1&sku=%C3%A9").await.is(r#"5 of ["A 1", "é"]"#);
        form("").await.is_invalid(&[("#/limit", "required")]);
        form("limit=0&extra=1&sku=%FF").await.is_invalid(&[
            ("#/extra", "unknown"),
            ("#/limit", "range"),
            ("#/sku/0", "type"),
        ]);
        let reply = edge.post("/form", "application/json", "limit=5").await;
        reply.is_problem(415, "unsupported-media-type");
        assert_eq!(reply.header("accept"), Some("application/x-www-form-urlencoded"));
    })
    .await;
}

#[tokio::test]
async fn raw_bytes_are_handed_on() {
    everywhere(async |edge| {
        edge.post("/raw", "image/png", b"\xff\x00\xfe").await.is("3 bytes");
        edge.send(http::Method::POST, "/raw", &[], b"").await.is("0 bytes");
    })
    .await;
}
