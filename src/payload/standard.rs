//! Payloads of the standard library.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::hash::{BuildHasher, Hash};

use serde::de::DeserializeOwned;

use crate::violation::At;

use super::rule::no_null;
use super::{Check, Leaf, Map, Payload, Shape, Slot, Visited};

/// Types that say of themselves all that there is to say.
macro_rules! leaves {
    ($($type:ty),*) => {$(
        impl Payload for $type {
            fn shape() -> Shape {
                Shape::leaf::<Self>()
            }

            fn rules(&self, _: &At<'_>, _: &mut Check<'_>) {}
        }
    )*};
}

leaves! {
    bool, char, serde_json::Value, serde_json::Number,
    u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32, f64,
    std::num::NonZeroU8, std::num::NonZeroU16, std::num::NonZeroU32, std::num::NonZeroU64, std::num::NonZeroU128,
    std::num::NonZeroUsize, std::num::NonZeroI8, std::num::NonZeroI16, std::num::NonZeroI32, std::num::NonZeroI64,
    std::num::NonZeroI128, std::num::NonZeroIsize,
    std::net::IpAddr, std::net::Ipv4Addr, std::net::Ipv6Addr, std::net::SocketAddr, std::net::SocketAddrV4,
    std::net::SocketAddrV6, std::path::PathBuf, std::time::Duration, std::time::SystemTime, crate::exchange::Timestamp
}

/// What every text is asked: all but U+0000 is acceptable, which `PostgreSQL` cannot store and C ends a text at. A text
/// that is marked as a leaf is not asked. The walk looks at it where it stands, without a copy.
static TEXT: Slot = Slot {
    shape: || {
        Shape::Leaf(Leaf {
            probe: |node| if node.string().is_some() { Ok(()) } else { node.read::<String>().map(drop) },
        })
    },
    length: None,
    check: Some(|node, at, check| {
        if let Some(text) = node.string() {
            no_null(&text, at, check);
        }
    }),
};

impl Payload for String {
    fn shape() -> Shape {
        Shape::Checked(&TEXT)
    }

    #[inline]
    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        no_null(self, at, check);
    }
}

impl Payload for Box<str> {
    fn shape() -> Shape {
        Shape::Checked(&TEXT)
    }

    #[inline]
    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        no_null(self, at, check);
    }
}

impl Payload for Cow<'static, str> {
    fn shape() -> Shape {
        Shape::Checked(&TEXT)
    }

    #[inline]
    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        no_null(self, at, check);
    }
}

/// A type that is read without being asked what is acceptable: no rules, and a violation is of the whole value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
#[allow(clippy::exhaustive_structs)]
pub struct Bare<T>(pub T);

impl<T: DeserializeOwned> Payload for Bare<T> {
    fn shape() -> Shape {
        Shape::leaf::<T>()
    }

    fn rules(&self, _: &At<'_>, _: &mut Check<'_>) {}
}

/// Nothing: `null`.
impl Payload for () {
    fn shape() -> Shape {
        Shape::Unit
    }

    fn rules(&self, _: &At<'_>, _: &mut Check<'_>) {}
}

impl<T: Payload> Payload for Option<T> {
    fn shape() -> Shape {
        Shape::Optional(T::shape)
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        if let Some(value) = self {
            value.rules(at, check);
        }
    }

    fn sanitise(&mut self) {
        if let Some(value) = self {
            value.sanitise();
        }
    }

    fn needs_walk(visited: &mut Visited) -> bool {
        T::needs_walk(visited)
    }
}

impl<T: Payload> Payload for Box<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        (**self).rules(at, check);
    }

    fn sanitise(&mut self) {
        (**self).sanitise();
    }

    fn needs_walk(visited: &mut Visited) -> bool {
        T::needs_walk(visited)
    }
}

/// Arrays of any length, each with its way to clean what it holds.
macro_rules! lists {
    ($($list:ty $(, $bound:path)*: $sanitise:expr;)*) => {$(
        impl<T: Payload $(+ $bound)*> Payload for $list {
            fn shape() -> Shape {
                Shape::List(T::shape)
            }

            fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
                for (i, element) in self.iter().enumerate() {
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
        // A set forgets where its elements stood.
        for element in self {
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

impl<T: Payload, const N: usize> Payload for [T; N]
where
    Self: DeserializeOwned,
{
    fn shape() -> Shape {
        Shape::Tuple(const { &[Slot::of(T::shape); N] })
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        for (i, element) in self.iter().enumerate() {
            element.rules(&at.index(i), check);
        }
    }

    fn sanitise(&mut self) {
        self.iter_mut().for_each(Payload::sanitise);
    }

    fn needs_walk(visited: &mut Visited) -> bool {
        T::needs_walk(visited)
    }
}

/// Objects of any members. What their names must be follows from the type of the key, which must be text: a
/// `String`, or a type of one's own that is `AsRef<str>`.
impl<K, T, S> Payload for HashMap<K, T, S>
where
    K: DeserializeOwned + AsRef<str> + Eq + Hash,
    T: Payload,
    S: BuildHasher + Default,
{
    fn shape() -> Shape {
        Shape::Map(Map { name: Leaf::of::<K>(), value: T::shape })
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        for (name, value) in self {
            value.rules(&at.member(name.as_ref()), check);
        }
    }

    fn sanitise(&mut self) {
        self.values_mut().for_each(Payload::sanitise);
    }

    fn needs_walk(visited: &mut Visited) -> bool {
        T::needs_walk(visited)
    }
}

/// As [`HashMap`].
impl<K, T> Payload for BTreeMap<K, T>
where
    K: DeserializeOwned + AsRef<str> + Ord,
    T: Payload,
{
    fn shape() -> Shape {
        Shape::Map(Map { name: Leaf::of::<K>(), value: T::shape })
    }

    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        for (name, value) in self {
            value.rules(&at.member(name.as_ref()), check);
        }
    }

    fn sanitise(&mut self) {
        self.values_mut().for_each(Payload::sanitise);
    }

    fn needs_walk(visited: &mut Visited) -> bool {
        T::needs_walk(visited)
    }
}

/// Arrays of one value for each place.
macro_rules! tuples {
    ($(($($name:ident $index:tt),+))+) => {$(
        impl<$($name: Payload),+> Payload for ($($name,)+) {
            fn shape() -> Shape {
                Shape::Tuple(const { &[$(Slot::of($name::shape)),+] })
            }

            fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
                $(self.$index.rules(&at.index($index), check);)+
            }

            fn sanitise(&mut self) {
                $(self.$index.sanitise();)+
            }

            fn needs_walk(visited: &mut Visited) -> bool {
                false $(|| $name::needs_walk(visited))+
            }
        }
    )+};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}
