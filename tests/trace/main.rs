//! The span and the event of a request, as a real subscriber records them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod axum;
mod capture;
mod context;
mod end;
mod fields;
#[cfg(feature = "stack")]
mod otel;
mod wire;

use std::convert::Infallible;
use std::future::Future;

use buttress::layer::{RequestIdLayer, TraceLayer};
use http::{Request, Response};
use tower::{Layer, Service, ServiceExt};

/// A request through the layer, up to the head of its response.
async fn send<S, F, B>(
    trace: TraceLayer,
    request: Request<()>,
    handler: S,
) -> Response<impl http_body::Body<Data = B::Data, Error = B::Error>>
where
    S: Fn(Request<()>) -> F + Clone,
    F: Future<Output = Response<B>>,
    B: http_body::Body,
{
    let service = tower::service_fn(move |request| {
        let answer = handler(request);
        async { Ok::<_, Infallible>(answer.await) }
    });
    RequestIdLayer::new().layer(trace.layer(service)).oneshot(request).await.unwrap()
}

fn get(uri: &str) -> Request<()> {
    Request::get(uri).header("x-request-id", "the-id").body(()).unwrap()
}

/// A service is ready in these tests, so this only saves a line.
fn call<S: Service<Request<()>>>(service: &mut S, request: Request<()>) -> S::Future {
    service.call(request)
}
