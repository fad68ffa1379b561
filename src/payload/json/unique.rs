use std::borrow::Cow;
use std::collections::HashSet;

use serde::de::{DeserializeSeed, Error, MapAccess};

use super::key::{Key, Name};

/// The members of an object with any names: no name may occur twice (RFC 8259 §4 leaves the meaning open).
pub(super) struct Unique<'de, A> {
    members: A,
    seen: Seen<'de>,
}

impl<A> Unique<'_, A> {
    pub(super) fn new(members: A) -> Self {
        Self { members, seen: Seen::default() }
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Unique<'de, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Some(name) = self.members.next_key_seed(Name)? else { return Ok(None) };
        if self.seen.contains(&name) {
            return Err(A::Error::custom("a name stands twice in an object"));
        }
        let key = seed.deserialize(Key::new(name.clone()))?;
        self.seen.insert(name);
        Ok(Some(key))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.members.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.members.size_hint()
    }
}

/// The names so far. Most objects have few, and then a list is faster than a set.
#[derive(Default)]
struct Seen<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> Seen<'de> {
    const FEW: usize = 16;

    fn contains(&self, name: &str) -> bool {
        self.few.iter().any(|seen| seen == name) || self.many.contains(name)
    }

    fn insert(&mut self, name: Cow<'de, str>) {
        if self.few.len() < Self::FEW {
            self.few.push(name);
        } else {
            self.many.insert(name);
        }
    }
}
