use std::convert::Infallible;
use std::future::{Future, pending};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use buttress::Problem;
use buttress::body::Body;
use buttress::handler::{BodyError, IntoResponse, Response};
use buttress::layer::TimeoutLayer;
use buttress::layer::timeout::TimeoutBody;
use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, StatusCode, Version};
use http_body::Frame;
use http_body_util::channel::{Channel, Sender};
use http_body_util::{BodyExt, Empty};
use tokio::time::{Instant, sleep};
use tower::{Layer, ServiceExt, service_fn};
use tower_service::Service;

use crate::support::Stuck;

const LIMIT: Duration = Duration::from_secs(10);

type Upload = Channel<Bytes, Infallible>;
type Answer = http::Response<Body<Body>>;

/// Sends a request to a handler behind a limit of ten seconds.
async fn send<B, F>(request: Request<B>, handler: impl FnMut(Request<TimeoutBody<B>>) -> F) -> Answer
where
    B: http_body::Body,
    F: Future<Output = Response>,
{
    let mut handler = handler;
    let service = service_fn(move |request| handler(request).map(Ok::<_, Infallible>));
    TimeoutLayer::new(LIMIT).layer(service).oneshot(request).await.unwrap()
}

fn code(response: &Answer) -> (u16, &'static str) {
    (response.status().as_u16(), response.extensions().get::<Problem>().map_or("", Problem::code))
}

fn upload() -> (Sender<Bytes>, Request<Upload>) {
    let (sender, body) = Channel::new(1);
    (sender, Request::new(body))
}

#[test]
fn a_handler_that_is_ready_at_once_arms_no_timer() {
    // There is no runtime here, so a timer would panic.
    let response = send(Request::new(Empty::<Bytes>::new()), async |_| "at once".into_response()).now_or_never();
    assert_eq!(response.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_slow_handler_is_a_503_and_is_dropped() {
    struct Flag(Arc<AtomicBool>);
    impl Drop for Flag {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let dropped = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&dropped);
    let mut service = TimeoutLayer::new(LIMIT).layer(service_fn(move |_| {
        let flag = Flag(Arc::clone(&flag));
        async move {
            let _flag = flag;
            pending::<Result<Response, Infallible>>().await
        }
    }));
    let started = Instant::now();
    let mut future = Box::pin(service.ready().await.unwrap().call(Request::new(Empty::<Bytes>::new())));
    let response = future.as_mut().await.unwrap();
    assert!(dropped.load(Ordering::Relaxed), "the handler outlived its answer");
    assert_eq!(code(&response), (503, "timeout"));
    assert!(!response.headers().contains_key("connection"));
    assert_eq!(started.elapsed(), LIMIT);
}

#[tokio::test(start_paused = true)]
async fn a_handler_within_its_time_is_left_alone() {
    let response = send(Request::new(Empty::<Bytes>::new()), async |_| {
        sleep(LIMIT - Duration::from_millis(2)).await;
        "just in time".into_response()
    });
    assert_eq!(response.await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_nothing_is_a_408_that_closes() {
    for (version, closes) in [(Version::HTTP_10, true), (Version::HTTP_11, true), (Version::HTTP_2, false)] {
        let mut request = Request::new(Stuck);
        *request.version_mut() = version;
        let response = send(request, async |request: Request<_>| {
            let _ = request.into_body().collect().await;
            unreachable!()
        });
        let response = response.await;
        assert_eq!(code(&response), (408, "request-timeout"));
        assert_eq!(response.headers().contains_key("connection"), closes);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_drips_is_a_408() {
    let (mut sender, request) = upload();
    let drip = tokio::spawn(async move {
        while sender.send_data(Bytes::from_static(b".")).await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    });
    let response = send(request, async |request: Request<_>| {
        let _ = request.into_body().collect().await;
        unreachable!()
    });
    assert_eq!(code(&response.await), (408, "request-timeout"));
    drip.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_is_slow_with_a_body_at_hand_is_a_503() {
    type Handler = fn(Request<TimeoutBody<Upload>>) -> futures_util::future::BoxFuture<'static, Response>;
    let handlers: [(&str, Handler); 4] = [
        ("after the whole body", |request| {
            Box::pin(async move {
                let _ = request.into_body().collect().await;
                pending().await
            })
        }),
        ("between two frames", |request| {
            Box::pin(async move {
                let mut body = request.into_body();
                assert!(body.frame().await.is_some());
                pending().await
            })
        }),
        ("holding a body that it never reads", |request| {
            Box::pin(async move {
                let _body = request.into_body();
                pending().await
            })
        }),
        ("after it gave up on the body", |request| {
            Box::pin(async move {
                let mut body = request.into_body();
                assert!(body.frame().now_or_never().is_none(), "it waited for a frame");
                drop(body);
                pending().await
            })
        }),
    ];
    for (what, handler) in handlers {
        let (mut sender, request) = upload();
        // Each read has to wait for its frame.
        let client = tokio::spawn(async move {
            for _ in 0..2 {
                sleep(Duration::from_secs(1)).await;
                let _ = sender.send_data(Bytes::from_static(b"half")).await;
            }
        });
        assert_eq!(code(&send(request, handler).await), (503, "timeout"), "{what}");
        client.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_another_task_reads_counts_too() {
    let response = send(Request::new(Stuck), async |request: Request<_>| {
        let reading = tokio::spawn(async move { request.into_body().collect().await.map(drop) });
        let _ = reading.await;
        unreachable!()
    });
    assert_eq!(code(&response.await), (408, "request-timeout"));
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_never_pauses_does_not_escape() {
    // It always has more to do, and so uses up the budget that Tokio gives a task for each poll.
    let response = send(Request::new(Empty::<Bytes>::new()), async |_| {
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        for _ in 0..1_000_000 {
            sender.send(()).unwrap();
            receiver.recv().await.unwrap();
        }
        "escaped".into_response()
    });
    let clock = tokio::spawn(async {
        for _ in 0..100 {
            tokio::time::advance(Duration::from_secs(1)).await;
        }
    });
    assert_eq!(code(&response.await), (503, "timeout"));
    clock.abort();
}

fn patient() -> TimeoutLayer {
    TimeoutLayer::new(Duration::from_secs(600)).read_limit(Duration::from_secs(5))
}

#[tokio::test(start_paused = true)]
async fn a_read_that_stalls_is_a_408_whatever_the_handler_makes_of_it() {
    async fn typed(body: TimeoutBody<Upload>) -> Response {
        BodyError::new(body.collect().await.unwrap_err()).into_response()
    }
    async fn plain(body: TimeoutBody<Upload>) -> Response {
        let text = body.collect().await.map(drop).unwrap_err().to_string();
        (StatusCode::BAD_REQUEST, text).into_response()
    }
    for is_typed in [true, false] {
        let (mut sender, request) = upload();
        let client = tokio::spawn(async move {
            for _ in 0..20 {
                sender.send_data(Bytes::from_static(b".")).await.unwrap();
                sleep(Duration::from_secs(4)).await;
            }
            pending::<()>().await;
        });
        let service = service_fn(move |request: Request<_>| async move {
            let body = request.into_body();
            Ok::<_, Infallible>(if is_typed { typed(body).await } else { plain(body).await })
        });
        let started = Instant::now();
        let response = patient().layer(service).oneshot(request).await.unwrap();
        assert_eq!(code(&response), (408, "request-timeout"));
        assert_eq!(response.headers()["connection"], "close");
        assert_eq!(started.elapsed().as_secs(), 19 * 4 + 5, "every piece has its own time");
        client.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_answers_without_the_stalled_body_is_believed() {
    let service = service_fn(async |request: Request<TimeoutBody<Stuck>>| {
        let _ = request.into_body().collect().await;
        Ok::<_, Infallible>("good enough".into_response())
    });
    let response = patient().layer(service).oneshot(Request::new(Stuck)).await.unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn trailers_and_errors_of_the_body_pass() {
    let (mut sender, body) = Channel::<Bytes, io::Error>::new(1);
    let service = service_fn(async |request: Request<TimeoutBody<_>>| {
        let mut body = request.into_body();
        assert!(body.frame().await.unwrap().unwrap().is_trailers());
        assert!(body.frame().await.unwrap().is_err());
        Ok::<Response, Infallible>("".into_response())
    });
    sender.send(Frame::trailers(http::HeaderMap::new())).await.unwrap();
    sender.abort(io::Error::other("reset"));
    let response: http::Response<Body<Body>> = patient().layer(service).oneshot(Request::new(body)).await.unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_limit_past_all_time_is_none() {
    let service = service_fn(async |request: Request<TimeoutBody<Upload>>| {
        let content = request.into_body().collect().await.unwrap().to_bytes();
        Ok::<_, Infallible>(content.into_response())
    });
    let (mut sender, request) = upload();
    tokio::spawn(async move {
        sleep(LIMIT).await;
        sender.send_data(Bytes::from_static(b"late")).await.unwrap();
    });
    let timeout = TimeoutLayer::new(Duration::MAX).read_limit(Duration::MAX);
    let response: http::Response<Body<Body>> = timeout.layer(service).oneshot(request).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "late");
}
