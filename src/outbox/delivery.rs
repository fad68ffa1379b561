use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::store::Error;
use crate::time::Timestamp;

/// An event that is being delivered, for the `attempt`th time. A clone shares the same event.
#[derive(Clone)]
pub struct Delivery(Arc<Content>);

pub(super) struct Content {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) key: Option<String>,
    pub(super) sequence: i64,
    pub(super) payload: Vec<u8>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) created_at: Timestamp,
    pub(super) attempt: u32,
    pub(super) claims: i64,
}

/// The bits of a fencing token that count the claims of one event; the bits above them are its sequence.
const CLAIM_BITS: u32 = 20;

impl Delivery {
    pub(super) fn new(content: Content) -> Self {
        Self(Arc::new(content))
    }

    /// The event's id, the same in every copy. A receiver remembers it so as not to do a thing twice.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.0.id
    }

    /// The event's kind: what happened.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.0.kind
    }

    /// The event's key: the thing that it happened to, if order matters.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The event's place among the events of its key, counted from 1 without gaps; 0 without a key. A receiver has seen
    /// an event before if it has seen this or a higher number of the key.
    #[must_use]
    pub fn sequence(&self) -> i64 {
        self.0.sequence
    }

    /// The payload, as it was written.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.0.payload
    }

    /// The payload of an event that was written with [`Event::json`](super::Event::json).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Other`](crate::store::ErrorKind::Other) if the payload is not JSON of this type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        // The serde error could quote the payload.
        serde_json::from_slice(&self.0.payload).map_err(|_| Error::corrupt("the payload of an event"))
    }

    /// The header of this name, if there is one.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.get(name).map(String::as_str)
    }

    /// All headers, by name.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// When the event was written, by the database's clock.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// How often delivery was tried, this time included: 1 is the first. It starts again when a dead letter is
    /// retried.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.0.attempt
    }

    /// A number that grows with every claim of the key. Later copies of an event have higher numbers, and later events
    /// of the key have higher numbers than all copies of the earlier ones. A receiver that keeps the highest number of
    /// each key and refuses lower ones never takes a late copy for a new event, even from a relay that was thought to
    /// be gone.
    ///
    /// Without a key, the number compares copies of one event.
    #[must_use]
    pub fn fencing_token(&self) -> u64 {
        let claims = self.0.claims.clamp(0, (1 << CLAIM_BITS) - 1);
        (self.0.sequence.unsigned_abs() << CLAIM_BITS) | claims.unsigned_abs()
    }
}

/// Leaves out the payload and the headers, which may hold data that does not belong in a log.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Content { id, kind, key, sequence, attempt, .. } = &*self.0;
        let mut debug = f.debug_struct("Delivery");
        debug.field("id", id).field("kind", kind).field("key", key).field("sequence", sequence);
        debug.field("attempt", attempt).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(sequence: i64, claims: i64) -> Delivery {
        Delivery::new(Content {
            id: Uuid::nil(),
            kind: "a".to_owned(),
            key: None,
            sequence,
            payload: b"\"secret\"".to_vec(),
            headers: BTreeMap::new(),
            created_at: Timestamp::UNIX_EPOCH,
            attempt: 1,
            claims,
        })
    }

    #[test]
    fn fencing_tokens_grow_with_claims_and_with_the_sequence() {
        let numbers = [(0, 1), (0, 2), (1, 1), (1, 2), (1, i64::MAX), (2, 1), (1 << 43, 1)]
            .map(|(sequence, claims)| delivery(sequence, claims).fencing_token());
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    }

    #[test]
    fn what_cannot_be_read_is_not_quoted() {
        assert_eq!(delivery(1, 1).json::<String>().unwrap(), "secret");
        let error = delivery(1, 1).json::<u32>().unwrap_err();
        assert!(!format!("{error:?}{:?}", delivery(1, 1)).contains("secret"));
    }
}
