//! Schemas of the standard library.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num;

use super::{Array, Entry, Field, Format, HasSchema, Integer, Kind, Object, Property, Scalar, ScalarKind, Schema};

macro_rules! schemas {
    ($($type:ty: $schema:expr;)*) => {$(
        impl HasSchema for $type {
            fn schema() -> &'static Schema {
                const { &$schema }
            }
        }
    )*};
}

const fn integer(integer: Integer) -> Schema {
    Schema::scalar(Scalar::integer(integer))
}

const fn string(format: Format) -> Schema {
    Schema::scalar(Scalar::text(format))
}

const fn scalar(kind: ScalarKind) -> Schema {
    Schema::scalar(Scalar::new(kind))
}

schemas! {
    (): Schema::null();
    bool: scalar(ScalarKind::Boolean);
    serde_json::Value: scalar(ScalarKind::Any);
    serde_json::Number: scalar(ScalarKind::Number);
    f32: scalar(ScalarKind::Float(32));
    f64: scalar(ScalarKind::Float(64));
    u8: integer(Integer::unsigned(8));
    u16: integer(Integer::unsigned(16));
    u32: integer(Integer::unsigned(32));
    u64: integer(Integer::unsigned(64));
    u128: integer(Integer::unsigned(128));
    usize: integer(Integer::unsigned(usize::BITS));
    i8: integer(Integer::signed(8));
    i16: integer(Integer::signed(16));
    i32: integer(Integer::signed(32));
    i64: integer(Integer::signed(64));
    i128: integer(Integer::signed(128));
    isize: integer(Integer::signed(isize::BITS));
    num::NonZeroU8: integer(Integer::unsigned(8).without_zero());
    num::NonZeroU16: integer(Integer::unsigned(16).without_zero());
    num::NonZeroU32: integer(Integer::unsigned(32).without_zero());
    num::NonZeroU64: integer(Integer::unsigned(64).without_zero());
    num::NonZeroU128: integer(Integer::unsigned(128).without_zero());
    num::NonZeroUsize: integer(Integer::unsigned(usize::BITS).without_zero());
    num::NonZeroI8: integer(Integer::signed(8).without_zero());
    num::NonZeroI16: integer(Integer::signed(16).without_zero());
    num::NonZeroI32: integer(Integer::signed(32).without_zero());
    num::NonZeroI64: integer(Integer::signed(64).without_zero());
    num::NonZeroI128: integer(Integer::signed(128).without_zero());
    num::NonZeroIsize: integer(Integer::signed(isize::BITS).without_zero());
    str: string(Format::Plain);
    String: string(Format::Plain);
    char: string(Format::Character);
    IpAddr: string(Format::Ip);
    Ipv4Addr: string(Format::Ipv4);
    Ipv6Addr: string(Format::Ipv6);
    SocketAddr: string(Format::SocketAddress);
    SocketAddrV4: string(Format::SocketAddressV4);
    SocketAddrV6: string(Format::SocketAddressV6);
    std::path::PathBuf: string(Format::Path);
    std::time::Duration: Schema::new(Kind::Object(Object::new(const { &[
        Entry::Property(Property::new(&["secs"], Field::new(u64::schema))),
        Entry::Property(Property::new(&["nanos"], Field::new(u32::schema))),
    ] }).deny_unknown(true)));
}

/// Types that are written like the value that they point to.
macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        impl<T: HasSchema + ?Sized> HasSchema for $pointer {
            fn schema() -> &'static Schema {
                T::schema()
            }
        }
    )*};
}

pointers! { &T, Box<T>, std::sync::Arc<T> }

impl<T: HasSchema + ToOwned + ?Sized> HasSchema for Cow<'_, T> {
    fn schema() -> &'static Schema {
        T::schema()
    }
}

impl<T: HasSchema> HasSchema for Option<T> {
    fn schema() -> &'static Schema {
        const { &Schema::optional(T::schema) }
    }
}

/// Arrays of any length.
macro_rules! arrays {
    ($($array:ty),*) => {$(
        impl<T: HasSchema> HasSchema for $array {
            fn schema() -> &'static Schema {
                const { &Schema::array(T::schema) }
            }
        }
    )*};
}

arrays! { Vec<T>, [T], VecDeque<T> }

impl<T: HasSchema> HasSchema for BTreeSet<T> {
    fn schema() -> &'static Schema {
        const { &Schema::new(Kind::Array(Array::set(T::schema))) }
    }
}

impl<T: HasSchema, S> HasSchema for HashSet<T, S> {
    fn schema() -> &'static Schema {
        const { &Schema::new(Kind::Array(Array::set(T::schema))) }
    }
}

impl<T: HasSchema, const N: usize> HasSchema for [T; N] {
    fn schema() -> &'static Schema {
        const { &Schema::tuple(const { &[Field::new(T::schema); N] }) }
    }
}

impl<K: HasSchema, T: HasSchema> HasSchema for BTreeMap<K, T> {
    fn schema() -> &'static Schema {
        const { &Schema::map(K::schema, T::schema) }
    }
}

impl<K: HasSchema, T: HasSchema, S> HasSchema for HashMap<K, T, S> {
    fn schema() -> &'static Schema {
        const { &Schema::map(K::schema, T::schema) }
    }
}

/// Arrays with one value for each place.
macro_rules! tuples {
    ($(($($name:ident),+))+) => {$(
        impl<$($name: HasSchema),+> HasSchema for ($($name,)+) {
            fn schema() -> &'static Schema {
                const { &Schema::tuple(const { &[$(Field::new($name::schema)),+] }) }
            }
        }
    )+};
}

tuples! {
    (A)
    (A, B)
    (A, B, C)
    (A, B, C, D)
    (A, B, C, D, E)
    (A, B, C, D, E, F)
    (A, B, C, D, E, F, G)
    (A, B, C, D, E, F, G, H)
}
