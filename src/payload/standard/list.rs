use std::collections::{BTreeSet, BinaryHeap, HashSet, LinkedList, VecDeque};
use std::hash::{BuildHasher, Hash};

use crate::payload::{Check, Payload, Shape, Visited};
use crate::violation::At;

/// Arrays of any length, each with the way to clean its elements.
macro_rules! lists {
    ($($list:ty $(, $bound:path)*: $sanitise:expr;)*) => {$(
        impl<T: Payload $(+ $bound)*> Payload for $list {
            fn shape() -> Shape {
                Shape::List(T::shape)
            }

            fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
                for (i, element) in self.iter().enumerate() {
                    if check.found().is_full() {
                        return;
                    }
                    element.rules(&at.index(i), check);
                }
            }

            fn sanitise(&mut self) {
                let sanitise: fn(&mut Self) = $sanitise;
                sanitise(self);
            }

            fn needs_walk(visited: &mut Visited) -> bool {
                T::needs_walk(visited)
            }
        }
    )*};
}

lists! {
    Vec<T>: |list| list.iter_mut().for_each(Payload::sanitise);
    Box<[T]>: |list| list.iter_mut().for_each(Payload::sanitise);
    VecDeque<T>: |list| list.iter_mut().for_each(Payload::sanitise);
    LinkedList<T>: |list| list.iter_mut().for_each(Payload::sanitise);
    BTreeSet<T>, Ord: |set| *set = std::mem::take(set).into_iter().map(sanitised).collect();
    BinaryHeap<T>, Ord: |heap| *heap = std::mem::take(heap).into_iter().map(sanitised).collect();
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
    fn shape() -> Shape {
        Shape::List(T::shape)
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        // A set does not keep the positions of its elements.
        for element in self {
            if check.found().is_full() {
                return;
            }
            element.rules(at, check);
        }
    }

    fn sanitise(&mut self) {
        *self = std::mem::take(self).into_iter().map(sanitised).collect();
    }

    fn needs_walk(visited: &mut Visited) -> bool {
        T::needs_walk(visited)
    }
}
