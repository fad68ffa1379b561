use std::time::Duration;

use buttress::Problem;
use buttress::layer::{CatchPanicLayer, ProblemsLayer, SecurityHeadersLayer};
use http::{HeaderMap, HeaderValue, Request, Response, header};
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};

use crate::support::answer;

async fn headers_of(layer: SecurityHeadersLayer, response: http::response::Builder) -> HeaderMap {
    layer.layer(answer(response, "")).oneshot(Request::new(String::new())).await.unwrap().headers().clone()
}

fn text(headers: &HeaderMap) -> Vec<String> {
    let mut lines: Vec<_> =
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    lines.sort();
    lines
}

const DEFAULT: [&str; 2] = ["content-security-policy: frame-ancestors 'none'", "x-content-type-options: nosniff"];

#[tokio::test]
async fn the_default_set_is_on_every_response() {
    for status in [200, 204, 304, 399] {
        assert_eq!(text(&headers_of(SecurityHeadersLayer::new(), Response::builder().status(status)).await), DEFAULT);
    }
}

#[tokio::test]
async fn errors_are_not_stored() {
    for status in [400, 404, 503] {
        let headers = headers_of(SecurityHeadersLayer::new(), Response::builder().status(status)).await;
        assert_eq!(headers["cache-control"], "no-store");
        let cacheable = SecurityHeadersLayer::new().cacheable_errors();
        assert_eq!(text(&headers_of(cacheable, Response::builder().status(status)).await), DEFAULT);
    }
}

#[tokio::test]
async fn what_the_handler_says_stays() {
    let own = Response::builder()
        .status(404)
        .header("cache-control", "max-age=60")
        .header("content-security-policy", "default-src 'self'")
        .header("content-security-policy", "img-src *")
        .header("x-content-type-options", "");
    let headers = headers_of(SecurityHeadersLayer::new(), own).await;
    let expected = [
        "cache-control: max-age=60",
        "content-security-policy: default-src 'self'",
        "content-security-policy: img-src *",
        "x-content-type-options: ",
    ];
    assert_eq!(text(&headers), expected);
}

#[tokio::test]
async fn the_set_can_be_changed() {
    let layer = SecurityHeadersLayer::new()
        .hsts(Duration::from_secs(300))
        .header(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"))
        .header(header::REFERRER_POLICY, HeaderValue::from_static("origin"))
        .without(&header::CONTENT_SECURITY_POLICY);
    let expected = [
        "referrer-policy: origin",
        "strict-transport-security: max-age=300; includeSubDomains",
        "x-content-type-options: nosniff",
    ];
    assert_eq!(text(&headers_of(layer, Response::builder()).await), expected);
}

#[tokio::test]
async fn problems_and_panics_get_them_too() {
    let service = ServiceBuilder::new()
        .layer(SecurityHeadersLayer::new())
        .layer(ProblemsLayer::new())
        .layer(CatchPanicLayer::new())
        .service(service_fn(async |request: Request<String>| match request.uri().path() {
            "/panic" => panic!("as the test wants it"),
            "/problem" => Ok(buttress::handler::Response::from(Problem::not_found())),
            _ => Err(std::io::Error::other("down")),
        }));
    for path in ["/panic", "/problem", "/error"] {
        let response = service.clone().oneshot(Request::get(path).body(String::new()).unwrap()).await.unwrap();
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(response.headers()["cache-control"], "no-store", "{path}");
    }
}
