use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use crate::store::{Error, ErrorKind};

/// Something that happened and that other systems are told about. It is written with
/// [`Outbox::write`](super::Outbox::write).
///
/// ```
/// use buttress::store::Error;
/// use buttress::outbox::Event;
///
/// #[derive(serde::Serialize)]
/// struct OrderPlaced {
///     total: u32,
/// }
///
/// let event = Event::new("order-placed")
///     .key(17)
///     .json(&OrderPlaced { total: 1990 })?
///     .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
/// # Ok::<_, Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Event {
    pub(super) id: Option<Uuid>,
    pub(super) kind: String,
    pub(super) key: Option<String>,
    pub(super) payload: Vec<u8>,
    pub(super) headers: BTreeMap<String, String>,
}

/// The longest kind and the longest key, in bytes.
const LONGEST: usize = 255;

impl Event {
    /// An event of this kind (1 to 255 bytes), without a key, a payload or headers.
    pub fn new(kind: impl Into<String>) -> Self {
        Self { id: None, kind: kind.into(), key: None, payload: Vec::new(), headers: BTreeMap::new() }
    }

    /// Sets the key (1 to 255 bytes). Events of one key are delivered in the order in which they were written. An event
    /// without a key waits for no other event.
    pub fn key(mut self, key: impl fmt::Display) -> Self {
        self.key = Some(key.to_string());
        self
    }

    /// Sets the payload, as JSON, and the header `content-type`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`] if the value has no JSON form, such as a map whose keys are not strings, or a number
    /// that is not finite.
    pub fn json(self, payload: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        // The serde error could quote the payload.
        let json = crate::json::to_vec(payload).map_err(|_| refused("the payload of an event has no JSON"))?;
        Ok(self.payload(json).header("content-type", "application/json"))
    }

    /// Sets the payload, as bytes.
    pub fn payload(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.payload = payload.into();
        self
    }

    /// Adds a header, such as `traceparent` or `content-type`; the last value of a name counts.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// Sets the id, for an event that another system has already named. Defaults to a new one. An id can be in the
    /// outbox only once.
    pub const fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// Checked here, because a database that is not in strict mode cuts values that are too long.
    pub(super) fn check(&self) -> Result<(), Error> {
        let fits = |text: &String| (1..=LONGEST).contains(&text.len());
        if !fits(&self.kind) {
            return Err(refused("the kind of an event has to be 1 to 255 bytes long"));
        }
        if !self.key.as_ref().is_none_or(fits) {
            return Err(refused("the key of an event has to be 1 to 255 bytes long"));
        }
        Ok(())
    }
}

fn refused(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidValue).because(why)
}

/// Leaves out the payload and the headers, which may hold data that does not belong in a log.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, kind, key, .. } = self;
        f.debug_struct("Event").field("id", id).field("kind", kind).field("key", key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_database_would_cut_is_refused() {
        let long = "x".repeat(LONGEST + 1);
        for bad in [Event::new(""), Event::new(&long), Event::new("a").key(""), Event::new("a").key(&long)] {
            assert_eq!(bad.check().unwrap_err().kind(), ErrorKind::InvalidValue);
        }
        assert!(Event::new("x".repeat(LONGEST)).key("x".repeat(LONGEST)).check().is_ok());
    }

    #[test]
    fn what_has_no_json_is_refused_without_being_quoted() {
        let secret = BTreeMap::from([(vec![1, 2, 3], "secret")]);
        let error = Event::new("a").json(&secret).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
        assert!(!format!("{error:?}").contains("secret"));
    }

    #[test]
    fn a_log_does_not_see_the_payload() {
        let event = Event::new("a").json("secret").unwrap().header("authorization", "secret");
        assert!(!format!("{event:?}").contains("secret"));
    }
}
