use buttress::TraceContext;
use buttress::layer::TraceLayer;
use http::{HeaderMap, Request, Response};

use crate::capture::{Capture, Fields};
use crate::{get, send};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The fields of the span, the headers for further services, and the headers for the caller.
async fn through(trace: TraceLayer, incoming: &[(&'static str, &str)]) -> (Fields, HeaderMap, HeaderMap) {
    let capture = Capture::new();
    let mut request: Request<()> = get("/");
    for (name, value) in incoming {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    let response = send(trace, request, async |request: Request<()>| {
        let mut response = Response::new(String::new());
        response.extensions_mut().insert(request.extensions().get::<TraceContext>().unwrap().clone());
        response
    })
    .await;
    let mut outgoing = HeaderMap::new();
    response.extensions().get::<TraceContext>().unwrap().write_to(&mut outgoing);
    let fields = capture.seen().spans[0].fields.clone();
    (fields, outgoing, response.headers().clone())
}

#[tokio::test]
async fn the_trace_of_the_caller_goes_on() {
    let (fields, outgoing, answer) =
        through(TraceLayer::new(), &[("traceparent", PARENT), ("tracestate", "a=1"), ("tracestate", "b=2")]).await;
    assert_eq!(fields["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(fields["parent_span_id"], "00f067aa0ba902b7");
    let expected = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-{}-01", fields["span_id"]);
    assert_eq!(outgoing["traceparent"], expected.as_str());
    assert_eq!(outgoing["tracestate"], "a=1,b=2");
    assert_ne!(fields["span_id"], fields["parent_span_id"]);
    assert!(!answer.contains_key("traceresponse"));
}

#[tokio::test]
async fn an_unsampled_trace_stays_unsampled() {
    let parent = PARENT.replace("-01", "-00");
    let (_, outgoing, _) = through(TraceLayer::new(), &[("traceparent", &parent)]).await;
    assert!(outgoing["traceparent"].to_str().unwrap().ends_with("-00"));
}

#[tokio::test]
async fn what_is_malformed_begins_a_new_trace_without_a_state() {
    let zeros = "00-00000000000000000000000000000000-00f067aa0ba902b7-01";
    for parent in [zeros, "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "", "garbage"] {
        let (fields, outgoing, _) = through(TraceLayer::new(), &[("traceparent", parent), ("tracestate", "a=1")]).await;
        assert_eq!(outgoing["traceparent"], format!("00-{}-{}-01", fields["trace_id"], fields["span_id"]).as_str());
        assert!(!outgoing.contains_key("tracestate") && !fields.contains_key("parent_span_id"));
        assert_ne!(fields["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    }
}

#[tokio::test]
async fn an_edge_begins_its_own_and_answers_with_it() {
    let trace = TraceLayer::new().without_incoming().trace_response();
    let (fields, outgoing, answer) = through(trace, &[("traceparent", PARENT)]).await;
    assert!(!fields.contains_key("parent_span_id"));
    assert_eq!(answer["traceresponse"], outgoing["traceparent"]);
}

#[tokio::test]
async fn without_a_subscriber_the_trace_goes_on_all_the_same() {
    let request = Request::get("/").header("traceparent", PARENT).body(()).unwrap();
    let response = send(TraceLayer::new(), request, async |request: Request<()>| {
        Response::new(request.extensions().get::<TraceContext>().unwrap().to_string())
    })
    .await;
    use http_body_util::BodyExt;
    let forwarded = response.into_body().collect().await.unwrap().to_bytes();
    assert!(forwarded.starts_with(&PARENT.as_bytes()[..36]) && forwarded != PARENT);
}
