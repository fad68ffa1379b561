//! Orders on axum: validated input, typed errors, and the standard layers around them.
//!
//! ```sh
//! cargo run --example axum --features axum,derive,extract,respond,stack
//!
//! curl -i localhost:3000/orders -H 'content-type: application/json' -d '{"customer": "ann", "quantity": 2}'  # 201
//! curl -i localhost:3000/orders -H 'content-type: application/json' -d '{"customer": " ", "quantity": 0, "x": 1}'  # 422
//! curl -i localhost:3000/orders/1  # 200
//! curl -i localhost:3000/orders/2  # 404
//! curl -i 'localhost:3000/orders?limit=nine'  # 422
//! ```

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::routing::get;
use buttress::adapter::axum::matched_path;
use buttress::extract::{Path, Query};
use buttress::layer::TraceLayer;
use buttress::respond::{Created, Location};
use buttress::stack::Stack;
use buttress::{Json, Payload, Problem, State};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Payload)]
#[serde(deny_unknown_fields)]
#[payload(trim)]
struct Order {
    #[validate(length(min = 1, max = 64))]
    customer: String,
    #[validate(range(min = 1, max = 999))]
    quantity: u32,
}

#[derive(Deserialize, Payload)]
#[serde(deny_unknown_fields)]
struct Listing {
    #[validate(range(min = 1, max = 100))]
    limit: Option<usize>,
}

#[derive(Debug, thiserror::Error, Problem)]
enum OrderError {
    #[error("there is no order {id}")]
    #[problem(status = 404, detail = "there is no such order")]
    UnknownOrder { id: usize },
    #[error("the shop takes 3 orders a day")]
    #[problem(status = 409, detail = "come back tomorrow")]
    SoldOut,
}

type Orders = Arc<Mutex<Vec<Order>>>;

#[buttress::handler(axum)]
async fn create(State(orders): State<Orders>, Json(order): Json<Order>) -> Result<Created<Json<Order>>, OrderError> {
    let mut orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
    if orders.len() == 3 {
        return Err(OrderError::SoldOut);
    }
    orders.push(order.clone());
    Ok(Created::at(Location::segments(["orders", &orders.len().to_string()]), Json(order)))
}

#[buttress::handler(axum)]
async fn read(State(orders): State<Orders>, Path(id): Path<usize>) -> Result<Json<Order>, OrderError> {
    let orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
    let order = id.checked_sub(1).and_then(|index| orders.get(index));
    order.cloned().map(Json).ok_or(OrderError::UnknownOrder { id })
}

#[buttress::handler(axum)]
async fn list(State(orders): State<Orders>, Query(listing): Query<Listing>) -> Json<Vec<Order>> {
    let orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
    Json(orders.iter().take(listing.limit.unwrap_or(20)).cloned().collect())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    tracing_subscriber::fmt().init();
    let app = Router::new()
        .route("/orders", get(list).post(create))
        .route("/orders/{id}", get(read))
        .with_state(Orders::default())
        .layer(Stack::new().trace(TraceLayer::new().route_from(matched_path)));

    let listener =
        tokio::net::TcpListener::bind(std::env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned())).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(async { _ = tokio::signal::ctrl_c().await }).await
}
