//! The shop as one axum router: the state that its handlers share, its routes, and the layers around them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use buttress::adapter::axum::matched_path;
use buttress::handler::Provide;
use buttress::layer::{BodyLimitLayer, ProblemsLayer, QueryCountLayer, TimeoutLayer, TraceLayer};
use buttress::outbox::Outbox;
use buttress::page::CursorKeys;
use buttress::stack::Stack;
use buttress::store::Store;
use tower::layer::util::Identity;

use crate::auth::AdminToken;
use crate::repositories::{SqlOrders, SqlProducts};
use crate::routes;
use crate::services::{Orders, Products};

/// The address under which the shop's problem types are documented.
const PROBLEMS: &str = "https://shop.example/problems/";
/// The largest body that is read, in bytes.
const MAX_BODY: usize = 1 << 20;
/// How often a request may send the same statement before a warning is logged. An order may have 50 lines, and each may
/// take another product out of stock.
const REPEATED_QUERIES: u64 = 51;
/// How long a request may take, the arrival of its body included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// The state: handlers ask for its parts with `State<…>`.
#[derive(Clone)]
pub struct App {
    orders: Arc<Orders>,
    products: Arc<Products>,
    admin_token: AdminToken,
    cursor_keys: CursorKeys,
}

impl App {
    /// Makes the services over one database.
    pub fn new(store: &Store, outbox: &Outbox, admin_token: AdminToken, cursor_keys: CursorKeys) -> Self {
        let (orders, products) = (Arc::new(SqlOrders), Arc::new(SqlProducts));
        Self {
            orders: Arc::new(Orders::new(store.clone(), outbox.clone(), orders, products.clone())),
            products: Arc::new(Products::new(store.clone(), products)),
            admin_token,
            cursor_keys,
        }
    }

    /// The product service, which adds the seeds before the first request.
    pub fn products(&self) -> &Products {
        &self.products
    }

    /// The router, with all layers.
    pub fn router(self) -> Router {
        Router::new().nest("/v1", routes::v1()).with_state(self).layer(stack())
    }
}

/// The layers around all routes, and around requests that match none.
fn stack() -> Stack<Identity, QueryCountLayer> {
    Stack::new()
        .trace(TraceLayer::new().route_from(matched_path))
        .problems(ProblemsLayer::new().type_base(PROBLEMS))
        .timeout(TimeoutLayer::new(REQUEST_TIMEOUT))
        // A request without a route is a 404, and one without a token a 401, however large it is.
        .body_limit(BodyLimitLayer::new(MAX_BODY).when_read())
        // For the line that the trace logs about each request.
        .query_count(QueryCountLayer::new().warn_at(REPEATED_QUERIES))
}

impl Provide<Arc<Orders>> for App {
    fn provide(&self) -> Arc<Orders> {
        Arc::clone(&self.orders)
    }
}

impl Provide<Arc<Products>> for App {
    fn provide(&self) -> Arc<Products> {
        Arc::clone(&self.products)
    }
}

impl Provide<AdminToken> for App {
    fn provide(&self) -> AdminToken {
        self.admin_token.clone()
    }
}

impl Provide<CursorKeys> for App {
    fn provide(&self) -> CursorKeys {
        self.cursor_keys.clone()
    }
}
