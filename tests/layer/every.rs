//! The promises of every layer: honest readiness, no leftovers after a cancelled request, small futures.

use std::convert::Infallible;
use std::future::Ready;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use buttress::layer::{
    BodyLimitLayer, CatchPanicLayer, ProblemsLayer, RequestIdLayer, SecurityHeadersLayer, SendTimeoutLayer,
    TimeoutLayer, TraceLayer,
};
use futures_util::task::noop_waker;
use http::{Request, Response};
use tower::{Layer, ServiceExt};
use tower_service::Service;

use crate::support::Strict;

macro_rules! for_every_layer {
    ($check:ident) => {
        $check("request_id", RequestIdLayer::new());
        $check("trace", TraceLayer::new());
        $check("headers", SecurityHeadersLayer::new());
        $check("problems", ProblemsLayer::new());
        $check("catch_panic", CatchPanicLayer::new());
        $check("timeout", TimeoutLayer::new(Duration::from_secs(10)));
        $check("body_limit", BodyLimitLayer::new(1024));
        $check("send_timeout", SendTimeoutLayer::new(Duration::from_secs(10)).connection());
    };
}

/// The layer and its service with the bounds that servers need.
trait Layered: Layer<Strict, Service: ServiceOf> {}
impl<L: Layer<Strict, Service: ServiceOf>> Layered for L {}

trait ServiceOf: Service<Request<String>, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static {}
impl<S> ServiceOf for S where
    S: Service<Request<String>, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

#[tokio::test]
async fn the_service_that_was_polled_is_the_one_that_is_called() {
    fn check<L: Layered>(name: &str, layer: L) {
        let cx = &mut Context::from_waker(std::task::Waker::noop());
        let mut service = layer.layer(Strict::default());
        for _ in 0..3 {
            assert!(service.poll_ready(cx).is_ready(), "{name}");
            // `Strict` panics if it was not polled itself; `catch_panic` would answer with a 500.
            let mut future = Box::pin(service.call(Request::new(String::new())));
            assert!(future.as_mut().poll(cx).is_ready(), "{name}");
        }
        let clone = service.clone();
        drop(service);
        drop(clone);
    }
    for_every_layer!(check);
}

#[tokio::test]
async fn readiness_is_passed_on() {
    #[derive(Clone)]
    struct Busy;
    impl Service<Request<String>> for Busy {
        type Response = Response<String>;
        type Error = Infallible;
        type Future = Ready<Result<Response<String>, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Pending
        }

        fn call(&mut self, _: Request<String>) -> Self::Future {
            unreachable!()
        }
    }
    let waker = noop_waker();
    let cx = &mut Context::from_waker(&waker);
    assert!(RequestIdLayer::new().layer(Busy).poll_ready(cx).is_pending());
    assert!(TraceLayer::new().layer(Busy).poll_ready(cx).is_pending());
    assert!(SecurityHeadersLayer::new().layer(Busy).poll_ready(cx).is_pending());
    assert!(ProblemsLayer::new().layer(Busy).poll_ready(cx).is_pending());
    assert!(CatchPanicLayer::new().layer(Busy).poll_ready(cx).is_pending());
    assert!(SendTimeoutLayer::new(Duration::from_secs(10)).connection().layer(Busy).poll_ready(cx).is_pending());
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_dropped_at_any_poll_leaves_nothing_behind() {
    fn check<L: Layered>(name: &str, layer: L) {
        let cx = &mut Context::from_waker(std::task::Waker::noop());
        for dropped_after in 0..=5 {
            let mut handler = Strict::default();
            handler.polls = 4;
            let alive = handler.alive.clone();
            let mut service = layer.layer(handler);
            assert!(service.poll_ready(cx).is_ready());
            let mut future = Box::pin(service.call(Request::new(String::new())));
            for poll in 0..dropped_after {
                assert_eq!(future.as_mut().poll(cx).is_ready(), poll == 4, "{name}");
            }
            drop(future);
            assert_eq!(
                alive.load(Ordering::Relaxed),
                0,
                "{name} keeps the handler, dropped after {dropped_after} polls"
            );
        }
    }
    for_every_layer!(check);
}

#[test]
fn futures_are_not_much_larger_than_what_they_hold() {
    type Inner = Ready<Result<Response<String>, Infallible>>;
    struct Fixed;
    impl Service<Request<String>> for Fixed {
        type Response = Response<String>;
        type Error = Infallible;
        type Future = Inner;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<String>) -> Inner {
            unreachable!()
        }
    }
    fn overhead<S: Service<Request<String>>>(_: S) -> usize {
        size_of::<S::Future>() - size_of::<Inner>()
    }
    println!("problems {}", overhead(ProblemsLayer::new().layer(Fixed)));
    assert!(overhead(ProblemsLayer::new().layer(Fixed)) <= 160);
    assert!(overhead(CatchPanicLayer::new().layer(Fixed)) <= 16);
    assert!(overhead(SendTimeoutLayer::new(Duration::from_secs(10)).connection().layer(Fixed)) <= 8);
    assert!(overhead(TraceLayer::new().layer(Fixed)) <= 256);
}

#[tokio::test]
async fn all_of_them_nest() {
    let service = tower::ServiceBuilder::new()
        .layer(SendTimeoutLayer::new(Duration::from_secs(10)).connection())
        .layer(RequestIdLayer::new())
        .layer(TraceLayer::new())
        .layer(SecurityHeadersLayer::new())
        .layer(ProblemsLayer::new())
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::new(Duration::from_secs(10)))
        .layer(BodyLimitLayer::new(1024))
        .service(Strict::default());
    assert_eq!(service.oneshot(Request::new(String::new())).await.unwrap().status(), 200);
}
