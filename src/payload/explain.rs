//! Explains in words which values a type accepts. The words come from the type's own visitor, never from an error,
//! which may repeat the input.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::json::Kind;
use super::node::Origin;
use super::single::Single;
use super::{Node, Refusal};
use crate::time::Timestamp;

/// The message for a value whose refusal cannot be explained.
pub(super) const NOT_ACCEPTABLE: &str = "is not acceptable";

/// The message for a number that its type cannot hold, or JSON cannot write.
pub(super) const TOO_LARGE: &str = "must be a number that is not so large";

/// Why a `T` could not be read from this part.
#[cold]
pub(super) fn refusal<T: DeserializeOwned>(node: Node<'_>) -> Refusal {
    let mut asked = Asked::default();
    match T::deserialize(Question { node, asked: &mut asked }) {
        Err(Why::Variant(names)) => unknown_variant(names.iter().copied()),
        Err(Why::Refused) if !asked.accepted => Refusal::of_type(message(&asked.expecting, node)).outright(),
        _ => Refusal::of_type(NOT_ACCEPTABLE),
    }
}

/// The refusal of a name that no variant has.
pub(super) fn unknown_variant<'n>(names: impl Iterator<Item = &'n str>) -> Refusal {
    Refusal::new("variant", format!("must be one of {}", names.collect::<Vec<_>>().join(", ")))
}

/// "must be …", from a visitor's expectation. Only the words of serde, the standard library and this crate are passed
/// on: the words of other crates are for programmers, and name Rust types.
fn message(expecting: &str, node: Node<'_>) -> Cow<'static, str> {
    let integer = is_integer(node);
    match (expecting, integer) {
        ("i8", true) => "must be an integer from -128 to 127".into(),
        ("i16", true) => "must be an integer from -32768 to 32767".into(),
        ("i32", true) => "must be an integer from -2147483648 to 2147483647".into(),
        ("i64" | "isize", true) => "must be an integer from -9223372036854775808 to 9223372036854775807".into(),
        ("u8", true) => "must be an integer from 0 to 255".into(),
        ("u16", true) => "must be an integer from 0 to 65535".into(),
        ("u32", true) => "must be an integer from 0 to 4294967295".into(),
        ("u64" | "usize", true) => "must be an integer from 0 to 18446744073709551615".into(),
        ("i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128" | "usize", _) => {
            "must be an integer".into()
        }
        ("f32" | "f64", _) if is_number(node) => TOO_LARGE.into(),
        ("f32" | "f64", _) => "must be a number".into(),
        ("unit", _) => "must be null".into(),
        ("a sequence", _) => "must be an array".into(),
        ("a map", _) => "must be an object".into(),
        ("IP address", _) => "must be an IP address".into(),
        ("path string", _) => "must be a path".into(),
        ("IPv4 address" | "IPv6 address", _) => format!("must be an {expecting}").into(),
        ("IPv4 socket address" | "IPv6 socket address", _) => format!("must be an {expecting}").into(),
        ("a boolean" | "a string" | "a character" | "socket address" | "a JSON number", _) => {
            format!("must be a {}", expecting.trim_start_matches("a ")).into()
        }
        (Timestamp::EXPECTED, _) => format!("must be {expecting}").into(),
        _ if expecting.starts_with("a nonzero ") => "must be an integer other than 0".into(),
        _ => by_kind(expecting).into(),
    }
}

/// serde's derive describes the expectation by the Rust type, which must not leak.
fn by_kind(expecting: &str) -> &'static str {
    let begins = |words: &str| expecting.starts_with(words);
    match () {
        () if begins("struct ") => "must be an object",
        () if begins("tuple struct ") || begins("a tuple of size ") || begins("an array of length ") => {
            "must be an array"
        }
        () if expecting == "an empty array" => "must be an array",
        () => NOT_ACCEPTABLE,
    }
}

/// Whether the input is an integer, of any size.
fn is_integer(node: Node<'_>) -> bool {
    let text = node.raw();
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the input is a number, or a text that spells one.
fn is_number(node: Node<'_>) -> bool {
    node.raw().parse::<f64>().is_ok()
}

#[derive(Default)]
struct Asked {
    expecting: String,
    /// Whether the visitor accepted the value, and a later step refused it.
    accepted: bool,
}

/// Shows a visitor the kind of a value, to learn its expectation.
struct Question<'de, 'q> {
    node: Node<'de>,
    asked: &'q mut Asked,
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

impl<'de> Deserializer<'de> for Question<'de, '_> {
    type Error = Why;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        self.asked.expecting = Expecting(&visitor).to_string();
        let shown = show(self.node, visitor);
        self.asked.accepted = shown.is_ok();
        shown
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Why> {
        self.deserialize_any(Single(visitor))
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
            self.asked.expecting = Expecting(&visitor).to_string();
            return Err(Why::Refused);
        }
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

struct Expecting<'v, V>(&'v V);

impl<'de, V: Visitor<'de>> fmt::Display for Expecting<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }
}

/// How far a question got.
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
