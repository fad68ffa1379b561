use buttress::sql::{Row, Statement, sql};
use buttress::store::Store;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use super::Shop;

/// The outbox of a shop, seen through its database.
pub struct Outbox {
    runtime: Runtime,
    store: Store,
}

/// An event that is not delivered yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub kind: String,
    pub key: String,
    pub sequence: i64,
    pub payload: Value,
    /// Whether a relay has it, or had it and never reported the result.
    pub is_claimed: bool,
}

impl Outbox {
    pub fn open(database: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let store = runtime.block_on(Store::connect(database)).unwrap();
        Self { runtime, store }
    }

    /// The undelivered events, by order.
    pub fn waiting(&self) -> Vec<Event> {
        let select = sql("SELECT kind, event_key, sequence, payload, claimed_by FROM buttress_outbox
             WHERE delivered_at IS NULL ORDER BY event_key, sequence");
        let rows = self.runtime.block_on(async { select.fetch_all(&mut self.store.session()).await });
        rows.unwrap().iter().map(event).collect()
    }

    /// From now on, a relay can neither claim nor deliver an event; events can still be written.
    pub fn hold(&self) {
        self.execute(sql("ALTER TABLE buttress_outbox ADD CONSTRAINT held CHECK (claims = 0)").sqlite(
            "CREATE TRIGGER held BEFORE UPDATE ON buttress_outbox BEGIN SELECT RAISE(ABORT, 'it is held'); END",
        ));
    }

    pub fn release(&self) {
        self.execute(sql("ALTER TABLE buttress_outbox DROP CONSTRAINT held").sqlite("DROP TRIGGER held"));
    }

    fn execute(&self, statement: Statement<'_>) {
        self.runtime.block_on(async { statement.execute(&mut self.store.session()).await }).unwrap();
    }
}

impl Shop {
    /// The events that the shop has not delivered yet.
    pub fn outbox(&self) -> Outbox {
        Outbox::open(&self.database())
    }

    /// The events that the shop has delivered so far, according to its log: for example `order-placed` and the order's
    /// id.
    pub fn told(&self) -> Vec<String> {
        let printed = self.printed();
        let events =
            printed.lines().filter_map(|line| line.split_once("an event is out event=\"")).map(|(_, event)| {
                let mut words = event.split('"');
                format!("{} {}", words.next().unwrap(), words.nth(1).unwrap())
            });
        events.collect()
    }
}

fn event(row: &Row) -> Event {
    let (payload, claimed_by): (Vec<u8>, Option<uuid::Uuid>) =
        (row.get("payload").unwrap(), row.get("claimed_by").unwrap());
    Event {
        kind: row.get("kind").unwrap(),
        key: row.get("event_key").unwrap(),
        sequence: row.get("sequence").unwrap(),
        payload: serde_json::from_slice(&payload).unwrap(),
        is_claimed: claimed_by.is_some(),
    }
}
