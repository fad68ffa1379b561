//! A shop that sells mugs: the service to copy when starting with buttress.
//!
//! ```text
//! cargo run -p shop
//! ```
//!
//! It needs nothing else: the SQLite file `shop.db` is created in the working directory and filled with three products.
//! It prints a token for the protected routes, and `listening on http://127.0.0.1:3000` once it accepts. Then:
//!
//! ```text
//! curl -i localhost:3000/v1/products
//!
//! curl -i localhost:3000/v1/orders --json '{"customer": "ann", "lines": [{"sku": "MUG-001", "quantity": 2}]}'
//! curl -i 'localhost:3000/v1/orders?customer=ann&sort=-total&limit=10'
//!
//! # One response lists everything that is wrong with a request:
//! curl -i localhost:3000/v1/orders --json '{"customer": " ", "lines": [{"quantity": 0}], "colour": "red"}'
//!
//! # To change an order, a client must have seen its latest state. ID is that of the order above, "1" its ETag:
//! curl -i -X PATCH localhost:3000/v1/orders/ID -H 'Content-Type: application/merge-patch+json' \
//!     -H 'If-Match: "1"' -d '{"note": "gift wrap, please"}'
//! curl -i -X POST localhost:3000/v1/orders/ID/cancel
//!
//! # To change products, a client needs the token:
//! curl -i localhost:3000/v1/products --json '{"sku": "CAP-004", "name": "Cap", "unitPrice": 1900, "stock": 9}' \
//!     -H 'Authorization: Bearer TOKEN'
//! ```
//!
//! Other systems are told about changes to orders: an event is written with the change and delivered after it, even if
//! the process is killed in between. Here, delivery is just a line in the log. The log line about each request says how
//! many queries it took.
//!
//! | setting | default |
//! |---|---|
//! | `SHOP_ADDR` | `127.0.0.1:3000`; port 0 picks one |
//! | `SHOP_DATABASE_URL` | `sqlite:shop.db`; or `postgres://…`, `mysql://…` |
//! | `SHOP_ADMIN_TOKEN` | a generated one, which is printed |
//! | `SHOP_CURSOR_KEYS` | a generated one; cursors become invalid when the process ends |
//! | `RUST_LOG` | `info` |
//!
//! `cargo run -p shop -- problems` starts nothing, and prints the problems that each route answers with.
//!
//! # Layout
//!
//! `routes/` reads requests and shapes responses, `services/` does the work, `repositories/` stores the data, and
//! `domain/` defines the types and their rules. Each knows only those after it: a service contains neither SQL nor
//! HTTP, and the domain knows no framework. Services write events into the outbox; only `publisher.rs` knows their
//! receivers. `app.rs` puts the parts together; `settings.rs` and `server/` connect them to the outside.

mod app;
mod auth;
mod domain;
mod publisher;
mod repositories;
mod routes;
mod seeds;
mod server;
mod services;
mod settings;

use std::error::Error;
use std::io::{IsTerminal, stderr};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use buttress::outbox::Outbox;
use buttress::page::CursorKeys;
use buttress::store::Store;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tracing_subscriber::EnvFilter;

use self::app::App;
use self::auth::AdminToken;
use self::settings::Settings;

/// How long the publisher may take for an event. If the process is killed, the next run waits this long before it
/// retries the events that were with the publisher.
const EVENT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the relay may take to stop. The next run delivers the events that were not delivered by then.
const RELAY_TIMEOUT: Duration = Duration::from_millis(400);
/// How long to wait for the database to close: a request that was cut off may still hold a connection.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("problems") {
        routes::problems().for_each(|route| print!("{route}"));
        return ExitCode::SUCCESS;
    }
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter);
    log.with_ansi(stderr().is_terminal()).with_writer(stderr).init();
    match Runtime::new().map_err(Into::into).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("the shop does not start: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}

fn run(runtime: Runtime) -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_env()?;
    let outcome = runtime.block_on(async {
        let mut stop = pin!(server::stop_signal()?);
        // Nothing is in flight while the shop starts, and the next start continues any unfinished work.
        let started = tokio::select! {
            biased;
            () = &mut stop => return Ok(()),
            started = start(settings) => started?,
        };
        serve(started, stop).await
    });
    // Does not wait for a blocked thread, for instance one in a name lookup.
    runtime.shutdown_background();
    outcome
}

/// A shop that is ready to serve.
struct Started {
    store: Store,
    outbox: Outbox,
    app: App,
    listener: TcpListener,
}

async fn start(settings: Settings) -> Result<Started, Box<dyn Error>> {
    let store = settings.database.open().await?;
    let outbox = Outbox::new();
    outbox.migrate(&store).await?;
    let admin_token = settings.admin_token.unwrap_or_else(make_token);
    let app = App::new(&store, &outbox, admin_token, cursor_keys(settings.cursor_keys)?);
    app.products().seed(&seeds::products()).await?;

    let listener = TcpListener::bind(settings.addr).await.map_err(|error| format!("SHOP_ADDR: {error}"))?;
    Ok(Started { store, outbox, app, listener })
}

async fn serve(shop: Started, stop: impl Future<Output = ()>) -> Result<(), Box<dyn Error>> {
    let Started { store, outbox, app, listener } = shop;
    let relay = outbox.relay(&store, publisher::publisher()).lease(EVENT_TIMEOUT).spawn();
    println!("listening on http://{}", listener.local_addr()?);
    server::serve(listener, app.router(), stop).await;

    relay.stop(RELAY_TIMEOUT).await;
    if let Err(still_open) = store.close(CLOSE_TIMEOUT).await {
        tracing::warn!(%still_open, "the database was left before all was done");
    }
    Ok(())
}

fn make_token() -> AdminToken {
    let token = AdminToken::generate();
    println!("SHOP_ADMIN_TOKEN is not set; the admin token of this run is {}", token.reveal());
    token
}

fn cursor_keys(keys: Option<CursorKeys>) -> Result<CursorKeys, Box<dyn Error>> {
    if let Some(keys) = keys {
        if keys.is_weak() {
            tracing::warn!("SHOP_CURSOR_KEYS has a key of fewer than 32 characters; its cursors may be forged");
        }
        return Ok(keys);
    }
    tracing::warn!("SHOP_CURSOR_KEYS is not set; the cursors of this run end with the process");
    Ok(CursorKeys::random()?)
}

/// An error and all its sources, in one line. A source whose text was just repeated by its error is left out.
fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let said = source.to_string();
        if !line.ends_with(&said) {
            line = format!("{line}: {said}");
        }
        next = source.source();
    }
    line
}
