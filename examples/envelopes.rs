//! A team's formats for responses: every success is wrapped, and errors are written as another standard has them.
//!
//! ```sh
//! cargo run --example envelopes --features axum,derive,extract,respond,stack -- json-api    # rfc9457, aip-193, own
//!
//! curl -i localhost:3000/orders -H 'content-type: application/json' -d '{"customer": "ann", "quantity": 2}'  # 201
//! curl -i localhost:3000/orders -H 'content-type: application/json' -d '{"customer": "", "quantity": 0}'  # 422
//! curl -i localhost:3000/orders -H 'content-type: application/json' -d '{"customer": "ann", "quantity": 500}'  # 409
//! curl -i localhost:3000/nowhere  # 404
//! ```
//!
//! A success is `{"data": {"customer": "ann", "quantity": 2}, "meta": {"request_id": "…"}}`. With `own`, an error is
//! `{"ok": false, "reason": "out-of-stock", "fields": []}`.

use axum::Router;
use axum::routing::post;
use buttress::layer::{ProblemsLayer, SuccessEnvelopeLayer};
use buttress::problem::envelope::{Aip193, JsonApi};
use buttress::problem::{Envelope, ProblemDetails};
use buttress::respond::{Created, Location};
use buttress::stack::Stack;
use buttress::{Json, Payload, Problem};
use http::HeaderValue;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Payload)]
#[serde(deny_unknown_fields)]
struct Order {
    #[validate(length(min = 1, max = 64))]
    customer: String,
    #[validate(range(min = 1, max = 999))]
    quantity: u32,
}

#[derive(Debug, thiserror::Error, Problem)]
enum OrderError {
    /// There are fewer pieces than were ordered.
    #[error("out of stock, {left} left")]
    #[problem(status = 409, title = "Out of stock", detail)]
    OutOfStock {
        #[problem(member)]
        left: u32,
    },
}

#[buttress::handler(axum)]
async fn create(Json(order): Json<Order>) -> Result<Created<Json<Order>>, OrderError> {
    if order.quantity > 100 {
        return Err(OrderError::OutOfStock { left: 100 });
    }
    Ok(Created::at(Location::segments(["orders", "7"]), Json(order)))
}

/// The team's own format. It sees only what a client may be shown: of a server error no detail, no members and no
/// fields.
struct Own;

#[derive(Serialize)]
struct Body<'a> {
    ok: bool,
    reason: &'a str,
    fields: Vec<String>,
}

impl Envelope for Own {
    fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static("application/json")
    }

    fn write(&self, problem: &ProblemDetails<'_>, out: &mut Vec<u8>) {
        let fields = problem.violations().iter().map(|found| found.location().to_string()).collect();
        let body = Body { ok: false, reason: problem.code(), fields };
        // Texts always have JSON, and a `Vec` accepts every write.
        let _ = serde_json::to_writer(out, &body);
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    tracing_subscriber::fmt().init();
    let problems = match std::env::args().nth(1).as_deref() {
        None | Some("rfc9457") => ProblemsLayer::new(),
        Some("json-api") => ProblemsLayer::new().envelope(JsonApi),
        Some("aip-193") => ProblemsLayer::new().envelope(Aip193::new("shop.example")),
        Some("own") => ProblemsLayer::new().envelope(Own),
        Some(_) => return Err(std::io::Error::other("the formats are rfc9457, json-api, aip-193 and own")),
    };
    let app = Router::new()
        .route("/orders", post(create))
        // Inside the stack, which gives requests the ids that `meta` shows.
        .layer(SuccessEnvelopeLayer::new())
        .layer(Stack::new().problems(problems));

    let listener =
        tokio::net::TcpListener::bind(std::env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned())).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await
}
