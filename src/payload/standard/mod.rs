//! Payloads of the standard library.

mod list;
mod map;
mod text;
mod tuple;

use serde::de::DeserializeOwned;

use super::explain::TOO_LARGE;
use super::{Check, Payload, Refusal, Shape, Visited};
use crate::violation::At;

/// Types that are leaves without rules.
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
    u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize,
    std::num::NonZeroU8, std::num::NonZeroU16, std::num::NonZeroU32, std::num::NonZeroU64, std::num::NonZeroU128,
    std::num::NonZeroUsize, std::num::NonZeroI8, std::num::NonZeroI16, std::num::NonZeroI32, std::num::NonZeroI64,
    std::num::NonZeroI128, std::num::NonZeroIsize,
    std::net::IpAddr, std::net::Ipv4Addr, std::net::Ipv6Addr, std::net::SocketAddr, std::net::SocketAddrV4,
    std::net::SocketAddrV6, std::path::PathBuf, std::time::Duration, std::time::SystemTime, crate::time::Timestamp
}

/// Numbers that JSON cannot write back if they are not finite. A number that its type cannot hold is refused when it is
/// read; if serde reads it out of a buffer, it has become an infinity by now.
macro_rules! floats {
    ($($type:ty),*) => {$(
        impl Payload for $type {
            fn shape() -> Shape {
                Shape::leaf::<Self>()
            }

            #[inline]
            fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
                if !self.is_finite() {
                    check.push(Refusal::of_type(TOO_LARGE).at(at));
                }
            }
        }
    )*};
}

floats! { f32, f64 }

/// A type that is read without any rules: a violation is about the whole value.
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

/// The unit type: `null`.
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
