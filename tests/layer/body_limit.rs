use std::convert::Infallible;

use buttress::Problem;
use buttress::body::Body;
use buttress::handler::{BodyError, IntoResponse, MaxBodySize, RequestBody, Response};
use buttress::layer::BodyLimitLayer;
use buttress::layer::body_limit::BodyLimitBody;
use http::{Request, Version};
use http_body::Body as _;
use http_body_util::BodyExt;
use tower::{Layer, ServiceExt, service_fn};

use crate::support::{Frames, read};

/// Reads the whole body and sends it back.
async fn echo<B: RequestBody>(request: Request<B>) -> Result<Response, Infallible> {
    Ok(match request.into_body().collect().await {
        Ok(all) => all.to_bytes().into_response(),
        Err(error) => BodyError::new(error).into_response(),
    })
}

async fn send(limit: usize, request: Request<Frames>) -> http::Response<Body<Body>> {
    BodyLimitLayer::new(limit).layer(service_fn(echo)).oneshot(request).await.unwrap()
}

fn frames(texts: &[&'static str]) -> Request<Frames> {
    Request::new(Frames::new(texts.iter().map(|text| Ok(*text))))
}

#[tokio::test]
async fn a_body_of_unknown_length_may_reach_the_limit_and_not_pass_it() {
    for (limit, texts, status) in [
        (4, &["four"][..], 200),
        (4, &["fo", "ur"], 200),
        (4, &["fo", "ur", ""], 200),
        (4, &["fo", "ur", "!"], 413),
        (3, &["four"], 413),
        (0, &[], 200),
        (0, &["!"], 413),
    ] {
        let response = send(limit, frames(texts)).await;
        assert_eq!(response.status(), status, "{limit} {texts:?}");
        assert_eq!(response.headers().contains_key("connection"), status == 413);
    }
}

#[tokio::test]
async fn a_declared_length_past_the_limit_never_reaches_the_handler() {
    let unreachable = service_fn(async |_| -> Result<Response, Infallible> { panic!("the handler ran") });
    for length in ["5", "4294967301", "18446744073709551615"] {
        let mut request = frames(&["four!"]);
        request.headers_mut().insert("content-length", length.parse().unwrap());
        let response = BodyLimitLayer::new(4).layer(unreachable).oneshot(request).await.unwrap();
        assert_eq!(response.status(), 413);
        assert_eq!(response.headers()["connection"], "close");
        assert_eq!(response.extensions().get::<Problem>().unwrap().code(), "content-too-large");
    }
    // Without a header, a body that knows its length reports it itself.
    let unreachable = service_fn(async |_| -> Result<Response, Infallible> { panic!("the handler ran") });
    let response = BodyLimitLayer::new(4).layer(unreachable).oneshot(Request::new("four!".to_owned())).await.unwrap();
    assert_eq!(response.status(), 413);
}

#[tokio::test]
async fn a_declared_length_may_reach_the_limit() {
    let mut request = frames(&["four"]);
    request.headers_mut().insert("content-length", "4".parse().unwrap());
    assert_eq!(send(4, request).await.status(), 200);
    let whole = service_fn(async |_| Ok::<Response, Infallible>("".into_response()));
    assert_eq!(
        BodyLimitLayer::new(4).layer(whole).oneshot(Request::new("four".to_owned())).await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn a_length_that_lies_helps_nobody() {
    for length in ["1", "nonsense", "-1", ""] {
        let mut request = frames(&["fo", "ur", "!"]);
        request.headers_mut().insert("content-length", length.parse().unwrap());
        assert_eq!(send(4, request).await.status(), 413, "{length}");
    }
}

#[tokio::test]
async fn http_2_has_no_connection_header() {
    for texts in [&["four", "!"][..], &["four!"]] {
        let mut request = frames(texts);
        *request.version_mut() = Version::HTTP_2;
        let response = send(4, request).await;
        assert_eq!((response.status().as_u16(), response.headers().contains_key("connection")), (413, false));
    }
}

#[tokio::test]
async fn the_body_still_knows_how_long_it_is() {
    let service = service_fn(async |request: Request<_>| {
        let body: BodyLimitBody<String> = request.into_body();
        assert_eq!(body.size_hint().exact(), Some(4));
        assert!(!body.is_end_stream());
        Ok::<_, Infallible>("".into_response())
    });
    BodyLimitLayer::new(4).layer(service).oneshot(Request::new("four".to_owned())).await.unwrap();
}

#[tokio::test]
async fn extractors_learn_the_limit_where_there_is_a_body() {
    async fn learned(body: &str, outer: Option<usize>) -> usize {
        let service = service_fn(async |request: Request<_>| {
            let _: &BodyLimitBody<String> = request.body();
            let bytes = MaxBodySize::of(request.extensions()).bytes();
            Ok::<Response, Infallible>(bytes.to_string().into_response())
        });
        let mut request = Request::new(body.to_owned());
        if let Some(outer) = outer {
            request.extensions_mut().insert(MaxBodySize::new(outer));
        }
        let response = BodyLimitLayer::new(5_000_000).layer(service).oneshot(request).await.unwrap();
        String::from_utf8(read(response.into_body()).await.into()).unwrap().parse().unwrap()
    }
    assert_eq!(learned("body", None).await, 5_000_000);
    assert_eq!(learned("body", Some(7)).await, 7);
    assert_eq!(learned("", None).await, MaxBodySize::DEFAULT.bytes());
}

#[tokio::test]
async fn a_limit_that_counts_when_read_lets_the_handler_speak_first() {
    let limit = BodyLimitLayer::new(4).when_read();
    let declared = |texts: &[&'static str]| {
        let mut request = frames(texts);
        request.headers_mut().insert("content-length", "5".parse().unwrap());
        request
    };
    let unread = service_fn(async |_| Ok::<_, Infallible>(http::StatusCode::NOT_FOUND.into_response()));
    assert_eq!(limit.layer(unread).oneshot(declared(&["four!"])).await.unwrap().status(), 404);
    let response = limit.layer(service_fn(echo)).oneshot(declared(&["four!"])).await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["connection"]), (413, &"close".parse().unwrap()));
}

/// A reader that looks at the length first must not wait for content that the client has not even sent.
#[tokio::test]
async fn a_body_that_is_too_large_still_tells_its_length() {
    let seen = service_fn(async |request: Request<BodyLimitBody<String>>| {
        Ok::<_, Infallible>(request.body().size_hint().lower().to_string().into_response())
    });
    for (text, length) in [("four!", 5_u64), ("four", 4), ("", 0)] {
        let response =
            BodyLimitLayer::new(4).when_read().layer(seen).oneshot(Request::new(text.to_owned())).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), length.to_string());
    }
}
