//! Calling a handler of two arguments, with no router around it.

use std::convert::Infallible;
use std::hint::black_box;

use axum::body::Body;
use axum::handler::HandlerWithoutStateExt;
use buttress::State;
use buttress::handler::{service, unboxed};
use http::{Method, Request, Response, StatusCode, Uri};
use tower::{Service, ServiceExt, service_fn};

use super::{Group, contestant, now};

pub fn group() -> Group {
    Group {
        name: "handler call",
        about: "A handler that takes the method and the address and answers 204, called as a service, cloned per call.",
        net: false,
        waits: false,
        contestants: vec![
            contestant("floor: tower::service_fn", || called(service_fn(by_hand))),
            contestant("peer: axum's handler", || called(theirs.into_service())),
            contestant("buttress::handler::service", || called(service(ours, ()))),
            contestant("buttress::handler::unboxed", || called(unboxed(ours, ()))),
            contestant("buttress::handler::service, with state", || called(service(with_state, 7_u64))),
        ],
    }
}

async fn by_hand(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    black_box((request.method(), request.uri()));
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

async fn theirs(method: Method, uri: Uri) -> StatusCode {
    black_box((method, uri));
    StatusCode::NO_CONTENT
}

async fn ours(method: Method, uri: Uri) -> StatusCode {
    black_box((method, uri));
    StatusCode::NO_CONTENT
}

async fn with_state(State(state): State<u64>, method: Method, uri: Uri) -> StatusCode {
    black_box((state, method, uri));
    StatusCode::NO_CONTENT
}

fn called<S>(service: S) -> Box<dyn FnMut()>
where
    S: Service<Request<Body>, Error = Infallible> + Clone + 'static,
{
    Box::new(move || {
        let request = Request::get("/v1/orders/7?expand=lines").body(Body::empty()).expect("a request");
        drop(black_box(now(service.clone().oneshot(request))));
    })
}
