//! A server of one of several kinds, for a load from outside: `server KIND`, see `scripts/bench-sockets`.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use buttress::layer;
use buttress::stack::Stack;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{Layer, ServiceBuilder, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

const SECONDS: Duration = Duration::from_secs(10);
const LIMIT: usize = 1 << 20;

/// The same layers from tower-http, without problems, which it does not offer.
macro_rules! peers {
    () => {
        ServiceBuilder::new()
            .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
            .layer(TraceLayer::new_for_http())
            .layer(PropagateRequestIdLayer::x_request_id())
            .layer(SetResponseHeaderLayer::if_not_present(
                header::X_CONTENT_TYPE_OPTIONS,
                HeaderValue::from_static("nosniff"),
            ))
            .layer(SetResponseHeaderLayer::if_not_present(
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("frame-ancestors 'none'"),
            ))
            .layer(CatchPanicLayer::new())
            .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, SECONDS))
            .layer(RequestBodyLimitLayer::new(LIMIT))
    };
}

fn main() -> std::io::Result<()> {
    let kind = std::env::args().nth(1).unwrap_or_default();
    // One thread: the other core is for the load generator.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(&kind))
}

async fn serve(kind: &str) -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    match kind {
        "hyper" => on_hyper(listener, service_fn(answer)).await,
        "hyper+buttress" => on_hyper(listener, stack().layer(service_fn(answer))).await,
        "hyper+tower-http" => on_hyper(listener, peers!().service(service_fn(answer))).await,
        "axum" => axum::serve(listener, app()).await,
        "axum+buttress" => axum::serve(listener, app().layer(stack())).await,
        "axum+tower-http" => axum::serve(listener, app().layer(peers!())).await,
        _ => Err(std::io::Error::other("no such kind of server")),
    }
}

fn stack() -> Stack {
    Stack::new().timeout(layer::TimeoutLayer::new(SECONDS)).body_limit(layer::BodyLimitLayer::new(LIMIT))
}

fn app() -> Router {
    Router::new().route("/", get(|| async { ([(header::CONTENT_TYPE, "application/json")], "{\"ok\":true}") }))
}

async fn answer<B>(_: Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"{\"ok\":true}")));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

async fn on_hyper<S, B>(listener: TcpListener, service: S) -> std::io::Result<()>
where
    S: tower::Service<Request<hyper::body::Incoming>, Response = Response<B>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
    B: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            // The load generator disconnects in the middle of a request when its time is over.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
