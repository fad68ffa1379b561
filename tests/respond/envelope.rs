use std::convert::Infallible;
use std::pin::Pin;

use buttress::body::{Body, BoxError};
use buttress::handler::{IntoResponse, Response};
use buttress::layer::SuccessEnvelopeLayer;
use buttress::respond::{Created, NoContent};
use buttress::{Json, Problem, RequestId};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use serde_json::json;
use tower::{Layer, ServiceExt, service_fn};

/// A response through the layer.
async fn wrapped(layer: &SuccessEnvelopeLayer, request: Request<()>, answer: Response) -> Response {
    let answer = std::sync::Mutex::new(Some(answer));
    let inner = service_fn(move |_| std::future::ready(Ok::<_, Infallible>(answer.lock().unwrap().take().unwrap())));
    layer.layer(inner).oneshot(request).await.unwrap().map(Body::boxed)
}

async fn plain(answer: impl IntoResponse) -> (http::response::Parts, String) {
    text(wrapped(&SuccessEnvelopeLayer::new(), Request::new(()), answer.into_response()).await).await
}

async fn text(response: Response) -> (http::response::Parts, String) {
    let (parts, body) = response.into_parts();
    let hint = body.size_hint();
    let bytes = body.collect().await.unwrap().to_bytes();
    assert!(hint.lower() <= bytes.len() as u64 && hint.upper().is_none_or(|upper| bytes.len() as u64 <= upper));
    (parts, String::from_utf8(bytes.to_vec()).unwrap())
}

fn streamed<I>(frames: I) -> Response
where
    I: IntoIterator<Item = Result<Frame<Bytes>, BoxError>, IntoIter: Send + 'static>,
{
    let body = Body::boxed(StreamBody::new(stream::iter(frames)));
    http::Response::builder().header("content-type", "application/json").body(body).unwrap()
}

fn data(text: &'static str) -> Result<Frame<Bytes>, BoxError> {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

#[tokio::test]
async fn a_success_is_wrapped_with_its_exact_length() {
    let response = wrapped(&SuccessEnvelopeLayer::new(), Request::new(()), Json(vec![1, 2]).into_response()).await;
    assert_eq!(response.body().size_hint().exact(), Some(24));
    assert_eq!(text(response).await.1, r#"{"data":[1,2],"meta":{}}"#);
}

#[tokio::test]
async fn status_and_headers_stay() {
    let (parts, body) = plain(Created::at("/x", Json(1))).await;
    assert_eq!((parts.status.as_u16(), parts.headers["location"].to_str().unwrap()), (201, "/x"));
    assert_eq!(body, r#"{"data":1,"meta":{}}"#);
}

#[tokio::test]
async fn meta_has_the_id_of_the_request_or_of_the_response() {
    let id = RequestId::from_header(&HeaderValue::from_static("abc")).unwrap();
    let mut request = Request::new(());
    request.extensions_mut().insert(id);
    let response = wrapped(&SuccessEnvelopeLayer::new(), request, Json(1).into_response()).await;
    assert_eq!(text(response).await.1, r#"{"data":1,"meta":{"request_id":"abc"}}"#);
    let headers = HeaderMap::from_iter([(RequestId::HEADER, HeaderValue::from_static("de\"f"))]);
    assert_eq!(plain((headers, Json(1))).await.1, r#"{"data":1,"meta":{"request_id":"de\"f"}}"#);
}

#[tokio::test]
async fn meta_is_what_the_service_makes_it() {
    let layer = SuccessEnvelopeLayer::new()
        .meta(|id, parts| json!({"id": id.map(RequestId::as_str), "status": parts.status.as_u16()}));
    let response = wrapped(&layer, Request::new(()), (StatusCode::ACCEPTED, Json(1)).into_response()).await;
    assert_eq!(text(response).await.1, r#"{"data":1,"meta":{"id":null,"status":202}}"#);
}

#[tokio::test]
async fn all_else_passes_as_it_is() {
    let typed = |content_type: &'static str, status: StatusCode| {
        let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        (status, (headers, "{}")).into_response()
    };
    let with = |name: &'static str, value: &'static str| {
        let headers = HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_static(value))]);
        (headers, Json(json!({}))).into_response()
    };
    for (what, answer) in [
        ("text", "{}".into_response()),
        ("another JSON", typed("application/vnd.api+json", StatusCode::OK)),
        ("problem", typed("application/problem+json", StatusCode::OK)),
        ("json-seq", typed("application/json-seq", StatusCode::OK)),
        ("client error", typed("application/json", StatusCode::NOT_FOUND)),
        ("server error", typed("application/json", StatusCode::INTERNAL_SERVER_ERROR)),
        ("redirect", typed("application/json", StatusCode::SEE_OTHER)),
        ("partial", typed("application/json", StatusCode::PARTIAL_CONTENT)),
        ("compressed", with("content-encoding", "gzip")),
    ] {
        assert_eq!(plain(answer).await.1, "{}", "{what}");
    }
    assert_eq!(plain(NoContent).await.1, "");
    assert_eq!(plain(typed("application/json", StatusCode::NOT_MODIFIED).map(|_| Body::empty())).await.1, "");
    assert!(plain(Problem::not_found()).await.1.contains("not-found"));
}

/// 204, 205 and 304 leave without content, and declare a length only if they may (RFC 9110 §8.6).
#[tokio::test]
async fn what_has_no_content_by_its_status_gets_none() {
    for (status, length) in [(204, None), (205, Some("0")), (304, None)] {
        let head = http::Response::builder().status(status).header("content-type", "application/json");
        let answer = head.header("content-length", "2").body(Body::boxed(Full::from("[]"))).unwrap();
        let response = wrapped(&SuccessEnvelopeLayer::new(), Request::new(()), answer).await;
        assert_eq!(response.headers().get("content-length").map(|length| length.to_str().unwrap()), length);
        assert!(response.body().is_end_stream() && response.body().size_hint().exact().is_none());
        assert_eq!(text(response).await.1, "");
    }
}

#[tokio::test]
async fn parameters_and_case_of_the_media_type_do_not_matter() {
    for content_type in ["application/json; charset=utf-8", "Application/JSON ;x=y"] {
        let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        assert_eq!(plain((headers, "1")).await.1, r#"{"data":1,"meta":{}}"#);
    }
}

/// A failure to which a foreign tuple gave a 2xx is still a failure.
#[tokio::test]
async fn a_problem_with_a_good_status_is_not_a_success() {
    let mut answer = Problem::not_found().into_response();
    *answer.status_mut() = StatusCode::OK;
    answer.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    assert!(!plain(answer).await.1.contains("data"));
}

#[tokio::test]
async fn a_stream_passes_frame_by_frame_with_its_trailers() {
    let trailers =
        HeaderMap::from_iter([(http::header::HeaderName::from_static("x-sum"), HeaderValue::from_static("6"))]);
    let frames = vec![data("[1"), data(""), data(",2]"), Ok(Frame::trailers(trailers))];
    let mut response = wrapped(&SuccessEnvelopeLayer::new(), Request::new(()), streamed(frames)).await;
    let mut seen = Vec::new();
    while let Some(frame) = response.body_mut().frame().await {
        let frame = frame.unwrap();
        let is_last = frame.is_trailers();
        seen.push(
            frame.into_data().map_or_else(|_| "trailers".to_owned(), |data| String::from_utf8(data.to_vec()).unwrap()),
        );
        assert!(!is_last || seen.len() == 6);
    }
    assert_eq!(seen, ["{\"data\":", "[1", "", ",2]", ",\"meta\":{}}", "trailers"]);
    assert!(response.body().is_end_stream());
}

/// Nothing is read ahead: a frame of the handler is sent before it produces the next one.
#[tokio::test]
async fn a_slow_stream_is_not_held_back() {
    let (mut sender, body) = http_body_util::channel::Channel::<Bytes, BoxError>::new(1);
    let answer = http::Response::builder().header("content-type", "application/json").body(Body::boxed(body)).unwrap();
    let mut body = wrapped(&SuccessEnvelopeLayer::new(), Request::new(()), answer).await.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "{\"data\":");
    sender.send_data(Bytes::from_static(b"1")).await.unwrap();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "1");
    assert!(futures_util::FutureExt::now_or_never(body.frame()).is_none());
    drop(sender);
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), ",\"meta\":{}}");
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn a_body_that_fails_never_looks_whole() {
    let frames = vec![data("[1"), Err("connection lost".into()), data("]")];
    let mut body = wrapped(&SuccessEnvelopeLayer::new(), Request::new(()), streamed(frames)).await.into_body();
    let mut seen = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        seen.extend(frame.into_data().unwrap());
    }
    assert_eq!(seen, b"{\"data\":[1");
    assert!(body.frame().await.is_none() && Pin::new(&body).is_end_stream());
}

#[tokio::test]
async fn a_stream_that_was_empty_is_null() {
    for frames in [vec![], vec![data("")]] {
        let response = wrapped(&SuccessEnvelopeLayer::new(), Request::new(()), streamed(frames)).await;
        assert_eq!(text(response).await.1, r#"{"data":null,"meta":{}}"#);
    }
    // A body that is known to be empty is not JSON, and passes.
    let answer = http::Response::builder().header("content-type", "application/json").body(Body::empty()).unwrap();
    assert_eq!(plain(answer).await.1, "");
}

#[tokio::test]
async fn head_has_the_length_of_get() {
    let headers = || {
        let all = [
            ("content-type", "application/json"),
            ("content-length", "5"),
            ("etag", "\"7\""),
            ("accept-ranges", "bytes"),
            ("content-digest", "sha-256=:x:"),
            ("x-own", "1"),
        ];
        all.into_iter().map(|(k, v)| (k.parse().unwrap(), HeaderValue::from_static(v))).collect::<HeaderMap>()
    };
    let get = plain((headers(), Response::new(Body::boxed(Full::from("[1,2]"))))).await;
    let request = Request::builder().method("HEAD").body(()).unwrap();
    let head = wrapped(&SuccessEnvelopeLayer::new(), request, (headers(), ()).into_response()).await;
    let head = text(head).await;
    assert_eq!((get.1.len().to_string().as_str(), &*head.1), (get.0.headers["content-length"].to_str().unwrap(), ""));
    assert_eq!(get.0.headers, head.0.headers);
    assert_eq!(get.0.headers["etag"], "\"7\"");
    assert!(get.0.headers.contains_key("x-own"));
    assert!(["accept-ranges", "content-digest"].iter().all(|name| !get.0.headers.contains_key(*name)));
}

#[tokio::test]
async fn a_length_that_is_none_is_dropped() {
    for length in ["x", "18446744073709551615", "-1"] {
        let headers = HeaderMap::from_iter([(http::header::CONTENT_LENGTH, HeaderValue::from_static(length))]);
        assert!(!plain((headers, Json(1))).await.0.headers.contains_key("content-length"));
    }
}

#[tokio::test]
async fn tags_are_weakened_where_that_is_wanted() {
    for (tag, weakened) in [("\"7\"", "W/\"7\""), ("W/\"7\"", "W/\"7\""), ("broken", "broken")] {
        let headers = HeaderMap::from_iter([(http::header::ETAG, HeaderValue::from_static(tag))]);
        let answer = (headers, Json(1)).into_response();
        let response = wrapped(&SuccessEnvelopeLayer::new().weak_tags(), Request::new(()), answer).await;
        assert_eq!(response.headers()["etag"], weakened);
    }
}
