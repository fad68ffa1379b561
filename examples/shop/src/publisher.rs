//! Where events go: the log, in place of a broker. A service that has one gives the relay another publisher here.

use std::convert::Infallible;

use buttress::outbox::{Delivery, InProcess};

use crate::domain::OrderEvent;

/// Takes all that can happen. What it did not know would be tried again and again, and parked in the end.
pub fn publisher() -> InProcess {
    OrderEvent::ALL.into_iter().fold(InProcess::new(), |publisher, event| publisher.on(event.as_str(), log))
}

/// Leaves out the payload, which says who ordered what.
async fn log(event: Delivery) -> Result<(), Infallible> {
    tracing::info!(event = event.kind(), order = event.key(), sequence = event.sequence(), "an event is out");
    Ok(())
}
