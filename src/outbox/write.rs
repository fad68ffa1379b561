use std::sync::Arc;

use tokio::sync::Notify;
use uuid::Uuid;

use super::failure_log::with_advice;
use super::memory::Committed;
use super::{Event, Publisher, Relay, queries};
use crate::store::{Error, ErrorKind, Session, Store};
use crate::uuid_v7::uuid_v7;

/// Writes events. Make one outbox for a store and clone it: its relays are woken at once by events that are committed
/// through it. They find the events of other processes at their next look. See the [chapter](super).
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    pub(super) wake: Arc<Notify>,
    pub(super) memory: Option<Committed>,
}

impl Outbox {
    /// An outbox. This sends nothing to the database.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes an event in the transaction, to be delivered after the commit and never without it. Returns its id.
    ///
    /// From here to the commit, other transactions that write an event of the same key wait, so this is best done last.
    /// Two transactions that write several keys in different orders can wait for each other, and then one of them is
    /// run again; [`write_all`](Self::write_all) writes in a fixed order.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] outside a transaction, where the event could be kept without the change;
    /// [`ErrorKind::InvalidValue`] if the kind or the key is empty or longer than 255 bytes; otherwise the database's
    /// error.
    pub async fn write(&self, tx: &mut Session, event: Event) -> Result<Uuid, Error> {
        let id = self.insert(tx, event).await.map_err(with_advice)?;
        tx.wake_after_commit(&self.wake);
        Ok(id)
    }

    /// Writes several events, in the order of their keys, so that transactions that use this do not deadlock with one
    /// another. Events of one key stay in their order.
    ///
    /// # Errors
    ///
    /// See [`write`](Self::write); then some of the events may have been written, and the transaction must fail.
    pub async fn write_all(&self, tx: &mut Session, events: impl IntoIterator<Item = Event>) -> Result<(), Error> {
        let mut events = Vec::from_iter(events);
        events.sort_by(|a, b| a.key.cmp(&b.key));
        for event in events {
            self.insert(tx, event).await.map_err(with_advice)?;
        }
        tx.wake_after_commit(&self.wake);
        Ok(())
    }

    async fn insert(&self, tx: &mut Session, event: Event) -> Result<Uuid, Error> {
        if !tx.in_transaction() {
            return Err(
                Error::new(ErrorKind::Unsupported).because("an event is written in the transaction of a change")
            );
        }
        event.check()?;
        let id = event.id.map_or_else(new_id, Ok)?;
        if let Some(memory) = &self.memory {
            memory.insert(tx, id, event)?;
            return Ok(id);
        }
        let headers = serde_json::to_string(&event.headers).map_err(|_| Error::new(ErrorKind::InvalidValue))?;
        if let Some(key) = &event.key {
            queries::count(key).execute(tx).await?;
        }
        queries::insert(id, &event, &headers).execute(tx).await?;
        Ok(id)
    }

    /// A relay from the store to the publisher, to be configured and then [run](Relay::run) or [spawned](Relay::spawn).
    /// Each instance of a service may have one.
    pub fn relay(&self, store: &Store, publisher: impl Publisher) -> Relay {
        Relay::new(store, publisher, Arc::clone(&self.wake))
    }
}

/// An id that begins with the time (version 7), so that events that are written together are stored together.
pub(super) fn new_id() -> Result<Uuid, Error> {
    let words = getrandom::u64().and_then(|high| Ok((high, getrandom::u64()?)));
    let words = words.map_err(|_| Error::new(ErrorKind::OutOfResources).because("the system has no randomness"))?;
    Ok(Uuid::from_u128(uuid_v7(words)))
}
