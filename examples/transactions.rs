//! Money on SQLite, PostgreSQL, MySQL or MariaDB: retried transactions, request transactions, constraints that are
//! explained to the client, and events that are delivered once their change is committed.
//!
//! ```sh
//! cargo run --example transactions --features axum,derive,extract,mysql,outbox,postgres,respond,sqlite,stack,transaction
//!
//! curl -i localhost:3000/accounts -H 'content-type: application/json' -d '{"name": "ann", "balance": 500}'  # 201
//! curl -i localhost:3000/accounts -H 'content-type: application/json' -d '{"name": "ann", "balance": 900}'  # 409
//! curl -i localhost:3000/accounts -H 'content-type: application/json' -d '{"name": "bob", "balance": 0}'  # 201
//! curl -i localhost:3000/transfers -H 'content-type: application/json' -d '{"from": "ann", "to": "bob", "amount": 200}'  # 204
//! curl -i localhost:3000/transfers -H 'content-type: application/json' -d '{"from": "ann", "to": "bob", "amount": 400}'  # 422
//! curl -i localhost:3000/transfers -H 'content-type: application/json' -d '{"from": "ann", "to": "eve", "amount": 1}'  # 404
//! curl -i localhost:3000/accounts/ann  # 200
//! ```
//!
//! `DATABASE_URL` sets the database. Defaults to one in memory.

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use buttress::extract::Path;
use buttress::layer::QueryCountLayer;
use buttress::outbox::{Delivery, Event, Handlers, Outbox};
use buttress::respond::{Created, Location, NoContent};
use buttress::sql::sql;
use buttress::stack::Stack;
use buttress::store::{Constraint, Constraints, Error, Isolation, Retry, Session, Store, TransactionOptions};
use buttress::transaction::{RequestTransactions, RequestTx};
use buttress::{Json, Payload, Problem, State};
use serde::{Deserialize, Serialize};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS accounts (
    name VARCHAR(64) NOT NULL PRIMARY KEY,
    balance BIGINT NOT NULL,
    CONSTRAINT accounts_balance_check CHECK (balance >= 0))";

/// The meaning of the table's constraints for an input, on each database.
const ACCOUNTS: Constraints = Constraints::new(&[
    Constraint::new(&["accounts_pkey", "PRIMARY", "accounts.name"], "/name", "taken", "has an account already"),
    Constraint::new(&["accounts_balance_check"], "/amount", "funds", "is more than there is"),
]);

#[derive(Serialize, Deserialize, Payload)]
#[serde(deny_unknown_fields)]
struct Account {
    #[validate(length(min = 1, max = 64))]
    name: String,
    #[validate(range(min = 0))]
    balance: i64,
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(deny_unknown_fields)]
struct Transfer {
    from: String,
    to: String,
    #[validate(range(min = 1))]
    amount: i64,
}

#[derive(Debug, thiserror::Error, Problem)]
enum BankError {
    #[error("there is no such account")]
    #[problem(status = 404, detail = "there is no such account")]
    UnknownAccount,
    #[error(transparent)]
    #[problem(transparent)]
    Data(#[from] Error),
}

// The repository. It does not know whether it runs in a transaction, nor on which database.

async fn insert(on: &mut Session, account: &Account) -> Result<(), Error> {
    let insert = sql("INSERT INTO accounts (name, balance) VALUES (?, ?)").bind(&account.name).bind(account.balance);
    insert.execute(on).await.map(drop).map_err(|error| ACCOUNTS.explain(error))
}

async fn balance(on: &mut Session, name: &str) -> Result<Option<i64>, Error> {
    let row = sql("SELECT balance FROM accounts WHERE name = ?").bind(name).fetch_optional(on).await?;
    row.map(|row| row.get("balance")).transpose()
}

/// Changes a balance; returns whether there is such an account.
async fn add(on: &mut Session, name: &str, amount: i64) -> Result<bool, Error> {
    let update = sql("UPDATE accounts SET balance = balance + ? WHERE name = ?").bind(amount).bind(name);
    update.execute(on).await.map(|rows| rows == 1).map_err(|error| ACCOUNTS.explain(error))
}

#[derive(Clone)]
struct Bank {
    store: Store,
    outbox: Outbox,
}

impl Bank {
    async fn open(url: &str) -> Result<Self, Error> {
        // Each update adds to the stored balance, and the table's check decides: no decision rests on a value that was
        // read before.
        let options = TransactionOptions::new().isolation(Isolation::ReadCommitted).deadline(Duration::from_secs(5));
        let store = Store::connect(url).await?.with_options(options.retry(Retry::new().attempts(5)));
        sql(TABLE).execute(&mut store.session()).await?;
        let outbox = Outbox::new();
        outbox.migrate(&store).await?;
        Ok(Self { store, outbox })
    }

    /// Changes both accounts and writes the event, or does nothing; starts again if another transfer was in the way.
    async fn transfer(&self, Transfer { from, to, amount }: &Transfer) -> Result<(), BankError> {
        let event = Event::new("transferred").key(from).json(amount)?;
        // In the order of the names, so that two transfers in opposite directions wait for one another and do not
        // deadlock.
        let mut changes = [(from, -amount), (to, *amount)];
        changes.sort_unstable();
        self.store
            .transaction(async |tx| {
                for (name, amount) in changes {
                    if !add(tx, name, amount).await? {
                        return Err(BankError::UnknownAccount);
                    }
                }
                self.outbox.write(tx, event.clone()).await?;
                Ok(())
            })
            .await
    }
}

/// Works in the transaction of the request: committed before the client reads the 201, and rolled back for any other
/// response.
#[buttress::handler(axum)]
async fn open_account(mut tx: RequestTx, Json(account): Json<Account>) -> Result<Created<Json<Account>>, BankError> {
    insert(&mut tx, &account).await?;
    Ok(Created::at(Location::segments(["accounts", &account.name]), Json(account)))
}

#[buttress::handler(axum)]
async fn read_account(mut tx: RequestTx, Path(name): Path<String>) -> Result<Json<Account>, BankError> {
    let balance = balance(&mut tx, &name).await?.ok_or(BankError::UnknownAccount)?;
    Ok(Json(Account { name, balance }))
}

#[buttress::handler(axum)]
async fn transfer(State(bank): State<Bank>, Json(transfer): Json<Transfer>) -> Result<NoContent, BankError> {
    bank.transfer(&transfer).await?;
    Ok(NoContent)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let bank = Bank::open(&std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned())).await?;

    let publisher = Handlers::new().on("transferred", async |delivery: Delivery| {
        tracing::info!(amount = delivery.json::<i64>()?, "transferred");
        Ok::<_, Error>(())
    });
    let relay = bank.outbox.relay(&bank.store, publisher).spawn();

    let app = Router::new()
        .route("/accounts", post(open_account))
        .route("/accounts/{name}", get(read_account))
        .layer(RequestTransactions::new(bank.store.clone()))
        .route("/transfers", post(transfer))
        .with_state(bank.clone())
        .layer(Stack::new().query_count(QueryCountLayer::new()));

    let listener =
        tokio::net::TcpListener::bind(std::env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned())).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(async { _ = tokio::signal::ctrl_c().await }).await?;
    relay.stop(Duration::from_secs(5)).await;
    bank.store.close(Duration::from_secs(5)).await?;
    Ok(())
}
