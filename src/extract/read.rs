//! Bytes and text become values.

use http::Extensions;
use percent_encoding::percent_decode_str;
use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::exchange::PathParams;
use crate::payload::{Check, Payload, Shape};
use crate::problem::{Problem, catalogue};
use crate::violation::{At, Violation};

pub(super) fn json<T: Payload>(bytes: &[u8], context: &Extensions) -> Result<T, Problem> {
    checked(unchecked_json(bytes)?, &At::body(), context)
}

pub(super) fn unchecked_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => unreadable(&At::body()),
        _ => Problem::of(catalogue::MALFORMED_BODY),
    })
}

pub(super) fn urlencoded<T: Payload>(bytes: &[u8], at: &At<'_>, context: &Extensions) -> Result<T, Problem> {
    checked(unchecked_urlencoded(bytes, at)?, at, context)
}

pub(super) fn unchecked_urlencoded<T: DeserializeOwned>(bytes: &[u8], at: &At<'_>) -> Result<T, Problem> {
    let text = String::from_utf8_lossy(bytes);
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), Text(decode(value)))
    });
    T::deserialize(MapDeserializer::new(pairs)).map_err(|_: Error| unreadable(at))
}

pub(super) fn path<T: Payload>(params: &PathParams, context: &Extensions) -> Result<T, Problem> {
    let first = params.iter().next().map_or("", |(name, _)| name);
    let at = At::parameters();
    match T::shape() {
        Shape::Leaf(_) | Shape::Checked(_) => checked(unchecked_path(params)?, &at.member(first), context),
        _ => checked(unchecked_path(params)?, &at, context),
    }
}

pub(super) fn unchecked_path<T: DeserializeOwned>(params: &PathParams) -> Result<T, Problem> {
    let pairs = || params.iter().map(|(name, value)| (name, Text(value.to_owned())));
    T::deserialize(MapDeserializer::new(pairs()))
        .or_else(|_: Error| T::deserialize(SeqDeserializer::new(pairs().map(|(_, value)| value))))
        .or_else(|_: Error| T::deserialize(pairs().next().map_or(Text(String::new()), |(_, value)| value)))
        .map_err(|_: Error| unreadable(&At::parameters().member(params.iter().next().map_or("", |(name, _)| name))))
}

fn checked<T: Payload>(mut value: T, at: &At<'_>, context: &Extensions) -> Result<T, Problem> {
    value.sanitise();
    let mut check = Check::with_context(context);
    value.rules(at, &mut check);
    check.finish().map(|()| value)
}

fn unreadable(at: &At<'_>) -> Problem {
    Problem::from(Violation::at(at, "type", "is not acceptable"))
}

struct Text(String);

impl IntoDeserializer<'_, Error> for Text {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(serde::de::Error::custom("unreadable")),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Text {
    type Error = Error;

    parsed! {
        deserialize_bool visit_bool deserialize_i8 visit_i8 deserialize_i16 visit_i16 deserialize_i32 visit_i32
        deserialize_i64 visit_i64 deserialize_u8 visit_u8 deserialize_u16 visit_u16 deserialize_u32 visit_u32
        deserialize_u64 visit_u64 deserialize_f32 visit_f32 deserialize_f64 visit_f64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        IntoDeserializer::<Error>::into_deserializer(self.0).deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
