use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;
use uuid::Uuid;

use super::record::{AttemptEnd, EndedAttempt};
use super::{Delivery, Publisher};
use crate::body::BoxError;
use crate::telemetry::fields;
use crate::telemetry::targets::OUTBOX;

/// The events that are with the publisher. Each has a task of its own, so that none waits for another, and a panic
/// affects only one event. Dropping this stops all of them.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    tasks: JoinSet<Result<(), BoxError>>,
    claims: HashMap<Id, (Uuid, Delivery)>,
    ids: HashSet<Uuid>,
}

impl InFlight {
    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(super) fn has(&self, id: Uuid) -> bool {
        self.ids.contains(&id)
    }

    /// Hands an event to the publisher, until the claim with this token ends.
    pub(super) fn start(&mut self, publisher: &Arc<dyn Publisher>, token: Uuid, delivery: Delivery, until: Instant) {
        let (publisher, event) = (Arc::clone(publisher), delivery.clone());
        let span = tracing::info_span!(
            target: OUTBOX,
            "publish",
            { fields::OTEL_KIND } = "producer",
            event.kind = event.kind(),
            event.id = %event.id(),
            attempt = event.attempt(),
        );
        let publish = async move {
            match timeout_at(until, publisher.publish(&event)).await {
                Ok(outcome) => outcome,
                Err(_) => Err("the publisher took longer than the lease".into()),
            }
        };
        let task = self.tasks.spawn(publish.instrument(span));
        self.ids.insert(delivery.id());
        self.claims.insert(task.id(), (token, delivery));
    }

    /// The next event that came back from the publisher. Pending, too, if no event is with the publisher.
    pub(super) fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<EndedAttempt> {
        loop {
            match ready!(self.tasks.poll_join_next_with_id(cx)).and_then(|joined| self.ended(joined)) {
                Some(ended) => return Poll::Ready(ended),
                None if self.tasks.is_empty() => return Poll::Pending,
                None => {}
            }
        }
    }

    /// Stops all tasks; a stopped event does not count as tried.
    pub(super) fn stop(&mut self) {
        self.tasks.abort_all();
    }

    fn ended(&mut self, joined: Result<(Id, Result<(), BoxError>), JoinError>) -> Option<EndedAttempt> {
        let (task, outcome) = match joined {
            Ok((task, outcome)) => (task, outcome.map_err(Some)),
            Err(error) if error.is_cancelled() => (error.id(), Err(None)),
            Err(error) => (error.id(), Err(Some("the publisher panicked".into()))),
        };
        let (token, delivery) = self.claims.remove(&task)?;
        self.ids.remove(&delivery.id());
        let end = match outcome {
            Ok(()) => AttemptEnd::Delivered,
            Err(None) => AttemptEnd::Released,
            Err(Some(error)) => {
                failed(&delivery, &error);
                AttemptEnd::Failed(delivery.attempt())
            }
        };
        Some(EndedAttempt { id: delivery.id(), token, end })
    }
}

fn failed(delivery: &Delivery, error: &BoxError) {
    let (id, kind, attempt) = (delivery.id(), delivery.kind(), delivery.attempt());
    tracing::warn!(target: OUTBOX, { event.id = %id, event.kind = kind, attempt, error = &**error }, "an event was not delivered");
}
