use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::scalar::{Misfit, Unreadable, finite};
use super::{Pair, Text};
use crate::payload::json::Key;
use crate::payload::single::Single;

/// Reads a value from pairs of text.
///
/// For a type that is a list, each occurrence of a name is an element; for any other type the name must occur only
/// once. The empty text is `None` for an `Option`.
pub(crate) fn read<T: DeserializeOwned>(text: Text<'_>) -> Result<T, Unreadable> {
    T::deserialize(text)
}

impl<'de> Text<'de> {
    fn scalar(self) -> Result<&'de str, Unreadable> {
        match self {
            Self::Path(pairs) if pairs.len() != 1 => Err(Unreadable::Misfit(Misfit::Count)),
            _ => self.single().ok_or(Unreadable::Value),
        }
    }

    fn parsed<N: std::str::FromStr>(self) -> Result<N, Unreadable> {
        self.scalar()?.parse().map_err(|_| Unreadable::Value)
    }
}

macro_rules! numbers {
    ($($method:ident = $visit:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            visitor.$visit(self.parsed()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Text<'de> {
    type Error = Unreadable;

    numbers! {
        deserialize_bool = visit_bool;
        deserialize_i8 = visit_i64;
        deserialize_i16 = visit_i64;
        deserialize_i32 = visit_i64;
        deserialize_i64 = visit_i64;
        deserialize_i128 = visit_i128;
        deserialize_u8 = visit_u64;
        deserialize_u16 = visit_u64;
        deserialize_u32 = visit_u64;
        deserialize_u64 = visit_u64;
        deserialize_u128 = visit_u128;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self {
            Self::Pairs(pairs) => visitor.visit_map(Groups { left: pairs, value: &[] }),
            Self::Values([_]) | Self::Path([_]) => self.deserialize_str(visitor),
            Self::Values(pairs) | Self::Path(pairs) => visitor.visit_seq(Elements(pairs)),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_f64(Single(visitor))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_f64(finite(self.scalar()?)?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_borrowed_str(self.scalar()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_borrowed_bytes(self.scalar()?.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self {
            Self::Values(_) if !self.is_empty() => Err(Unreadable::Value),
            _ => visitor.visit_unit(),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self {
            Self::Pairs(_) => Err(Unreadable::Value),
            Self::Values(pairs) | Self::Path(pairs) => visitor.visit_seq(Elements(pairs)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Unreadable> {
        match self {
            _ if self.pairs().len() == len => self.deserialize_seq(visitor),
            Self::Path(_) => Err(Unreadable::Misfit(Misfit::Count)),
            _ => Err(Unreadable::Value),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self {
            Self::Pairs(pairs) | Self::Path(pairs) => visitor.visit_map(Groups { left: pairs, value: &[] }),
            Self::Values(_) => Err(Unreadable::Value),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        match self {
            Self::Pairs(pairs) => {
                let members = Groups { left: pairs, value: &[] };
                MapAccessDeserializer::new(members).deserialize_enum(name, variants, visitor)
            }
            _ => BorrowedStrDeserializer::new(self.scalar()?).deserialize_enum(name, variants, visitor),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }
}

/// Pairs by name.
struct Groups<'de> {
    left: &'de [Pair<'de>],
    value: &'de [Pair<'de>],
}

impl<'de> MapAccess<'de> for Groups<'de> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unreadable> {
        let Some(first) = self.left.first() else { return Ok(None) };
        let same = self.left.iter().take_while(|pair| pair.name == first.name).count();
        (self.value, self.left) = self.left.split_at(same);
        seed.deserialize(Key::new(Cow::Borrowed(first.name.as_ref()))).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Unreadable> {
        seed.deserialize(Text::Values(self.value))
    }
}

/// The values of one name, or of a path.
struct Elements<'de>(&'de [Pair<'de>]);

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Unreadable;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Unreadable> {
        let Some((first, left)) = self.0.split_at_checked(1) else { return Ok(None) };
        self.0 = left;
        seed.deserialize(Text::Values(first)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}
