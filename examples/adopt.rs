//! An axum service that was written without Buttress adopts it one piece at a time. Each step stands alone and keeps
//! the service's behaviour; stop after any of them.
//!
//! ```sh
//! cargo run --example adopt --features axum,derive,extract,layer,respond -- 0    # … 1, 2, 3, 4
//!
//! curl -i localhost:3000/orders -H 'content-type: application/json' -d '{"sku": "MUG-001", "quantity": 2}'  # 201
//! curl -i localhost:3000/orders -H 'content-type: application/json' -d '{"sku": "", "quantity": 1000, "x": 1}'  # 422
//! curl -i localhost:3000/orders -H 'content-type: application/json' -d '{"sku": "PIN-003", "quantity": 1}'  # 409
//! curl -i localhost:3000/orders -H 'content-type: application/json' -d '{'  # 400
//! curl -i localhost:3000/nowhere  # 404
//! ```

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use buttress::layer::{CatchPanicLayer, ProblemsLayer, RequestIdLayer};
use serde::{Deserialize, Serialize};

/// Step 0, the original service: its own errors are its own JSON or plain text, and axum's errors are plain text.
mod before {
    use super::*;
    use axum::response::{IntoResponse, Response};
    use serde_json::json;

    #[derive(Deserialize, Serialize)]
    pub(super) struct Order {
        pub(super) sku: String,
        pub(super) quantity: u32,
    }

    pub(super) async fn create(
        axum::Json(order): axum::Json<Order>,
    ) -> Result<(StatusCode, axum::Json<Order>), Response> {
        if order.sku.is_empty() {
            let errors = json!({"errors": {"sku": ["must not be empty"]}});
            return Err((StatusCode::UNPROCESSABLE_ENTITY, axum::Json(errors)).into_response());
        }
        if order.sku == "PIN-003" {
            return Err((StatusCode::CONFLICT, format!("{} is out of stock", order.sku)).into_response());
        }
        Ok((StatusCode::CREATED, axum::Json(order)))
    }

    pub(super) fn app() -> Router {
        Router::new().route("/orders", post(create))
    }
}

/// Step 1, one layer: plain-text errors become `application/problem+json` with a code, a panic is a 500, and the id of
/// the request is in the response and in the log. No handler has changed, and the JSON errors that clients already read
/// stay as they are.
fn with_layers(app: Router) -> Router {
    around(app, ProblemsLayer::new().pass_foreign(is_json))
}

fn is_json(_: StatusCode, headers: &HeaderMap) -> bool {
    headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

fn around(app: Router, problems: ProblemsLayer) -> Router {
    app.layer(CatchPanicLayer::new()).layer(problems).layer(RequestIdLayer::new())
}

/// Step 2, an error type: problems replace the service's JSON errors, and its own codes replace those derived from the
/// status. The layer no longer has to let foreign errors pass. If clients depend on a status that Buttress would not
/// give, `ProblemsLayer::map` sets it.
mod with_errors {
    use super::*;

    #[derive(Debug, thiserror::Error, buttress::Problem)]
    pub(super) enum OrderError {
        #[error("the sku is empty")]
        #[problem(status = 422, detail = "sku must not be empty")]
        EmptySku,
        #[error("{sku} is out of stock")]
        #[problem(status = 409, title = "Out of stock")]
        OutOfStock {
            #[problem(member)]
            sku: String,
        },
    }

    async fn create(
        axum::Json(order): axum::Json<before::Order>,
    ) -> Result<(StatusCode, axum::Json<before::Order>), OrderError> {
        match order.sku.as_str() {
            "" => Err(OrderError::EmptySku),
            "PIN-003" => Err(OrderError::OutOfStock { sku: order.sku }),
            _ => Ok((StatusCode::CREATED, axum::Json(order))),
        }
    }

    pub(super) fn app() -> Router {
        Router::new().route("/orders", post(create))
    }
}

/// Step 3, validated input: the rules move to the type, and one response lists everything that is wrong.
mod with_input {
    use super::*;
    use buttress::{Json, Payload};

    #[derive(Deserialize, Serialize, Payload)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Order {
        #[validate(length(min = 1, max = 32))]
        pub(super) sku: String,
        #[validate(range(min = 1, max = 999))]
        pub(super) quantity: u32,
    }

    async fn create(Json(order): Json<Order>) -> Result<(StatusCode, Json<Order>), with_errors::OrderError> {
        match order.sku.as_str() {
            "PIN-003" => Err(with_errors::OrderError::OutOfStock { sku: order.sku }),
            _ => Ok((StatusCode::CREATED, Json(order))),
        }
    }

    pub(super) fn app() -> Router {
        Router::new().route("/orders", post(create))
    }
}

/// Step 4, formatted responses: a 201 with its `Location`.
mod with_answers {
    use super::*;
    use buttress::Json;
    use buttress::respond::{Created, Location};

    async fn create(
        Json(order): Json<with_input::Order>,
    ) -> Result<Created<Json<with_input::Order>>, with_errors::OrderError> {
        match order.sku.as_str() {
            "PIN-003" => Err(with_errors::OrderError::OutOfStock { sku: order.sku }),
            _ => Ok(Created::at(Location::segments(["orders", "7"]), Json(order))),
        }
    }

    pub(super) fn app() -> Router {
        Router::new().route("/orders", post(create))
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    tracing_subscriber::fmt().init();
    let app = match std::env::args().nth(1).as_deref() {
        None | Some("4") => around(with_answers::app(), ProblemsLayer::new()),
        Some("3") => around(with_input::app(), ProblemsLayer::new()),
        Some("2") => around(with_errors::app(), ProblemsLayer::new()),
        Some("1") => with_layers(before::app()),
        Some("0") => before::app(),
        Some(_) => return Err(std::io::Error::other("the steps are 0 to 4")),
    };
    let listener =
        tokio::net::TcpListener::bind(std::env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned())).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await
}
