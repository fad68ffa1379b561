use std::convert::Infallible;

use buttress::handler::RouteTemplate;
use buttress::layer::TraceLayer;
use futures_util::StreamExt;
use http::{Request, Response, Version};
use http_body_util::BodyExt;
use tracing::Level;

use crate::capture::{Capture, Fields};
use crate::{get, send};

fn without_ids(fields: &Fields) -> Vec<String> {
    let random = ["trace_id", "span_id", "latency_us"];
    fields.iter().filter(|(name, _)| !random.contains(name)).map(|(name, value)| format!("{name}={value}")).collect()
}

#[tokio::test]
async fn a_request_is_one_span_and_one_event_by_the_conventions() {
    let capture = Capture::new();
    let mut request = get("https://shop.example/v1/orders/7?q=1");
    *request.version_mut() = Version::HTTP_2;
    request.extensions_mut().insert(RouteTemplate::new("/v1/orders/{id}"));
    let response = send(TraceLayer::new(), request, async |_| Response::new(String::from("hello"))).await;

    assert!(capture.seen().events.is_empty(), "not before the body has ended");
    response.into_body().collect().await.unwrap();
    let seen = capture.seen();
    assert_eq!((seen.spans.len(), seen.events.len()), (1, 1));
    let (span, event) = (&seen.spans[0], &seen.events[0]);
    assert_eq!((span.name, span.closed, event.level, event.span), ("request", true, Level::INFO, Some(0)));
    assert_eq!(
        without_ids(&span.fields),
        [
            "http.request.method=GET",
            "http.response.status_code=200",
            "http.route=/v1/orders/{id}",
            "network.protocol.version=2",
            "otel.kind=server",
            "otel.name=GET /v1/orders/{id}",
            "request_id=the-id",
            "url.scheme=https",
        ]
    );
    assert_eq!(without_ids(&event.fields), ["message=request finished", "status=200"]);
    assert!(event.fields["latency_us"].parse::<u64>().is_ok());
    assert_eq!((span.fields["trace_id"].len(), span.fields["span_id"].len()), (32, 16));
}

#[tokio::test]
async fn the_route_is_found_wherever_the_router_put_it() {
    #[derive(Clone)]
    struct Matched(&'static str);
    let hook = TraceLayer::new().route_from(|extensions| extensions.get().map(|Matched(route)| *route));
    let expect =
        async |trace: TraceLayer, request: Request<()>, answer: Response<String>, name: &str, route: Option<&str>| {
            let capture = Capture::new();
            drop(send(trace, request, move |_| std::future::ready(answer.clone())).await);
            let seen = capture.seen();
            assert_eq!(seen.spans[0].fields["otel.name"], name);
            assert_eq!(seen.spans[0].fields.get("http.route").map(String::as_str), route);
        };
    let answer = || Response::new(String::new());
    let mut routed = answer();
    routed.extensions_mut().insert(RouteTemplate::new("/a/{b}"));
    let mut matched = get("/a/7");
    matched.extensions_mut().insert(Matched("/m/{b}"));
    let mut matched_late = answer();
    matched_late.extensions_mut().insert(Matched("/late"));

    expect(TraceLayer::new(), get("/a/7"), answer(), "GET", None).await;
    expect(TraceLayer::new(), get("/a/7"), routed.clone(), "GET /a/{b}", Some("/a/{b}")).await;
    expect(hook, matched.clone(), answer(), "GET /m/{b}", Some("/m/{b}")).await;
    expect(TraceLayer::new(), matched, answer(), "GET", None).await;
    expect(hook, get("/a/7"), matched_late, "GET /late", Some("/late")).await;
    expect(hook, get("/a/7"), routed, "GET /a/{b}", Some("/a/{b}")).await;
}

#[tokio::test]
async fn only_server_errors_are_errors() {
    for (status, level, error) in [
        (404, Level::INFO, None),
        (499, Level::INFO, None),
        (500, Level::ERROR, Some("500")),
        (503, Level::ERROR, Some("503")),
    ] {
        let capture = Capture::new();
        let answer = Response::builder().status(status).body(String::from("content")).unwrap();
        let response = send(TraceLayer::new(), get("/"), move |_| std::future::ready(answer.clone())).await;
        response.into_body().collect().await.unwrap();
        let seen = capture.seen();
        assert_eq!(seen.events[0].level, level);
        assert_eq!(seen.spans[0].fields.get("error.type").map(String::as_str), error);
        assert_eq!(seen.spans[0].fields.get("otel.status_code").map(String::as_str), error.and(Some("ERROR")));
    }
}

#[tokio::test]
async fn the_level_can_be_chosen() {
    for level in [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE] {
        let capture = Capture::new();
        drop(send(TraceLayer::new().level(level), get("/"), async |_| Response::new(String::new())).await);
        assert_eq!(capture.seen().events[0].level, level);
    }
}

#[tokio::test]
async fn what_the_handler_logs_is_in_the_span() {
    let capture = Capture::new();
    let response = send(TraceLayer::new(), get("/"), |_| {
        tracing::info!("in call");
        async {
            tokio::task::yield_now().await;
            tracing::info!("in poll");
            struct Said;
            impl Drop for Said {
                fn drop(&mut self) {
                    tracing::info!("in drop");
                }
            }
            let _said = Said;
            let frames = futures_util::stream::iter([1]).map(|_| {
                tracing::info!("in body");
                Ok::<_, Infallible>(http_body::Frame::data(bytes::Bytes::from_static(b"x")))
            });
            Response::new(http_body_util::StreamBody::new(frames))
        }
    })
    .await;
    response.into_body().collect().await.unwrap();
    tracing::info!("outside");
    let events: Vec<_> =
        capture.seen().events.iter().map(|event| (event.fields["message"].clone(), event.span)).collect();
    let inside =
        ["in call", "in poll", "in drop", "in body", "request finished"].map(|message| (message.to_owned(), Some(0)));
    assert_eq!(events[..5], inside);
    assert_eq!(events[5..], [("outside".to_owned(), None)]);
}

#[tokio::test]
async fn nothing_that_the_client_wrote_is_logged() {
    let capture = Capture::new();
    let request = Request::builder()
        .method("MARKERMETHOD")
        .uri("marker://user:markerpassword@markerhost/marker-path?token=marker-query")
        .header("authorization", "marker-authorization")
        .header("x-request-id", "marker id that is not sane")
        .header("traceparent", "marker-parent")
        .header("tracestate", "marker=state")
        .header("user-agent", "marker-agent")
        .body(())
        .unwrap();
    let response = send(TraceLayer::new(), request, async |_| {
        Response::builder().header("set-cookie", "marker").body(String::from("marker-body")).unwrap()
    })
    .await;
    response.into_body().collect().await.unwrap();
    let text = capture.text().to_lowercase();
    assert!(!text.contains("marker"), "{text}");
    assert_eq!(capture.seen().spans[0].fields["otel.name"], "HTTP");
    assert_eq!(capture.seen().spans[0].fields["http.request.method"], "_OTHER");
    assert_eq!(capture.seen().spans[0].fields["url.scheme"], "http");
}
