//! The cost of the layers for a successful request: no allocation, and two if a transaction could be asked for.
#![allow(clippy::unwrap_used)]

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use buttress::layer::{BodyLimitLayer, CatchPanicLayer, ProblemsLayer, TimeoutLayer};
use buttress::store::{Memory, Store};
use buttress::transaction::RequestTransactions;
use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Empty;
use tower::Layer;
use tower_service::Service;

/// Answers at once, without allocating.
#[derive(Clone)]
struct Fixed;

impl<B> Service<Request<B>> for Fixed {
    type Response = Response<Empty<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        ready(Ok(Response::new(Empty::new())))
    }
}

/// How many times one clone of the service and one call of it allocate.
fn allocations<S>(service: &S) -> u64
where
    S: Service<Request<Empty<Bytes>>> + Clone,
{
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = Uri::from_static("/v1/orders?limit=7");
    // The map of extensions itself is allocated for the first extension, whichever layer adds it.
    request.extensions_mut().insert(());
    let counted = allocation_counter::measure(|| {
        let mut service = service.clone();
        let cx = &mut Context::from_waker(Waker::noop());
        assert!(service.poll_ready(cx).is_ready());
        let mut future = std::pin::pin!(service.call(request));
        assert!(future.as_mut().poll(cx).is_ready());
    });
    counted.count_total
}

#[test]
fn a_request_that_goes_well_allocates_nothing() {
    assert_eq!(allocations(&Fixed), 0);
    assert_eq!(allocations(&ProblemsLayer::new().layer(Fixed)), 0, "problems");
    assert_eq!(allocations(&CatchPanicLayer::new().layer(Fixed)), 0, "catch_panic");
    assert_eq!(allocations(&TimeoutLayer::new(Duration::from_secs(1)).layer(Fixed)), 0, "timeout");
    assert_eq!(allocations(&BodyLimitLayer::new(1024).layer(Fixed)), 0, "body_limit");
    let all = tower::ServiceBuilder::new()
        .layer(ProblemsLayer::new().type_base("https://shop.example/problems/"))
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::new(Duration::from_secs(1)))
        .layer(BodyLimitLayer::new(1024))
        .service(Fixed);
    assert_eq!(allocations(&all), 0, "all of them");
}

/// The layer's place among the extensions, and the state that it shares with a handle.
#[test]
fn a_request_that_asks_for_no_transaction_allocates_twice() {
    let layer = RequestTransactions::new(Store::from(Memory::new(())));
    assert_eq!(allocations(&layer.layer(Fixed)), 2);
}
