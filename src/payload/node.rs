use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::{Error, StrDeserializer};

use super::buffer::Buffered;
use super::json::{self, Document, Key, Kind};
use super::text::{self, Pair, Text};
use super::{DecodeError, explain};

/// A parsed input, or a part of it, as far as the walk looks into it.
///
/// It is JSON, or text in pairs: a query, a form, a path, headers. It is as small as a slice, so that it can be passed
/// by value.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    origin: Origin<'a>,
    /// Whether it is read as serde reads a value that it has to buffer first.
    in_buffer: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'a> {
    Json(&'a Document<'a>, usize),
    Text(Text<'a>),
    /// The name of a member, as the key of a map.
    Name(&'a str),
}

impl<'a> Node<'a> {
    const fn of(origin: Origin<'a>) -> Self {
        Self { origin, in_buffer: false }
    }

    pub(super) const fn json(document: &'a Document<'a>) -> Self {
        Self::of(Origin::Json(document, 0))
    }

    pub(super) const fn text(text: Text<'a>) -> Self {
        Self::of(Origin::Text(text))
    }

    pub(super) const fn name(name: &'a str) -> Self {
        Self::of(Origin::Name(name))
    }

    /// The same part, to be read as serde reads a value that it has to buffer first.
    pub(super) const fn in_buffer(self) -> Self {
        Self { in_buffer: true, ..self }
    }

    pub(super) const fn origin(self) -> Origin<'a> {
        self.origin
    }

    /// Reads this part by itself, in the same way as within the whole.
    ///
    /// # Errors
    ///
    /// The refusal says which value is expected; it never repeats the input.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        self.decode().ok_or_else(|| explain::refusal::<T>(*self))
    }

    /// Reads this part by itself; `None` if it is not a `T`.
    pub(super) fn decode<T: DeserializeOwned>(self) -> Option<T> {
        if self.in_buffer && !self.can_be_buffered::<T>() {
            return None;
        }
        match self.origin {
            Origin::Json(document, index) => json::read(document.raw(index)).ok(),
            Origin::Text(text) => text::read(text).ok(),
            Origin::Name(name) => T::deserialize(Key::<Error>::new(Cow::Borrowed(name))).ok(),
        }
    }

    /// Whether a `T` can be read from this part, in the same way as within the whole.
    pub(super) fn fits<T: DeserializeOwned>(self) -> bool {
        self.decode::<T>().is_some()
    }

    fn can_be_buffered<T: DeserializeOwned>(&self) -> bool {
        match self.origin {
            Origin::Json(document, index) => json::read::<Buffered<T>>(document.raw(index)).is_ok(),
            Origin::Text(_) => true,
            Origin::Name(name) => Buffered::<T>::deserialize(StrDeserializer::<Error>::new(name)).is_ok(),
        }
    }

    /// The index of an array or object in its document; `None` for any other part.
    pub(super) fn part(self) -> Option<usize> {
        match self.origin {
            Origin::Json(document, index) if matches!(document.kind(index), Kind::Array | Kind::Object) => Some(index),
            _ => None,
        }
    }

    /// The number of elements or members; `None` for any other value.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        match self.origin {
            Origin::Json(document, index) => match document.kind(index) {
                Kind::Array => Some(document.inside(index).count()),
                Kind::Object => Some(document.inside(index).count() / 2),
                _ => None,
            },
            Origin::Text(Text::Values(pairs)) => Some(pairs.len()),
            Origin::Text(_) | Origin::Name(_) => None,
        }
    }

    /// Whether an `Option` is `None` here.
    pub(super) fn is_null(self) -> bool {
        match self.origin {
            Origin::Json(document, index) => document.kind(index) == Kind::Null,
            Origin::Text(text) => text.is_empty(),
            Origin::Name(_) => false,
        }
    }

    /// How many bytes have to be read for this part.
    pub(super) fn size(self) -> usize {
        match self.origin {
            Origin::Json(document, index) => document.raw(index).len(),
            Origin::Text(text) => text.size(),
            Origin::Name(name) => name.len(),
        }
    }

    /// The text of a string; `None` if this is not a string, or is not valid Unicode.
    pub(super) fn string(self) -> Option<Cow<'a, str>> {
        match self.origin {
            Origin::Json(document, index) if document.kind(index) == Kind::String => document.string(index),
            Origin::Json(..) => None,
            Origin::Text(text) => text.single().map(Cow::Borrowed),
            Origin::Name(name) => Some(Cow::Borrowed(name)),
        }
    }

    /// The elements of an array. In text input, a single value is a list of one.
    pub(super) fn elements(self) -> Option<impl Iterator<Item = Self>> {
        Some(match self.origin {
            Origin::Json(document, index) if document.kind(index) == Kind::Array => {
                Parts::Json(document.inside(index).map(|inside| Self::of(Origin::Json(document, inside))))
            }
            Origin::Text(Text::Values(pairs) | Text::Path(pairs)) => {
                Parts::Text(pairs.chunks(1).map(|pair| Self::text(Text::Values(pair))))
            }
            _ => return None,
        })
    }

    /// The members of an object. In JSON the name is `None` if it is not valid Unicode.
    pub(super) fn members(self) -> Option<impl Iterator<Item = (Option<Cow<'a, str>>, Self)>> {
        Some(match self.origin {
            Origin::Json(document, index) if document.kind(index) == Kind::Object => {
                Parts::Json(json_members(document, index))
            }
            Origin::Text(Text::Pairs(pairs)) => {
                let groups = pairs.chunk_by(|a, b| a.name == b.name);
                Parts::Text(groups.map(|group| (name_of(group), Self::text(Text::Values(group)))))
            }
            _ => return None,
        })
    }

    /// The members whose names are valid Unicode.
    pub(super) fn named_members(self) -> Option<Vec<(Cow<'a, str>, Self)>> {
        Some(self.members()?.filter_map(|(name, node)| Some((name?, node))).collect())
    }

    /// The JSON text of this part; in text input, the value itself.
    pub(super) fn raw(self) -> &'a str {
        match self.origin {
            Origin::Json(document, index) => document.raw(index),
            Origin::Text(text) => text.single().unwrap_or_default(),
            Origin::Name(name) => name,
        }
    }

    /// The name of a path parameter that is taken by its position.
    pub(super) fn name_at(self, position: usize) -> Option<&'a str> {
        match self.origin {
            Origin::Text(Text::Path(pairs)) => pairs.get(position).map(|pair| pair.name.as_ref()),
            _ => None,
        }
    }

    /// Whether the input is text: every value is a string there, and a repeated name is a list.
    pub(super) const fn is_text(self) -> bool {
        matches!(self.origin, Origin::Text(_))
    }

    /// Whether a name occurs several times, in text.
    pub(super) const fn is_repeated(self) -> bool {
        matches!(self.origin, Origin::Text(Text::Values([_, _, ..])))
    }
}

/// The parts inside a part, of either kind of input.
enum Parts<J, T> {
    Json(J),
    Text(T),
}

impl<P, J: Iterator<Item = P>, T: Iterator<Item = P>> Iterator for Parts<J, T> {
    type Item = P;

    #[inline]
    fn next(&mut self) -> Option<P> {
        match self {
            Self::Json(parts) => parts.next(),
            Self::Text(parts) => parts.next(),
        }
    }
}

fn name_of<'a>(group: &'a [Pair<'a>]) -> Option<Cow<'a, str>> {
    group.first().map(|pair| Cow::Borrowed(pair.name.as_ref()))
}

fn json_members<'a>(
    document: &'a Document<'a>,
    index: usize,
) -> impl Iterator<Item = (Option<Cow<'a, str>>, Node<'a>)> {
    let mut inside = document.inside(index);
    std::iter::from_fn(move || {
        let (name, value) = (inside.next()?, inside.next()?);
        Some((document.string(name), Node::of(Origin::Json(document, value))))
    })
}
