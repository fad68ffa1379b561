use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use serde::de::DeserializeOwned;

use crate::payload::{Check, Leaf, Map, Payload, Shape, Visited};
use crate::violation::At;

/// Objects with members of any name. The type of the key decides which names are valid, and must be text: a `String`,
/// or a type of your own that is `AsRef<str>`.
impl<K, T, S> Payload for HashMap<K, T, S>
where
    K: DeserializeOwned + AsRef<str> + Eq + Hash,
    T: Payload,
    S: BuildHasher + Default,
{
    fn shape() -> Shape {
        shape::<K, T>()
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        rules(self.iter(), at, check);
    }

    fn sanitise(&mut self) {
        self.values_mut().for_each(Payload::sanitise);
    }

    fn needs_walk(visited: &mut Visited) -> bool {
        T::needs_walk(visited)
    }
}

/// Like [`HashMap`].
impl<K, T> Payload for BTreeMap<K, T>
where
    K: DeserializeOwned + AsRef<str> + Ord,
    T: Payload,
{
    fn shape() -> Shape {
        shape::<K, T>()
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        rules(self.iter(), at, check);
    }

    fn sanitise(&mut self) {
        self.values_mut().for_each(Payload::sanitise);
    }

    fn needs_walk(visited: &mut Visited) -> bool {
        T::needs_walk(visited)
    }
}

fn shape<K: DeserializeOwned, T: Payload>() -> Shape {
    Shape::Map(Map { name: Leaf::of::<K>(), value: T::shape })
}

fn rules<'m, K, T>(members: impl Iterator<Item = (&'m K, &'m T)>, at: &At<'_>, check: &mut Check<'_>)
where
    K: AsRef<str> + 'm,
    T: Payload + 'm,
{
    for (name, value) in members {
        if check.found().is_full() {
            return;
        }
        value.rules(&at.member(name.as_ref()), check);
    }
}
