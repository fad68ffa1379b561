//! Payloads of the standard library.

mod list;
mod map;
mod text;
mod tuple;

use serde::de::DeserializeOwned;

use super::decode_error::TOO_LARGE;
use super::{DecodeError, Payload, TypeSet, ValidationContext, leaf};
use crate::schema::{HasSchema, Schema};
use crate::violation::InputPath;

/// Types without rules.
macro_rules! without_rules {
    ($($type:ty),*) => {$(
        impl Payload for $type {
            fn rules(&self, _: &InputPath<'_>, _: &mut ValidationContext<'_>) {}
        }
    )*};
}

without_rules! {
    bool, char, serde_json::Value, serde_json::Number,
    u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize,
    std::num::NonZeroU8, std::num::NonZeroU16, std::num::NonZeroU32, std::num::NonZeroU64, std::num::NonZeroU128,
    std::num::NonZeroUsize, std::num::NonZeroI8, std::num::NonZeroI16, std::num::NonZeroI32, std::num::NonZeroI64,
    std::num::NonZeroI128, std::num::NonZeroIsize,
    std::net::IpAddr, std::net::Ipv4Addr, std::net::Ipv6Addr, std::net::SocketAddr, std::net::SocketAddrV4,
    std::net::SocketAddrV6, std::path::PathBuf, std::time::Duration, crate::time::Timestamp
}

/// Numbers that JSON cannot write back if they are not finite. A number that its type cannot hold is refused when it is
/// read, except when serde reads it out of its buffer: there it has become an infinity, which is refused here.
macro_rules! floats {
    ($($type:ty),*) => {$(
        impl Payload for $type {
            #[inline]
            fn rules(&self, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
                if !self.is_finite() {
                    context.push(DecodeError::of_type(TOO_LARGE).at(at));
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
pub struct Unvalidated<T>(pub T);

impl<T: DeserializeOwned> HasSchema for Unvalidated<T> {
    fn schema() -> &'static Schema {
        leaf::<T>()
    }
}

impl<T: DeserializeOwned> Payload for Unvalidated<T> {
    fn rules(&self, _: &InputPath<'_>, _: &mut ValidationContext<'_>) {}
}

/// The unit type: `null`.
impl Payload for () {
    fn rules(&self, _: &InputPath<'_>, _: &mut ValidationContext<'_>) {}
}

impl<T: Payload> Payload for Option<T> {
    fn rules(&self, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
        if let Some(value) = self {
            value.rules(at, context);
        }
    }

    fn sanitise(&mut self) {
        if let Some(value) = self {
            value.sanitise();
        }
    }

    fn needs_walk(visited: &mut TypeSet) -> bool {
        T::needs_walk(visited)
    }
}

impl<T: Payload> Payload for Box<T> {
    fn rules(&self, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
        (**self).rules(at, context);
    }

    fn sanitise(&mut self) {
        (**self).sanitise();
    }

    fn needs_walk(visited: &mut TypeSet) -> bool {
        T::needs_walk(visited)
    }
}
