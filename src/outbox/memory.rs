use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::delivery::Content;
use super::{Delivery, Event, Outbox};
use crate::store::{Error, Session};
use crate::time::Timestamp;

/// The events of a unit test, in the order of their commits.
#[derive(Debug, Clone, Default)]
pub(super) struct Committed(Arc<Mutex<Vec<Delivery>>>);

impl Outbox {
    /// An outbox without tables, for unit tests on a store in memory: it keeps the committed events.
    ///
    /// ```
    /// use buttress::outbox::{Event, Outbox};
    /// use buttress::store::{Error, Memory, Store};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let (store, outbox) = (Store::from(Memory::new(3)), Outbox::in_memory());
    /// store
    ///     .transaction(async |tx| {
    ///         tx.memory()?.write(|stock: &mut i32| *stock -= 1).await?;
    ///         outbox.write(tx, Event::new("taken").key("cup").json(&1)?).await
    ///     })
    ///     .await?;
    /// let events = outbox.committed();
    /// assert_eq!((events[0].kind(), events[0].key(), events[0].json()?), ("taken", Some("cup"), 1));
    /// # Ok::<_, Error>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn in_memory() -> Self {
        Self { memory: Some(Committed::default()), ..Self::default() }
    }

    /// The committed events, as a publisher would receive them. Empty if the outbox is not [in
    /// memory](Self::in_memory).
    #[must_use]
    pub fn committed(&self) -> Vec<Delivery> {
        let Some(memory) = &self.memory else { return Vec::new() };
        memory.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Committed {
    /// Keeps the event once the transaction is committed.
    pub(super) fn insert(&self, tx: &mut Session, id: Uuid, event: Event) -> Result<(), Error> {
        let Self(all) = self.clone();
        tx.after_commit(async move || {
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            let before = all.iter().filter(|other| event.key.is_some() && other.key() == event.key.as_deref()).count();
            let sequence = if event.key.is_some() { before as i64 + 1 } else { 0 };
            all.push(Delivery::new(Content {
                id,
                kind: event.kind,
                key: event.key,
                sequence,
                payload: event.payload,
                headers: event.headers,
                created_at: Timestamp::now(),
                attempt: 1,
                claims: 1,
            }));
            Ok::<_, Infallible>(())
        })
    }
}
