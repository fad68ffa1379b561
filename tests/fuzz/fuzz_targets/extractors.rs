//! A whole request through all extractors at once, in the standard stack: any bytes get a response below 500.
#![no_main]

mod shapes;

use buttress::Json;
use buttress::extract::{Headers, Input, Query};
use buttress::handler::service;
use buttress::stack::Stack;
use futures_util::FutureExt;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use shapes::{Everything, Small};
use tower::{ServiceBuilder, ServiceExt};

#[derive(Debug, Deserialize, buttress::Payload)]
#[allow(dead_code)]
struct Conditions {
    #[serde(rename = "if-match")]
    if_match: Option<String>,
}

type Whole = Input<(Query<Small>, Headers<Conditions>, Json<Everything>)>;

async fn handle(Input((_query, _headers, _json)): Whole) -> StatusCode {
    StatusCode::NO_CONTENT
}

fuzz_target!(|request: (&str, &[u8], &[u8])| {
    let (query, header, body) = request;
    let Ok(uri) = http::Uri::builder().path_and_query(format!("/?{query}")).build() else { return };
    let request = Request::post(uri)
        .header("content-type", "application/json")
        .header("if-match", header)
        .header("traceparent", header)
        .header("x-request-id", header)
        .body(Full::new(copied(body)));
    let Ok(request) = request else { return };
    let app = ServiceBuilder::new().layer(Stack::new()).service(service(handle, ()));
    let response = app.oneshot(request).now_or_never().expect("nothing waits").expect("infallible");
    assert!(!response.status().is_server_error(), "{}", response.status());
    let status = response.status();
    let sent = response.into_body().collect().now_or_never().expect("nothing waits").expect("a body").to_bytes();
    if status.is_client_error() {
        let problem: serde_json::Value = serde_json::from_slice(&sent).expect("a problem is JSON");
        assert_eq!(problem["status"], status.as_u16());
    }
});

fn copied(body: &[u8]) -> bytes::Bytes {
    bytes::Bytes::copy_from_slice(body)
}
