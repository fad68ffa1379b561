use std::convert::Infallible;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use buttress::Problem;
use buttress::layer::{ProblemsLayer, RequestIdLayer, SendTimeoutLayer, TraceLayer};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use tower::{Layer, Service, ServiceExt, service_fn};
use tracing::{Instrument, Level};

use crate::capture::Capture;
use crate::{call, get, send};

/// Frames of one byte, then an end, an error or a panic.
struct Bytewise {
    left: usize,
    end: End,
}

#[derive(Clone, Copy)]
enum End {
    None,
    Error,
    Panic,
}

impl Body for Bytewise {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Some(left) = self.left.checked_sub(1) else {
            return match self.end {
                End::None => Poll::Ready(None),
                End::Error => Poll::Ready(Some(Err(std::io::Error::other("secret")))),
                End::Panic => panic!("as the test wants it"),
            };
        };
        self.left = left;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x")))))
    }
}

/// The one span that closed, and its one event: level, message, `error.type` and `otel.status_code`.
fn the_end(capture: &Capture) -> (Level, String, Option<String>, Option<String>) {
    let seen = capture.seen();
    assert_eq!((seen.spans.len(), seen.events.len()), (1, 1), "{seen:?}");
    assert!(seen.spans[0].closed);
    let field = |name| seen.spans[0].fields.get(name).cloned();
    (seen.events[0].level, seen.events[0].fields["message"].clone(), field("error.type"), field("otel.status_code"))
}

fn finished() -> (Level, String, Option<String>, Option<String>) {
    (Level::INFO, "request finished".into(), None, None)
}

fn left() -> (Level, String, Option<String>, Option<String>) {
    (Level::INFO, "client left before the end".into(), Some("cancelled".into()), None)
}

fn error(message: &str, kind: &str) -> (Level, String, Option<String>, Option<String>) {
    (Level::ERROR, message.into(), Some(kind.into()), Some("ERROR".into()))
}

async fn after_frames(request: Request<()>, head: http::response::Builder, end: End, polls: usize) -> Capture {
    let capture = Capture::new();
    let head = std::cell::Cell::new(Some(head));
    let handler = |_| std::future::ready(head.take().unwrap().body(Bytewise { left: 3, end }).unwrap());
    let mut body = Box::pin(send(TraceLayer::new(), request, &handler).await.into_body());
    for _ in 0..polls {
        let _ = body.frame().await;
    }
    drop(body);
    capture
}

#[tokio::test]
async fn a_client_that_leaves_is_told_from_one_that_has_it_all() {
    let expect = async |request, head, polls, expected| {
        let capture = after_frames(request, head, End::None, polls).await;
        assert_eq!(the_end(&capture), expected);
    };
    let head = Response::builder;
    // A body of unknown length has to be read to its end.
    expect(get("/"), head(), 0, left()).await;
    expect(get("/"), head(), 3, left()).await;
    expect(get("/"), head(), 4, finished()).await;
    // Servers drop a body of known length at its last byte.
    expect(get("/"), head().header("content-length", "3"), 2, left()).await;
    expect(get("/"), head().header("content-length", "3"), 3, finished()).await;
    // These have no body on the wire, so that servers do not even poll it.
    expect(get("/"), head().status(204), 0, finished()).await;
    expect(get("/"), head().status(304), 0, finished()).await;
    expect(Request::head("/").body(()).unwrap(), head(), 0, finished()).await;
    expect(get("/"), head().header("content-length", "0"), 0, finished()).await;
}

#[tokio::test]
async fn a_body_that_knows_its_length_is_whole_at_its_last_byte() {
    for (polls, expected) in [(0, left()), (1, finished()), (2, finished())] {
        let capture = Capture::new();
        let mut body =
            send(TraceLayer::new(), get("/"), async |_| Response::new(String::from("whole"))).await.into_body();
        for _ in 0..polls {
            let _ = Box::pin(&mut body).frame().await;
        }
        drop(body);
        assert_eq!(the_end(&capture), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_its_client_does_not_take_is_an_error() {
    for polls in [1, 3] {
        let capture = Capture::new();
        let outgoing = SendTimeoutLayer::new(std::time::Duration::from_secs(10)).connection();
        let handler = service_fn(async |_| {
            let response = Response::builder().header("content-length", "3");
            Ok::<_, Infallible>(response.body(Bytewise { left: 3, end: End::None }).unwrap())
        });
        let service = outgoing.layer(TraceLayer::new().layer(handler));
        let mut body = service.oneshot(Request::new(())).await.unwrap().into_body();
        // The server has got a part of it or all, and cannot write it.
        let mut content = Vec::new();
        for _ in 0..polls {
            content.push(body.frame().await.unwrap().unwrap());
        }
        outgoing.stalled().await;
        drop(body);
        let seen = capture.seen();
        let end = seen.events.iter().find(|event| event.target == "buttress::trace").unwrap();
        assert_eq!((end.level, &*end.fields["message"]), (Level::ERROR, "response was not taken in time"));
        assert_eq!(seen.spans[0].fields["error.type"], "send_timeout");
        assert_eq!(seen.spans[0].fields["otel.status_code"], "ERROR");
    }
}

#[tokio::test]
async fn a_body_that_fails_is_an_error() {
    let capture = after_frames(get("/"), Response::builder(), End::Error, 4).await;
    assert_eq!(the_end(&capture), error("response body was cut", "response_body"));
    assert!(!capture.text().contains("secret"));
}

#[tokio::test]
async fn a_body_that_panics_is_an_error() {
    let capture = Capture::new();
    let body = send(TraceLayer::new(), get("/"), async |_| Response::new(Bytewise { left: 0, end: End::Panic }))
        .await
        .into_body();
    let mut body = Box::pin(body);
    let polled = catch_unwind(AssertUnwindSafe(move || {
        let _ = body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop()));
    }));
    assert!(polled.is_err());
    assert_eq!(the_end(&capture), error("request panicked", "panic"));
}

#[tokio::test]
async fn a_handler_that_panics_is_an_error_wherever_it_does() {
    for in_call in [true, false] {
        let capture = Capture::new();
        let mut service = TraceLayer::new().layer(service_fn(move |_: Request<()>| {
            assert!(!in_call, "as the test wants it");
            async move {
                if in_call { Ok::<_, Infallible>(Response::new(String::new())) } else { panic!("as the test wants it") }
            }
        }));
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let mut future = Box::pin(call(&mut service, get("/")));
            let _ = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }));
        assert!(ran.is_err());
        assert_eq!(the_end(&capture), error("request panicked", "panic"));
        assert_eq!(capture.seen().spans[0].fields["otel.name"], "GET");
    }
}

#[tokio::test]
async fn a_service_that_gives_no_response_is_an_error() {
    let capture = Capture::new();
    let service = service_fn(async |_: Request<()>| Err::<Response<String>, _>(std::io::Error::other("secret")));
    assert!(TraceLayer::new().layer(service).oneshot(get("/")).await.is_err());
    assert_eq!(the_end(&capture), error("request failed without a response", "service"));
    assert!(!capture.text().contains("secret"));
}

#[tokio::test]
async fn a_request_that_is_dropped_at_any_time_ends_once() {
    for polls in 0..3 {
        let capture = Capture::new();
        let mut service =
            TraceLayer::new().layer(service_fn(|_: Request<()>| pending::<Result<Response<String>, Infallible>>()));
        let mut future = Box::pin(call(&mut service, get("/")));
        for _ in 0..polls {
            assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        assert!(!capture.seen().spans[0].closed);
        drop(future);
        assert_eq!(the_end(&capture), left());
        assert!(!capture.seen().events[0].fields.contains_key("status"));
    }
}

#[tokio::test]
async fn a_server_error_stays_one_when_the_client_leaves() {
    let capture = after_frames(get("/"), Response::builder().status(StatusCode::BAD_GATEWAY), End::None, 1).await;
    assert_eq!(the_end(&capture), error("client left before the end", "cancelled"));
}

/// Sends a request, and returns the target of its one error event, the number of events, and the code in the span.
async fn told<S, B>(service: S) -> (String, usize, Option<String>)
where
    S: Service<Request<()>, Response = Response<B>, Error = Infallible>,
    B: Body,
{
    let capture = Capture::new();
    let response = RequestIdLayer::new().layer(service).oneshot(get("/")).await.unwrap();
    drop(response.into_body().collect().await);
    let seen = capture.seen();
    let faults: Vec<_> = seen.events.iter().filter(|event| event.level == Level::ERROR).collect();
    let [fault] = faults.as_slice() else { panic!("{seen:?}") };
    assert_eq!((&*fault.fields["error"], &*fault.fields["detail"]), ("connection refused", "\"in checkout\""));
    let code = seen.spans.first().map(|span| span.fields["problem.code"].clone());
    (fault.target.clone(), seen.events.len(), code)
}

/// A fault is logged once, with its reason: by the trace layer if there is one, otherwise by the problems layer,
/// otherwise by the problem itself.
#[tokio::test]
async fn a_fault_is_one_error_with_its_reason() {
    let fails = service_fn(async |_: Request<()>| {
        let refused = std::io::Error::other("connection refused");
        Ok::<_, Infallible>(Response::<buttress::body::Body>::from(
            Problem::internal(refused).with_detail("in checkout"),
        ))
    });
    let by_trace = ("buttress::trace".to_owned(), 1, Some("internal".to_owned()));
    let by_problem = ("buttress::problem".to_owned(), 1, None);
    assert_eq!(told(TraceLayer::new().layer(ProblemsLayer::new().layer(fails))).await, by_trace);
    assert_eq!(told(TraceLayer::new().level(Level::DEBUG).layer(fails)).await, by_trace);
    assert_eq!(told(ProblemsLayer::new().layer(fails)).await, by_problem);
    assert_eq!(told(fails).await, by_problem);
}

/// Inside another span the problems layer logs by itself, and the end of the request is not a second error.
#[tokio::test]
async fn a_fault_that_was_told_of_inside_is_not_told_of_again() {
    let capture = Capture::new();
    let fails = service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::builder().status(502).body(String::new()).unwrap())
    });
    let inner = ProblemsLayer::new().layer(fails);
    let inside = service_fn(move |request: Request<()>| {
        inner.clone().oneshot(request).instrument(tracing::info_span!("inside"))
    });
    let response = TraceLayer::new().layer(inside).oneshot(get("/")).await.unwrap();
    drop(response);
    let seen = capture.seen();
    let found: Vec<_> = seen.events.iter().map(|event| (event.level, &*event.target)).collect();
    assert_eq!(found, [(Level::ERROR, "buttress::problem"), (Level::INFO, "buttress::trace")]);
    assert!(!seen.events[0].fields.contains_key("error"), "there is no reason to give");
    assert_eq!(seen.spans[0].fields["problem.code"], "bad-gateway");
}

/// A problem whose response is lost is still logged.
#[tokio::test]
async fn a_fault_whose_answer_is_replaced_is_told_of_all_the_same() {
    let capture = Capture::new();
    let fails = service_fn(async |_: Request<()>| Err::<Response<String>, _>(std::io::Error::other("disk on fire")));
    let inner = ProblemsLayer::new().layer(fails);
    let replacing = service_fn(move |request: Request<()>| {
        let answer = inner.clone().oneshot(request);
        async move { answer.await.map(|_| Response::new(String::from("all is well"))) }
    });
    drop(TraceLayer::new().layer(replacing).oneshot(get("/")).await.unwrap());
    let seen = capture.seen();
    let faults: Vec<_> = seen.events.iter().filter(|event| event.level == Level::ERROR).collect();
    assert_eq!((faults.len(), &*faults[0].fields["error"]), (1, "disk on fire"));
}

/// The log line of a refusal tells the operator what was refused.
#[tokio::test]
async fn a_refusal_has_its_code_in_the_span() {
    let capture = Capture::new();
    let refuses = service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::<buttress::body::Body>::from(Problem::not_found()))
    });
    let service = TraceLayer::new().layer(ProblemsLayer::new().layer(refuses));
    drop(service.oneshot(get("/")).await.unwrap().into_body().collect().await);
    let seen = capture.seen();
    assert_eq!(seen.spans[0].fields["problem.code"], "not-found");
    assert!(seen.events.iter().all(|event| event.level != Level::ERROR), "{seen:?}");
}

/// The text of an error may panic; that must not cost the client its response.
#[tokio::test]
async fn a_reason_that_panics_is_no_end() {
    #[derive(Debug)]
    struct Mute;
    impl std::fmt::Display for Mute {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            std::panic::resume_unwind(Box::new("secret"))
        }
    }
    impl std::error::Error for Mute {}
    let capture = Capture::new();
    let fails = service_fn(async |_: Request<()>| Err::<Response<String>, _>(Mute));
    let service = TraceLayer::new().layer(ProblemsLayer::new().layer(fails));
    let response = service.oneshot(get("/")).await.unwrap();
    assert_eq!(response.status(), 500);
    assert!(!response.into_body().collect().await.unwrap().to_bytes().is_empty());
    let seen = capture.seen();
    let faults: Vec<_> = seen.events.iter().filter(|event| event.level == Level::ERROR).collect();
    assert_eq!(faults.len(), 1);
    assert!(faults[0].fields["error"].contains("panics"), "{faults:?}");
}
