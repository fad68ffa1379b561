//! The same on plain hyper: handlers become tower services, a `match` routes, and the example has its own accept loop.
//! It speaks HTTP/1.1 and HTTP/2, and on a stop signal (Ctrl-C) it finishes the requests in progress.
//!
//! ```sh
//! cargo run --example hyper --features derive,extract,respond,stack
//!
//! curl -i localhost:3000/orders -H 'content-type: application/json' -d '{"customer": "ann", "quantity": 2}'  # 201
//! curl -i localhost:3000/orders -H 'content-type: application/json' -d '{"customer": " ", "quantity": 0, "x": 1}'  # 422
//! curl -i --http2-prior-knowledge localhost:3000/orders/7  # 200
//! curl -i localhost:3000/orders/%37  # 200
//! curl -i localhost:3000/orders/seven  # 422
//! curl -i -X DELETE localhost:3000/orders/7  # 405
//! curl -i -X DELETE localhost:3000/orders  # 405
//! ```

use std::convert::Infallible;
use std::time::Duration;

use buttress::extract::Path;
use buttress::handler::{IntoResponse, PathParams, RequestBody, Response, RouteTemplate, service};
use buttress::problem::Allow;
use buttress::respond::{Created, Location};
use buttress::stack::Stack;
use buttress::{Json, Payload, Problem};
use http::{Method, Request};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt, service_fn};

#[derive(Serialize, Deserialize, Payload)]
#[serde(deny_unknown_fields)]
#[payload(trim)]
struct Order {
    #[validate(length(min = 1, max = 64))]
    customer: String,
    #[validate(range(min = 1, max = 999))]
    quantity: u32,
}

async fn create(Json(order): Json<Order>) -> Created<Json<Order>> {
    Created::at(Location::segments(["orders", "7"]), Json(order))
}

async fn read(Path(id): Path<u32>) -> Result<Json<Order>, Problem> {
    match id {
        7 => Ok(Json(Order { customer: "ann".to_owned(), quantity: 2 })),
        _ => Err(Problem::not_found()),
    }
}

const ORDERS: &str = "/orders";
const ORDER: &str = "/orders/{id}";

/// The whole routing. It records the matched template, for the span.
async fn route<B: RequestBody>(mut request: Request<B>) -> Result<Response, Infallible> {
    let matching = |template| PathParams::matching(template, request.uri().path()).map(|params| (template, params));
    let Some((template, params)) = matching(ORDERS).or_else(|| matching(ORDER)) else {
        return Ok(Problem::not_found().into_response());
    };
    request.extensions_mut().insert(params);
    let mut response = match (template, request.method()) {
        (ORDERS, &Method::POST) => service(create, ()).oneshot(request).await?,
        (ORDERS, _) => not_allowed(&[Method::POST]),
        (_, &Method::GET | &Method::HEAD) => service(read, ()).oneshot(request).await?,
        _ => not_allowed(&[Method::GET, Method::HEAD]),
    };
    response.extensions_mut().insert(RouteTemplate::new(template));
    Ok(response)
}

fn not_allowed(methods: &[Method]) -> Response {
    Problem::method_not_allowed(&Allow::new(methods)).into_response()
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    tracing_subscriber::fmt().init();
    let service = Stack::new().layer(service_fn(route));
    let listener = TcpListener::bind(std::env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned())).await?;
    println!("listening on http://{}", listener.local_addr()?);

    let mut builder = Builder::new(TokioExecutor::new());
    // Without a timer, hyper does not close a connection whose request head never comes.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(10));
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Duration::from_secs(10));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        let stream = tokio::select! {
            _ = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // The process is out of file descriptors, or the client disconnected at once: the next accept may
                // succeed.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service.clone()));
        tokio::spawn(graceful.watch(connection.into_owned()));
    }
    drop(listener);
    // Requests that take longer than this are cut off.
    _ = tokio::time::timeout(Duration::from_secs(10), graceful.shutdown()).await;
    Ok(())
}
