use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use buttress::body::BoxError;
use buttress::layer::{BodyLimitLayer, CatchPanicLayer, ProblemsLayer, TimeoutLayer};
use bytes::Bytes;
use http::{Method, Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{Service, ServiceBuilder};

use super::inputs::Shop;
use super::{body, content, own, patch, plain, request};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Server {
    /// For the message of a failed test.
    #[allow(dead_code)]
    name: &'static str,
    pub(crate) address: SocketAddr,
}

/// The one list of routes, for both routers.
macro_rules! routes {
    ($($method:ident $path:literal $handler:expr;)*) => {
        fn axum_router() -> axum::Router<Shop> {
            axum::Router::new()$(.route($path, axum::routing::on(method(stringify!($method)), $handler)))*
        }

        fn plain_router<B: buttress::handler::RequestBody>() -> plain::Router<Shop, B> {
            plain::Router::new(Shop::default())$(.route(Method::$method, $path, $handler))*
        }
    };
}

fn method(name: &str) -> axum::routing::MethodFilter {
    name.parse::<Method>().unwrap().try_into().unwrap()
}

routes! {
    POST "/json" content::json;
    POST "/json/optional" content::optional_json;
    POST "/json/unchecked" content::unchecked_json;
    POST "/json/any" content::any_json;
    POST "/form" content::form;
    POST "/form/unchecked" content::unchecked_form;
    POST "/raw" content::raw;
    POST "/small" body::small;
    GET "/query" request::query;
    GET "/query/unchecked" request::unchecked_query;
    GET "/items/{id}" request::one;
    GET "/items/{id}/parts/{part}" request::two;
    GET "/shelves/{shelf}/{place}" request::by_name;
    GET "/unchecked/{id}" request::unchecked_path;
    GET "/lenient/{id}" request::lenient_path;
    GET "/misfit/named/{id}" request::by_name;
    GET "/misfit/two/{id}" request::two;
    GET "/misfit/one/{id}/{other}" request::one;
    GET "/misfit/unchecked/{id}" request::unchecked_by_name;
    POST "/context" request::context;
    GET "/headers" request::headers;
    GET "/headers/unchecked" request::unchecked_headers;
    GET "/state" request::state;
    POST "/input/{id}" request::input;
    POST "/input/own/{id}" request::input_with_own;
    PATCH "/patch" patch::patch;
    GET "/own" own::extractor;
    POST "/own/body" own::body_extractor;
    GET "/own/error" own::error;
    GET "/own/generic" own::generic_error;
    GET "/own/answer" own::answer;
}

impl Server {
    /// axum, with the usual layers.
    pub(crate) async fn axum() -> Self {
        let layers = ServiceBuilder::new()
            .layer(ProblemsLayer::new())
            .layer(CatchPanicLayer::new())
            .layer(TimeoutLayer::new(Duration::from_secs(20)))
            .layer(BodyLimitLayer::new(4 * 1024 * 1024));
        let service = axum_router().with_state(Shop::default()).layer(layers);
        Self::start("axum", service).await
    }

    /// A plain tower service, with the usual layers.
    pub(crate) async fn plain() -> Self {
        let service = ServiceBuilder::new()
            .layer(ProblemsLayer::new())
            .layer(CatchPanicLayer::new())
            .layer(TimeoutLayer::new(Duration::from_secs(20)))
            .layer(BodyLimitLayer::new(4 * 1024 * 1024))
            .service(plain_router());
        Self::start("plain", service).await
    }

    pub(crate) async fn bare_axum() -> Self {
        Self::start("axum without layers", axum_router().with_state(Shop::default())).await
    }

    pub(crate) async fn bare_plain() -> Self {
        Self::start("plain without layers", plain_router()).await
    }

    pub(crate) async fn start<S, B>(name: &'static str, service: S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>,
        S: Clone + Send + 'static,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let service = TowerToHyperService::new(service.clone());
                tokio::spawn(async move {
                    let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    // A client that leaves is not a failure of the server.
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { name, address }
    }
}
