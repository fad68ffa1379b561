//! The servers: a listener on the loopback, hyper's connections, and the layers around either application.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use buttress::body::BoxError;
use buttress::layer::{
    BodyLimitLayer, CatchPanicLayer, ProblemsLayer, RequestIdLayer, SecurityHeadersLayer, TimeoutLayer, TraceLayer,
};
use buttress::stack::Stack;
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::limit::ConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower::{Service, ServiceBuilder};
use tower_http::cors::{Any, CorsLayer};

use crate::app;
use crate::rows::BODY_LIMIT;

/// The framework of the handlers, and how the layers are applied around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Host {
    pub(crate) framework: Framework,
    layers: Layers,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Framework {
    /// An axum router, wrapped by its own `layer`.
    Axum,
    /// A plain tower service.
    Hyper,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Layers {
    /// One by one.
    Stacked,
    /// Fused, as [`Stack`].
    Fused,
}

impl Host {
    pub(crate) const ALL: [Self; 4] = [
        Self { framework: Framework::Axum, layers: Layers::Stacked },
        Self { framework: Framework::Axum, layers: Layers::Fused },
        Self { framework: Framework::Hyper, layers: Layers::Stacked },
        Self { framework: Framework::Hyper, layers: Layers::Fused },
    ];
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone, Copy)]
struct Limits {
    time: Duration,
    concurrency: usize,
}

const PATIENT: Limits = Limits { time: Duration::from_secs(60), concurrency: 100 };

fn problems() -> ProblemsLayer {
    ProblemsLayer::new().type_base("https://shop.example/problems/").retry_after(Duration::from_secs(3))
}

/// The layers, stacked by hand. This is a macro because their type cannot be written out.
macro_rules! stacked {
    ($limits:expr) => {
        ServiceBuilder::new()
            .layer(RequestIdLayer::new())
            .layer(TraceLayer::new())
            .layer(SecurityHeadersLayer::new())
            .layer(problems())
            .layer(CatchPanicLayer::new())
            .layer(LoadShedLayer::new())
            .layer(ConcurrencyLimitLayer::new($limits.concurrency))
            .layer(TimeoutLayer::new($limits.time))
            .layer(BodyLimitLayer::new(BODY_LIMIT))
            .layer(app::FailLayer)
    };
}

macro_rules! fused {
    ($limits:expr) => {
        ServiceBuilder::new()
            .layer(
                Stack::new()
                    .problems(problems())
                    .concurrency($limits.concurrency)
                    .timeout(TimeoutLayer::new($limits.time))
                    .body_limit(BodyLimitLayer::new(BODY_LIMIT)),
            )
            .layer(app::FailLayer)
    };
}

impl Server {
    pub(crate) async fn start(host: Host) -> Self {
        Self::with(host, PATIENT).await
    }

    /// A server that gives handlers a tenth of a second.
    pub(crate) async fn hasty(host: Host) -> Self {
        Self::with(host, Limits { time: Duration::from_millis(100), ..PATIENT }).await
    }

    /// A server without room for a single request.
    pub(crate) async fn busy(host: Host) -> Self {
        Self::with(host, Limits { concurrency: 0, ..PATIENT }).await
    }

    /// A server with tower-http's CORS around the layers.
    pub(crate) async fn with_cors(host: Host) -> Self {
        Self::behind_cors(host, PATIENT).await
    }

    pub(crate) async fn hasty_with_cors(host: Host) -> Self {
        Self::behind_cors(host, Limits { time: Duration::from_millis(100), ..PATIENT }).await
    }

    async fn behind_cors(host: Host, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cors = ServiceBuilder::new().layer(CorsLayer::new().allow_origin(Any));
        let task = match (host.framework, host.layers) {
            (Framework::Axum, Layers::Stacked) => {
                tokio::spawn(serve(listener, app::axum().layer(cors.layer(stacked!(limits)))))
            }
            (Framework::Axum, Layers::Fused) => {
                tokio::spawn(serve(listener, app::axum().layer(cors.layer(fused!(limits)))))
            }
            (Framework::Hyper, Layers::Stacked) => {
                tokio::spawn(serve(listener, cors.layer(stacked!(limits)).service(app::hyper())))
            }
            (Framework::Hyper, Layers::Fused) => {
                tokio::spawn(serve(listener, cors.layer(fused!(limits)).service(app::hyper())))
            }
        };
        Self { address, task }
    }

    async fn with(host: Host, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = match (host.framework, host.layers) {
            (Framework::Axum, Layers::Stacked) => tokio::spawn(serve(listener, app::axum().layer(stacked!(limits)))),
            (Framework::Axum, Layers::Fused) => tokio::spawn(serve(listener, app::axum().layer(fused!(limits)))),
            (Framework::Hyper, Layers::Stacked) => {
                tokio::spawn(serve(listener, stacked!(limits).service(app::hyper())))
            }
            (Framework::Hyper, Layers::Fused) => tokio::spawn(serve(listener, fused!(limits).service(app::hyper()))),
        };
        Self { address, task }
    }
}

async fn serve<S, B>(listener: TcpListener, service: S)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send> + Clone + Send + 'static,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        let service = TowerToHyperService::new(service.clone());
        // The client observes how a connection ends.
        tokio::spawn(async move {
            let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
