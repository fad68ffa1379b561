//! The handlers that fail, once behind axum's router and once behind a match.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::routing::{get, post};
use buttress::adapter::axum::On;
use buttress::body::{Body, BoxError};
use buttress::extract::{Form, Input, Path, Query};
use buttress::handler::{IntoResponse, PathParams, RequestBody, Response};
use buttress::problem::{Allow, Challenge, ErrorStatus, catalogue};
use buttress::{Json, Payload, Problem, handler};
use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};
use http::{Method, Request, StatusCode};
use http_body::Frame;
use serde::{Deserialize, Serialize, Serializer};
use tokio::sync::Semaphore;
use tower::{Layer, Service, ServiceExt};

use crate::rows::{INTERNAL, PANIC};

#[derive(Debug, Deserialize, Payload)]
#[serde(deny_unknown_fields)]
struct Order {
    #[validate(length(min = 1, max = 64))]
    customer: String,
    #[validate(range(min = 1, max = 999))]
    quantity: u32,
}

#[derive(Debug, Deserialize, Payload)]
struct Listing {
    #[validate(range(min = 1, max = 100))]
    limit: u32,
}

async fn take(Json(order): Json<Order>) -> String {
    format!("{} {}", order.customer, order.quantity)
}

async fn take_form(Form(order): Form<Order>) -> String {
    format!("{} {}", order.customer, order.quantity)
}

async fn take_both(Input((Query(listing), Json(order))): Input<(Query<Listing>, Json<Order>)>) -> String {
    format!("{} {} {}", listing.limit, order.customer, order.quantity)
}

async fn list(Query(listing): Query<Listing>) -> String {
    listing.limit.to_string()
}

async fn item(Path(id): Path<u32>) -> String {
    id.to_string()
}

async fn fine() -> &'static str {
    "fine"
}

async fn private() -> Problem {
    Problem::unauthorized(&Challenge::bearer())
}

async fn not_acceptable() -> Problem {
    Problem::of(catalogue::NOT_ACCEPTABLE)
}

async fn conflict() -> Problem {
    Problem::new(ErrorStatus::CONFLICT, "out-of-stock", "Out of stock")
}

async fn internal() -> Result<&'static str, Problem> {
    Err(Problem::internal(io::Error::other(INTERNAL)))
}

#[derive(Debug, thiserror::Error, Problem)]
enum Backend {
    #[error("{INTERNAL}")]
    #[problem(status = 503)]
    StripeApi,
}

async fn unnamed() -> Result<&'static str, Backend> {
    Err(Backend::StripeApi)
}

async fn boom() -> &'static str {
    panic!("{PANIC}")
}

async fn late_boom() -> &'static str {
    tokio::task::yield_now().await;
    panic!("{PANIC}")
}

async fn slow() -> &'static str {
    pending().await
}

struct Unserialisable;

impl Serialize for Unserialisable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom(INTERNAL))
    }
}

async fn unserialisable() -> (StatusCode, Json<Unserialisable>) {
    (StatusCode::CREATED, Json(Unserialisable))
}

/// Returns any failure under a success status.
async fn relabelled() -> Response {
    let mut response = conflict().await.into_response();
    *response.status_mut() = StatusCode::CREATED;
    response
}

fn foreign(status: u16) -> Response {
    let head = http::Response::builder().status(status).header("content-type", "text/html").header("retry-after", "7");
    head.body(Body::from(INTERNAL)).unwrap()
}

async fn foreign_400() -> Response {
    foreign(400)
}

async fn foreign_401() -> Response {
    foreign(401)
}

async fn foreign_405() -> Response {
    foreign(405)
}

async fn foreign_502() -> Response {
    foreign(502)
}

async fn foreign_json() -> Response {
    let head = http::Response::builder().status(422).header("content-type", "application/json");
    head.body(Body::from(format!("{{\"errors\":[\"{INTERNAL}\"]}}"))).unwrap()
}

/// `/without/{status}/{how}`: a response of another crate with this status, with its content in this form.
fn foreign_answer(path: &str) -> http::Response<Body> {
    let mut parts = path.trim_start_matches("/without/").split('/');
    let head = http::Response::builder().status(parts.next().unwrap());
    let text = || Body::boxed(http_body_util::Full::new(Bytes::from_static(b"stray")));
    let (length, body) = match parts.next().unwrap() {
        "text" => (None, text()),
        "declared" => (Some("5"), text()),
        "stream" => {
            let frame = Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"stray")));
            (None, Body::boxed(http_body_util::StreamBody::new(futures_util::stream::iter([frame]))))
        }
        "length" => (Some("1234"), Body::empty()),
        _ => (None, Body::empty()),
    };
    let head = length.into_iter().fold(head, |head, length| head.header("content-length", length));
    head.body(body).unwrap()
}

/// `/own/{status}`: the same with the types of this crate.
async fn own_answer(uri: http::Uri) -> (StatusCode, &'static str) {
    (uri.path().trim_start_matches("/own/").parse().unwrap(), "stray")
}

async fn teapot() -> StatusCode {
    StatusCode::IM_A_TEAPOT
}

/// Signals that a client has the first frame of a body that will fail: before that it might not even get the head.
pub(crate) static FIRST_FRAME: Semaphore = Semaphore::const_new(0);

/// Gives one frame, waits until it has arrived, and fails or panics.
struct Half {
    arrived: BoxFuture<'static, ()>,
    begun: bool,
    panics: bool,
}

impl Half {
    fn body(panics: bool) -> Response {
        let arrived = async { FIRST_FRAME.acquire().await.unwrap().forget() };
        Response::new(Body::boxed(Self { arrived: Box::pin(arrived), begun: false, panics }))
    }
}

impl http_body::Body for Half {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !std::mem::replace(&mut self.begun, true) {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"first")))));
        }
        ready!(self.arrived.as_mut().poll(cx));
        assert!(!self.panics, "{PANIC}");
        Poll::Ready(Some(Err(io::Error::other(INTERNAL))))
    }
}

async fn body_fails() -> Response {
    Half::body(false)
}

async fn body_panics() -> Response {
    Half::body(true)
}

pub(crate) fn axum() -> Router {
    let nested = Router::new().route("/things", get(fine));
    Router::new()
        .nest("/nested", nested)
        .merge(Router::new().route("/merged", get(fine)))
        .route("/native-body", post(|body: Bytes| async move { body }))
        .route(
            "/native-path/{id}",
            get(|axum::extract::Path(id): axum::extract::Path<u32>| async move { id.to_string() }),
        )
        .route("/orders", post(take))
        .route("/form", post(take_form))
        .route("/both", post(take_both))
        .route("/list", get(list))
        .route("/items/{id}", get(item))
        .route("/fine", get(fine))
        .route("/private", get(private))
        .route("/not-acceptable", get(not_acceptable))
        .route("/conflict", get(conflict))
        .route("/internal", get(internal))
        .route("/unnamed", get(unnamed))
        .route("/foreign-json", get(foreign_json))
        .route(
            "/without/{status}/{how}",
            get(|uri: http::Uri| async move { foreign_answer(uri.path()).map(axum::body::Body::new) }),
        )
        .route("/own/{status}", get(On(own_answer)))
        .route("/boom", get(boom))
        .route("/late-boom", get(late_boom))
        .route("/slow", get(slow).post(slow))
        .route("/unserialisable", get(unserialisable))
        .route("/relabelled", get(relabelled))
        .route("/foreign", get(foreign_400))
        .route("/foreign-401", get(foreign_401))
        .route("/foreign-405", get(foreign_405))
        .route("/foreign-502", get(foreign_502))
        .route("/teapot", get(teapot))
        .route("/body-fails", get(body_fails))
        .route("/body-panics", get(body_panics))
        .route("/layer-error", get(fine))
}

/// The same routes without a framework.
pub(crate) const fn hyper() -> Plain {
    Plain
}

#[derive(Clone, Copy)]
pub(crate) struct Plain;

impl<B: RequestBody> Service<Request<B>> for Plain {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        route(request).boxed()
    }
}

async fn route<B: RequestBody>(mut request: Request<B>) -> Result<Response, Infallible> {
    macro_rules! run {
        ($handler:expr) => {
            handler::service($handler, ()).oneshot(request).await
        };
    }
    let path = request.uri().path().to_owned();
    if let Some(id) = path.strip_prefix("/items/") {
        request.extensions_mut().insert(PathParams::from_iter([("id", id)]));
        return run!(item);
    }
    match path.as_str() {
        "/orders" if request.method() == Method::POST => run!(take),
        "/orders" => run!(async || Problem::method_not_allowed(&Allow::new(&[Method::POST]))),
        "/form" => run!(take_form),
        "/both" => run!(take_both),
        "/list" => run!(list),
        "/fine" => run!(fine),
        "/private" => run!(private),
        "/not-acceptable" => run!(not_acceptable),
        "/conflict" => run!(conflict),
        "/internal" => run!(internal),
        "/unnamed" => run!(unnamed),
        "/foreign-json" => run!(foreign_json),
        path if path.starts_with("/without/") => Ok(foreign_answer(path)),
        path if path.starts_with("/own/") => run!(own_answer),
        "/boom" => run!(boom),
        "/late-boom" => run!(late_boom),
        "/slow" => run!(slow),
        "/unserialisable" => run!(unserialisable),
        "/relabelled" => run!(relabelled),
        "/foreign" => run!(foreign_400),
        "/foreign-401" => run!(foreign_401),
        "/foreign-405" => run!(foreign_405),
        "/foreign-502" => run!(foreign_502),
        "/teapot" => run!(teapot),
        "/body-fails" => run!(body_fails),
        "/body-panics" => run!(body_panics),
        _ => run!(async || StatusCode::NOT_FOUND),
    }
}

/// A layer of another crate, which fails with an error of its own.
#[derive(Clone, Copy)]
pub(crate) struct FailLayer;

#[derive(Clone)]
pub(crate) struct Fail<S>(S);

impl<S> Layer<S> for FailLayer {
    type Service = Fail<S>;

    fn layer(&self, inner: S) -> Fail<S> {
        Fail(inner)
    }
}

impl<S, B> Service<Request<B>> for Fail<S>
where
    S: Service<Request<B>, Error = Infallible, Future: Send + 'static>,
    S::Response: 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<S::Response, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx).map_err(|never| match never {})
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if request.uri().path() == "/layer-error" {
            return async { Err(INTERNAL.into()) }.boxed();
        }
        self.0.call(request).map(|answer| answer.map_err(|never| match never {})).boxed()
    }
}
