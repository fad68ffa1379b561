//! Sends events to the log, in place of a broker. A service with a broker gives the relay another publisher here.

use std::convert::Infallible;

use buttress::outbox::{Delivery, Handlers};

use crate::domain::OrderEvent;

/// Handles every kind of event. An unknown kind would be retried again and again, and become a dead letter in the end.
pub fn publisher() -> Handlers {
    OrderEvent::ALL.into_iter().fold(Handlers::new(), |publisher, event| publisher.on(event.as_str(), log))
}

/// Leaves out the payload, which shows the customer and the order.
async fn log(event: Delivery) -> Result<(), Infallible> {
    tracing::info!(event = event.kind(), order = event.key(), sequence = event.sequence(), "an event is out");
    Ok(())
}
