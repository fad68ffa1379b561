use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use serde::de::DeserializeOwned;

use crate::payload::{Payload, TypeSet, ValidationContext};
use crate::schema::HasSchema;
use crate::violation::InputPath;

/// Objects with members of any name. The type of the key decides which names are valid, and must be text: a `String`,
/// or a type of your own that is `AsRef<str>` and has a schema.
impl<K, T, S> Payload for HashMap<K, T, S>
where
    K: HasSchema + DeserializeOwned + AsRef<str> + Eq + Hash,
    T: Payload,
    S: BuildHasher + Default,
{
    fn rules(&self, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
        rules(self.iter(), at, context);
    }

    fn sanitise(&mut self) {
        self.values_mut().for_each(Payload::sanitise);
    }

    fn needs_walk(visited: &mut TypeSet) -> bool {
        T::needs_walk(visited)
    }
}

/// Like [`HashMap`].
impl<K, T> Payload for BTreeMap<K, T>
where
    K: HasSchema + DeserializeOwned + AsRef<str> + Ord,
    T: Payload,
{
    fn rules(&self, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
        rules(self.iter(), at, context);
    }

    fn sanitise(&mut self) {
        self.values_mut().for_each(Payload::sanitise);
    }

    fn needs_walk(visited: &mut TypeSet) -> bool {
        T::needs_walk(visited)
    }
}

fn rules<'m, K, T>(
    members: impl Iterator<Item = (&'m K, &'m T)>,
    at: &InputPath<'_>,
    context: &mut ValidationContext<'_>,
) where
    K: AsRef<str> + 'm,
    T: Payload + 'm,
{
    for (name, value) in members {
        if context.violations().is_full() {
            return;
        }
        value.rules(&at.member(name.as_ref()), context);
    }
}
