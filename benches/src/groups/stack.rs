//! The standard layers around a service that answers at once, for a request with six headers.

use std::convert::Infallible;
use std::hint::black_box;
use std::pin::pin;
use std::time::Duration;

use buttress::layer::{self, BodyLimitLayer, ProblemsLayer, QueryCountLayer, RequestIdLayer, SecurityHeadersLayer};
use buttress::stack::Stack;
use buttress::store::{Memory, Store};
use buttress::transaction::RequestTransactions;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::{DefaultMakeSpan, DefaultOnResponse, TraceLayer};
use tracing::Level;

use super::{Group, contestant, now};

const SECONDS: Duration = Duration::from_secs(10);
const LIMIT: usize = 1 << 20;

/// Without a subscriber: no spans and events.
pub fn quiet() -> Group {
    Group {
        name: "stack",
        about: "Request id, trace, security headers, timeout, body limit, panics and problems, net of the bare service (first row), which includes making the request and reading the response. No subscriber. The peer has no problems, and three security headers.",
        net: true,
        waits: false,
        contestants: vec![
            contestant("bare service", || cloned_per_call(bare())),
            contestant("peer: tower-http, stacked", || cloned_per_call(peer())),
            contestant("buttress, layers by hand", || cloned_per_call(by_hand())),
            contestant("buttress, fused", || cloned_per_call(fused())),
        ],
    }
}

/// The clone that a server makes for each connection or request.
pub fn clone() -> Group {
    Group {
        name: "stack, cloned",
        about: "A clone of the service with everything around it.",
        net: false,
        waits: false,
        contestants: vec![
            contestant("peer: tower-http, stacked", || cloned(peer())),
            contestant("buttress, layers by hand", || cloned(by_hand())),
            contestant("buttress, fused", || cloned(fused())),
        ],
    }
}

fn cloned(service: impl Clone + 'static) -> Box<dyn FnMut()> {
    Box::new(move || drop(black_box(service.clone())))
}

/// Spans and events are formatted and discarded.
pub fn logged() -> Group {
    Group {
        name: "stack, INFO to a sink",
        about: "The same with tracing-subscriber's text format at INFO, written to a sink.",
        net: true,
        waits: false,
        contestants: vec![
            contestant("bare service", || with_subscriber(|| cloned_per_call(bare()))),
            contestant("peer: tower-http, stacked", || with_subscriber(|| cloned_per_call(peer()))),
            contestant("buttress, layers by hand", || with_subscriber(|| cloned_per_call(by_hand()))),
            contestant("buttress, fused", || with_subscriber(|| cloned_per_call(fused()))),
        ],
    }
}

/// What a router of axum costs with each layer, and with one that does the same.
pub fn in_axum() -> Group {
    Group {
        name: "stack in axum",
        about: "The stack, the count of statements and the transaction that no handler asks for, as layers of an axum router each, and as one layer; net of the router (first row). No subscriber.",
        net: true,
        waits: false,
        contestants: vec![
            contestant("bare router", || cloned_per_call(router())),
            contestant("the stack", || cloned_per_call(router().layer(Stack::new()))),
            contestant("the stack and the count, two layers", || {
                cloned_per_call(router().layer(QueryCountLayer::new()).layer(Stack::new()))
            }),
            contestant("the stack and the count, one layer", || {
                cloned_per_call(router().layer(Stack::new().query_count(QueryCountLayer::new())))
            }),
            contestant("with the transaction, three layers", || {
                cloned_per_call(router().layer(transactions()).layer(QueryCountLayer::new()).layer(Stack::new()))
            }),
            contestant("with the transaction, one layer", || {
                cloned_per_call(router().layer(Stack::new().query_count(QueryCountLayer::new()).inner(transactions())))
            }),
        ],
    }
}

fn router() -> axum::Router {
    axum::Router::new().route("/v1/orders/{id}", axum::routing::get(async || "{\"ok\":true}"))
}

fn transactions() -> RequestTransactions {
    RequestTransactions::new(Store::from(Memory::new(())))
}

fn with_subscriber(set_up: fn() -> Box<dyn FnMut()>) -> Box<dyn FnMut()> {
    tracing_subscriber::fmt().with_writer(std::io::sink).with_max_level(Level::INFO).init();
    set_up()
}

type Answer = Response<Full<Bytes>>;

fn bare() -> impl Service<Request<Full<Bytes>>, Response = Answer, Error = Infallible> + Clone {
    service_fn(answer)
}

async fn answer<B>(request: Request<B>) -> Result<Answer, Infallible> {
    black_box(&request);
    let mut response = Response::new(Full::new(Bytes::from_static(b"{\"ok\":true}")));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn peer() -> impl Service<Request<Full<Bytes>>, Response = Response<impl Body>, Error = Infallible> + Clone {
    let set = |name: &'static str, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    ServiceBuilder::new()
        .layer(SetSensitiveRequestHeadersLayer::new([header::AUTHORIZATION, header::COOKIE]))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(DefaultMakeSpan::new().level(Level::INFO))
                .on_response(DefaultOnResponse::new().level(Level::INFO)),
        )
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(set("x-content-type-options", "nosniff"))
        .layer(set("referrer-policy", "no-referrer"))
        .layer(set("content-security-policy", "frame-ancestors 'none'"))
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, SECONDS))
        .layer(RequestBodyLimitLayer::new(LIMIT))
        .service(service_fn(answer))
}

fn by_hand() -> impl Service<Request<Full<Bytes>>, Response = Response<impl Body>, Error = Infallible> + Clone {
    ServiceBuilder::new()
        .layer(RequestIdLayer::new())
        .layer(layer::TraceLayer::new())
        .layer(SecurityHeadersLayer::new())
        .layer(ProblemsLayer::new())
        .layer(layer::CatchPanicLayer::new())
        .layer(layer::TimeoutLayer::new(SECONDS))
        .layer(BodyLimitLayer::new(LIMIT))
        .service(service_fn(answer))
}

fn fused() -> impl Service<Request<Full<Bytes>>, Response = Response<impl Body>, Error = Infallible> + Clone {
    ServiceBuilder::new()
        .layer(Stack::new().timeout(layer::TimeoutLayer::new(SECONDS)).body_limit(BodyLimitLayer::new(LIMIT)))
        .service(service_fn(answer))
}

/// Sends one request through a clone of the service, and reads the body to its end, as servers do: a body that is
/// dropped early means that the client left.
fn cloned_per_call<S, B>(service: S) -> Box<dyn FnMut()>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible> + Clone + 'static,
    B: Body,
{
    Box::new(move || now(answered(service.clone())))
}

async fn answered<S, B>(service: S)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible>,
    B: Body,
{
    let Ok(response) = service.oneshot(request()).await;
    let (head, body) = response.into_parts();
    let mut body = pin!(body);
    while !body.is_end_stream() && body.frame().await.is_some() {}
    drop(black_box(head));
}

fn request() -> Request<Full<Bytes>> {
    Request::get("/v1/orders/7?expand=lines")
        .header(header::HOST, "shop.example")
        .header(header::USER_AGENT, "curl/8.1")
        .header(header::ACCEPT, "application/json")
        .header(header::ACCEPT_ENCODING, "gzip")
        .header(header::AUTHORIZATION, "Bearer 0123456789")
        .header("x-forwarded-for", "192.0.2.7")
        .body(Full::default())
        .expect("a request")
}
