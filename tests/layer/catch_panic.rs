use std::convert::Infallible;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use buttress::Problem;
use buttress::layer::catch_panic::Panicked;
use buttress::layer::{CatchPanicLayer, ProblemsLayer};
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
use tower_service::Service;

use crate::support::{Log, json};

/// The place of a handler's panic, and its payload. `resume_unwind` does not call the panic hook, which keeps the tests
/// quiet.
#[derive(Clone, Copy, PartialEq)]
enum In {
    Ready,
    Call,
    Poll,
    Await,
    Drop,
}

#[derive(Clone)]
struct Bomb(In);

impl Service<Request<String>> for Bomb {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<String>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        explode(self.0, In::Ready);
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<String>) -> Self::Future {
        explode(self.0, In::Call);
        let place = self.0;
        Box::pin(async move {
            let _mine = (place == In::Drop).then_some(Mine);
            explode(place, In::Poll);
            tokio::task::yield_now().await;
            explode(place, In::Await);
            explode(place, In::Drop);
            Ok(Response::new(String::new()))
        })
    }
}

fn explode(place: In, here: In) {
    if place == here {
        resume_unwind(Box::new("the secret"));
    }
}

/// Panics when it is dropped, unless that would abort.
struct Mine;

impl Drop for Mine {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            resume_unwind(Box::new(Mine));
        }
    }
}

#[tokio::test]
async fn a_panic_anywhere_is_a_masked_500() {
    for place in [In::Ready, In::Call, In::Poll, In::Await, In::Drop] {
        let log = Log::capture();
        let service =
            ServiceBuilder::new().layer(ProblemsLayer::new()).layer(CatchPanicLayer::new()).service(Bomb(place));
        let response = service.oneshot(Request::new(String::new())).await.unwrap();
        assert_eq!(response.status(), 500);
        assert!(response.extensions().get::<Problem>().unwrap().error::<Panicked>().is_some());
        assert_eq!(json(response).await["code"], "internal");
        let text = log.text();
        assert!(text.contains("the handler panicked") && !text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn it_needs_no_other_layer() {
    let response = CatchPanicLayer::new().layer(Bomb(In::Poll)).oneshot(Request::new(String::new())).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(json(response).await["code"], "internal");
}

#[tokio::test]
async fn a_panic_in_poll_ready_does_not_outlive_its_request() {
    #[derive(Clone)]
    struct Once(bool);
    impl Service<Request<String>> for Once {
        type Response = Response<String>;
        type Error = Infallible;
        type Future = std::future::Ready<Result<Response<String>, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            if std::mem::take(&mut self.0) {
                resume_unwind(Box::new(()));
            }
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<String>) -> Self::Future {
            std::future::ready(Ok(Response::new(String::new())))
        }
    }
    let mut service = CatchPanicLayer::new().layer(Once(true));
    for status in [500, 200] {
        let response = service.ready().await.unwrap().call(Request::new(String::new())).await.unwrap();
        assert_eq!(response.status(), status);
    }
}

#[tokio::test]
async fn a_payload_that_panics_when_it_is_dropped_is_survived() {
    let service = service_fn(async |_: Request<String>| -> Result<Response<String>, Infallible> {
        resume_unwind(Box::new(Mine))
    });
    let response = CatchPanicLayer::new().layer(service).oneshot(Request::new(String::new())).await.unwrap();
    assert_eq!(response.status(), 500);
}

#[tokio::test]
async fn messages_reach_the_log_where_they_are_asked_for_and_never_the_client() {
    for (payload, expected) in
        [(0, "the handler panicked: index 7"), (1, "the handler panicked: index 8"), (2, "the handler panicked\"")]
    {
        let log = Log::capture();
        let service = service_fn(move |_: Request<String>| async move {
            match payload {
                0 => resume_unwind(Box::new("index 7")),
                1 => resume_unwind(Box::new(String::from("index 8"))),
                2 => resume_unwind(Box::new(9_u8)),
                _ => Ok::<_, Infallible>(Response::new(String::new())),
            }
        });
        let service = CatchPanicLayer::new().log_messages().layer(service);
        let response = ProblemsLayer::new().layer(service).oneshot(Request::new(String::new())).await.unwrap();
        assert!(!json(response).await.to_string().contains("index"));
        assert!(format!("{}\"", log.text().trim_end()).contains(expected), "{}", log.text());
    }
}

/// Gives one frame and panics in the second; panics again when it is dropped.
struct Half {
    frames: u8,
    _mine: Mine,
}

impl Body for Half {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.frames += 1;
        if self.frames > 1 {
            resume_unwind(Box::new("the secret"));
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"first")))))
    }
}

#[tokio::test]
async fn a_panic_in_a_body_cuts_it() {
    let log = Log::capture();
    let service =
        service_fn(async |_: Request<String>| Ok::<_, Infallible>(Response::new(Half { frames: 0, _mine: Mine })));
    let service = ServiceBuilder::new().layer(ProblemsLayer::new()).layer(CatchPanicLayer::new()).service(service);
    let mut body = service.oneshot(Request::new(String::new())).await.unwrap().into_body();
    assert!(body.frame().await.unwrap().is_ok());
    let error = body.frame().await.unwrap().unwrap_err();
    assert!(error.is::<Panicked>());
    assert!(body.frame().await.is_none(), "it is not polled again");
    let text = log.text();
    assert!(text.contains("response body was cut") && !text.contains("secret"), "{text}");
}
