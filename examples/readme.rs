//! The program that README.md quotes: orders that take from the stock, in one transaction.
//!
//! ```sh
//! cargo run --example readme --features axum,derive,extract,outbox,respond,sqlite,stack,transaction
//!
//! curl -i localhost:3000/v1/orders -H 'content-type: application/json' -d '{"customer": "ann", "lines": [{"sku": "mug", "quantity": 2}]}'  # 201
//! curl -i localhost:3000/v1/orders -H 'content-type: application/json' -d '{"customer": "ann", "lines": [{"sku": "mug", "quantity": 9}]}'  # 409
//! curl -i localhost:3000/v1/orders -H 'content-type: application/json' -d '{"customer": "ann", "lines": [{"sku": "mug"}], "extra": 1}'  # 422
//! curl -i localhost:3000/v1/orders -H 'content-type: application/json' -d '{"customer":'  # 400
//! curl -i localhost:3000/v1/reservations -H 'content-type: application/json' -d '{"customer": "ann", "lines": [{"sku": "mug", "quantity": 1}]}'  # 201
//! ```

use std::time::Duration;

use axum::Router;
use axum::routing::post;
use buttress::outbox::{Event, Outbox};
use buttress::respond::{Created, Location};
use buttress::sql::sql;
use buttress::stack::Stack;
use buttress::store::{Session, Store};
use buttress::transaction::{RequestTransactions, RequestTx};
use buttress::{Json, Payload, Problem, State, store};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Payload)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[payload(trim, nfc)]
struct NewOrder {
    #[validate(length(min = 1, max = 64))]
    customer: String,
    #[validate(length(min = 1, max = 50))]
    lines: Vec<Line>,
}

#[derive(Debug, thiserror::Error, Problem)]
enum ShopError {
    #[error("{sku} is out of stock")]
    #[problem(status = 409, code = "out-of-stock", title = "Out of stock")]
    OutOfStock {
        #[problem(member)]
        sku: String,
    },
    #[error(transparent)]
    #[problem(transparent)]
    Data(#[from] store::Error),
}

#[buttress::handler(axum)]
async fn create(State(orders): State<Orders>, Json(new): Json<NewOrder>) -> Result<Created<Json<Order>>, ShopError> {
    let order = orders.place(&new).await?;
    Ok(Created::at(Location::segments(["v1", "orders", &order.id]), Json(order)))
}

// axum:               Router::new().route("/v1/orders", post(create)).with_state(orders).layer(Stack::new())
// anything on tower:  Stack::new().layer(service(create, orders))

#[derive(Serialize, Deserialize, Payload)]
#[serde(deny_unknown_fields)]
struct Line {
    #[validate(length(min = 1, max = 64))]
    sku: String,
    #[validate(range(min = 1, max = 999))]
    quantity: i64,
}

#[derive(Serialize)]
struct Order {
    id: String,
    customer: String,
}

#[derive(Clone)]
struct Orders {
    store: Store,
    outbox: Outbox,
}

async fn insert(on: &mut Session, new: &NewOrder) -> Result<Order, store::Error> {
    let insert = sql("INSERT INTO orders (customer) VALUES (?) RETURNING id").bind(&new.customer);
    let id: i64 = insert.fetch_one(on).await?.get("id")?;
    Ok(Order { id: id.to_string(), customer: new.customer.clone() })
}

async fn take(on: &mut Session, line: &Line) -> Result<bool, store::Error> {
    let update = sql("UPDATE products SET stock = stock - ? WHERE sku = ? AND stock >= ?");
    Ok(update.bind(line.quantity).bind(&line.sku).bind(line.quantity).execute(on).await? == 1)
}

impl Orders {
    async fn place(&self, new: &NewOrder) -> Result<Order, ShopError> {
        let mut lines: Vec<&Line> = new.lines.iter().collect();
        lines.sort_unstable_by(|a, b| a.sku.cmp(&b.sku)); // two orders lock their rows in one order
        self.store // Store::connect("postgres://…" | "mysql://…" | "sqlite:…")
            .transaction(async |tx| {
                // Run again after a conflict, never after an unknown commit.
                for line in &lines {
                    if !take(tx, line).await? {
                        return Err(ShopError::OutOfStock { sku: line.sku.clone() });
                    }
                }
                let order = insert(tx, new).await?;
                self.outbox.write(tx, Event::new("order-placed").key(&order.id).json(&order)?).await?;
                Ok(order) // Err, a panic or a client that leaves: rolled back
            })
            .await
    }
}

/// Or in the request's own transaction, which is committed before the 201 leaves.
#[buttress::handler(axum)]
async fn reserve(mut tx: RequestTx, Json(new): Json<NewOrder>) -> Result<Created<Json<Order>>, ShopError> {
    let order = insert(&mut tx, &new).await?;
    Ok(Created::at(Location::segments(["v1", "orders", &order.id]), Json(order)))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let (store, outbox) = (Store::connect("sqlite::memory:").await?, Outbox::new());
    outbox.migrate(&store).await?;
    for statement in [
        sql("CREATE TABLE products (sku TEXT PRIMARY KEY, stock INTEGER NOT NULL) STRICT"),
        sql("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL) STRICT"),
        sql("INSERT INTO products VALUES ('mug', 3)"),
    ] {
        statement.execute(&mut store.session()).await?;
    }

    let orders = Orders { store: store.clone(), outbox };
    let app = Router::new()
        .route("/v1/reservations", post(reserve))
        .layer(RequestTransactions::new(store.clone()))
        .route("/v1/orders", post(create))
        .with_state(orders)
        .layer(Stack::new());
    let address = std::env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(async { _ = tokio::signal::ctrl_c().await }).await?;
    store.close(Duration::from_secs(5)).await?;
    Ok(())
}
