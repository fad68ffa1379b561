use std::collections::{BTreeSet, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};

use crate::payload::{Payload, TypeSet, ValidationContext};
use crate::violation::InputPath;

/// Arrays of any length, each with the way to clean its elements.
macro_rules! lists {
    ($($list:ty $(, $bound:path)*: $sanitise:expr;)*) => {$(
        impl<T: Payload $(+ $bound)*> Payload for $list {
            fn rules(&self, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
                for (i, element) in self.iter().enumerate() {
                    if context.violations().is_full() {
                        return;
                    }
                    element.rules(&at.index(i), context);
                }
            }

            fn sanitise(&mut self) {
                let sanitise: fn(&mut Self) = $sanitise;
                sanitise(self);
            }

            fn needs_walk(visited: &mut TypeSet) -> bool {
                T::needs_walk(visited)
            }
        }
    )*};
}

lists! {
    Vec<T>: |list| list.iter_mut().for_each(Payload::sanitise);
    Box<[T]>: |list| list.iter_mut().for_each(Payload::sanitise);
    VecDeque<T>: |list| list.iter_mut().for_each(Payload::sanitise);
    BTreeSet<T>, Ord: |set| *set = std::mem::take(set).into_iter().map(sanitised).collect();
}

fn sanitised<T: Payload>(mut value: T) -> T {
    value.sanitise();
    value
}

impl<T, S> Payload for HashSet<T, S>
where
    T: Payload + Eq + Hash,
    S: BuildHasher + Default,
{
    fn rules(&self, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
        // A set does not keep the positions of its elements.
        for element in self {
            if context.violations().is_full() {
                return;
            }
            element.rules(at, context);
        }
    }

    fn sanitise(&mut self) {
        *self = std::mem::take(self).into_iter().map(sanitised).collect();
    }

    fn needs_walk(visited: &mut TypeSet) -> bool {
        T::needs_walk(visited)
    }
}
