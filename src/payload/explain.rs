//! Explains which values a type without a schema accepts. The type itself tells: its `Deserialize` asks for a kind of
//! value, and its visitor is shown the value. The words never come from an error, which may repeat the input.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::json::Kind;
use super::node::Origin;
use super::single::Single;
use super::{DecodeError, Node, scalar};
use crate::schema::{Format, Integer, ScalarKind};
use crate::time::Timestamp;

/// Why a `T` could not be read from this part.
#[cold]
pub(super) fn refusal<T: DeserializeOwned>(node: Node<'_>) -> DecodeError {
    let mut asked = Asked::default();
    match T::deserialize(Question { node, asked: &mut asked }) {
        Err(Why::Variant(names)) => DecodeError::unknown_variant(names.iter().copied()),
        Err(Why::Refused) if asked.is_for_text() && !takes_any_text::<T>() => DecodeError::unexplained(),
        Err(Why::Refused) if !asked.accepted => asked.refusal(node),
        _ => DecodeError::unexplained(),
    }
}

/// Whether a type that asks for a text accepts every text: an IP address, for example, does not.
fn takes_any_text<T: DeserializeOwned>() -> bool {
    let mut asked = Asked::default();
    T::deserialize(Question { node: Node::name("\u{fffd}"), asked: &mut asked }).is_ok()
}

/// The value that a type asked for.
#[derive(Default)]
struct Asked {
    kind: Option<AskedKind>,
    /// Whether the visitor accepted the value, and a later step refused it.
    accepted: bool,
}

#[derive(Clone, Copy)]
enum AskedKind {
    Scalar(ScalarKind),
    Null,
    Array,
    Object,
}

impl Asked {
    fn is_for_text(&self) -> bool {
        matches!(self.kind, Some(AskedKind::Scalar(ScalarKind::Text(Format::Plain))))
    }

    fn refusal(&self, node: Node<'_>) -> DecodeError {
        let message = match self.kind {
            // In the range, but refused: by a type without zero, or by a type with a rule of its own.
            Some(AskedKind::Scalar(ScalarKind::Integer(range))) if is_within(range, node) => match node.raw() {
                "0" => "must be an integer other than 0",
                _ => return DecodeError::unexplained(),
            },
            Some(AskedKind::Scalar(kind)) => return scalar::refusal(&kind, node),
            Some(AskedKind::Null) => "must be null",
            Some(AskedKind::Array) => "must be an array",
            Some(AskedKind::Object) => "must be an object",
            None => return DecodeError::unexplained(),
        };
        DecodeError::of_type(message).outright()
    }
}

/// Whether the input is an integer in this range.
fn is_within(range: Integer, node: Node<'_>) -> bool {
    let number = node.raw().parse::<i128>().ok().filter(|_| scalar::is_integer(node));
    number.zip(range.range()).is_some_and(|(number, (min, max))| (min..=max).contains(&number))
}

/// Shows a visitor the kind of a value, to learn whether it accepts it.
struct Question<'de, 'q> {
    node: Node<'de>,
    asked: &'q mut Asked,
}

impl<'de> Question<'de, '_> {
    fn show<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        let shown = show(self.node, visitor);
        self.asked.accepted = shown.is_ok();
        shown
    }

    fn asks<V: Visitor<'de>>(self, kind: AskedKind, visitor: V) -> Result<V::Value, Why> {
        self.asked.kind = Some(kind);
        self.show(visitor)
    }

    fn scalar<V: Visitor<'de>>(self, kind: ScalarKind, visitor: V) -> Result<V::Value, Why> {
        self.asks(AskedKind::Scalar(kind), visitor)
    }

    /// A text. Only one format is recognised, by the words of its visitor: [`Timestamp`].
    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        let is_time = Expecting(&visitor).to_string() == Timestamp::EXPECTED;
        let format = if is_time { Format::DateTime } else { Format::Plain };
        self.scalar(ScalarKind::Text(format), visitor)
    }
}

fn show<'de, V: Visitor<'de>>(node: Node<'de>, visitor: V) -> Result<V::Value, Why> {
    let Origin::Json(document, index) = node.origin() else { return show_text(node, visitor) };
    match document.kind(index) {
        Kind::Null => visitor.visit_unit(),
        Kind::Bool => visitor.visit_bool(document.raw(index) == "true"),
        Kind::Number => show_number(document.raw(index), visitor),
        Kind::String => show_text(node, visitor),
        Kind::Array => visitor.visit_seq(Inside),
        Kind::Object => visitor.visit_map(Inside),
    }
}

fn show_number<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, Why> {
    if let Ok(number) = text.parse() {
        visitor.visit_u64(number)
    } else if let Ok(number) = text.parse() {
        visitor.visit_i64(number)
    } else {
        serde_json::from_str(text).map_or(Err(Why::Refused), |number| visitor.visit_f64(number))
    }
}

fn show_text<'de, V: Visitor<'de>>(node: Node<'_>, visitor: V) -> Result<V::Value, Why> {
    match node.string() {
        Some(text) => visitor.visit_str(&text),
        None => Err(Why::Refused),
    }
}

/// Methods that ask for an integer.
macro_rules! integers {
    ($($method:ident: $range:expr;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
            self.scalar(ScalarKind::Integer($range), visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Question<'de, '_> {
    type Error = Why;

    integers! {
        deserialize_i8: Integer::signed(8);
        deserialize_i16: Integer::signed(16);
        deserialize_i32: Integer::signed(32);
        deserialize_i64: Integer::signed(64);
        deserialize_i128: Integer::signed(128);
        deserialize_u8: Integer::unsigned(8);
        deserialize_u16: Integer::unsigned(16);
        deserialize_u32: Integer::unsigned(32);
        deserialize_u64: Integer::unsigned(64);
        deserialize_u128: Integer::unsigned(128);
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        self.show(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        self.scalar(ScalarKind::Boolean, visitor)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        self.scalar(ScalarKind::Float(32), Single(visitor))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        self.scalar(ScalarKind::Float(64), visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        self.scalar(ScalarKind::Text(Format::Character), visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        self.text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        self.text(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        self.asks(AskedKind::Null, visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Why> {
        self.asks(AskedKind::Null, visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        self.asks(AskedKind::Array, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Why> {
        self.asks(AskedKind::Array, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &str, _: usize, visitor: V) -> Result<V::Value, Why> {
        self.asks(AskedKind::Array, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        self.asks(AskedKind::Object, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Why> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Why> {
        match self.node.string() {
            Some(text) => StrDeserializer::new(&text).deserialize_enum(name, variants, visitor),
            None => Err(Why::Inside),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Why> {
        if self.node.elements().is_some() {
            // serde's derive accepts an array for a struct; this crate does not.
            self.asked.kind = Some(AskedKind::Object);
            return Err(Why::Refused);
        }
        self.asks(AskedKind::Object, visitor)
    }

    forward_to_deserialize_any! { bytes byte_buf identifier ignored_any }
}

struct Expecting<'v, V>(&'v V);

impl<'de, V: Visitor<'de>> fmt::Display for Expecting<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }
}

/// Why a type did not accept the value that it was shown.
#[derive(Debug)]
enum Why {
    Refused,
    /// The visitor asked for an inner value: the type accepts such a value, but not its content.
    Inside,
    Variant(&'static [&'static str]),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not acceptable")
    }
}

impl std::error::Error for Why {}

impl Error for Why {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Refused
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::Variant(expected)
    }
}

/// Stands for inner values, which are never shown.
struct Inside;

impl<'de> SeqAccess<'de> for Inside {
    type Error = Why;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, _: S) -> Result<Option<S::Value>, Why> {
        Err(Why::Inside)
    }
}

impl<'de> MapAccess<'de> for Inside {
    type Error = Why;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, _: S) -> Result<Option<S::Value>, Why> {
        Err(Why::Inside)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, _: S) -> Result<S::Value, Why> {
        Err(Why::Inside)
    }
}
