//! The limit of the stack, as handlers see it.

use std::convert::Infallible;

use buttress::handler::{IntoResponse, MaxBodySize, Response};
use buttress::layer::BodyLimitLayer;
use buttress::stack::Stack;
use http::{Request, StatusCode};
use tower::{Layer, ServiceExt, service_fn};

#[tokio::test]
async fn extractors_learn_the_limit_of_the_stack() {
    let seen = service_fn(async |request: Request<_>| {
        Ok::<_, Infallible>(MaxBodySize::of(request.extensions()).bytes().to_string().into_response())
    });
    for limit in [3 << 20, 8 << 20] {
        let service = Stack::new().body_limit(BodyLimitLayer::new(limit)).layer(seen);
        let response = service.oneshot(Request::new(String::from("body"))).await.unwrap();
        let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
        assert_eq!(body, limit.to_string());
    }
}

#[tokio::test]
async fn a_limit_that_counts_when_read_lets_a_router_speak_first() {
    let router = service_fn(async |_| Ok::<Response, Infallible>(StatusCode::NOT_FOUND.into_response()));
    let request = || Request::new(String::from("too large"));
    let at_once = Stack::new().body_limit(BodyLimitLayer::new(4));
    assert_eq!(at_once.layer(router).oneshot(request()).await.unwrap().status(), 413);
    let when_read = Stack::new().body_limit(BodyLimitLayer::new(4).when_read());
    assert_eq!(when_read.layer(router).oneshot(request()).await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_reader_that_takes_the_failure_for_its_own_blames_nobody() {
    let broken = service_fn(async |request: Request<_>| {
        let read = http_body_util::BodyExt::collect(request.into_body()).await;
        let status = if read.is_ok() { StatusCode::NO_CONTENT } else { StatusCode::INTERNAL_SERVER_ERROR };
        Ok::<_, Infallible>(http::Response::builder().status(status).body(String::new()).unwrap())
    });
    let limit = BodyLimitLayer::new(4).when_read();
    for (stack, body, expected) in [
        (Stack::new().body_limit(limit), "four", 204),
        (Stack::new().body_limit(limit), "too large", 413),
        (Stack::new().without_timeout().body_limit(limit), "too large", 413),
    ] {
        let response = stack.layer(broken).oneshot(Request::new(String::from(body))).await.unwrap();
        assert_eq!(response.status(), expected);
    }
}
