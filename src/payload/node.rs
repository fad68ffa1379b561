use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::json::{self, Document, Kind};
use super::text::{self, Pair, Text};
use super::{Refusal, explain};

/// A parsed input, or a part of it, as far as the walk looks into it.
///
/// It is JSON, or text that came in pairs: a query, a form, a path, headers. It is as small as a slice, so that it
/// can be passed around by value.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a>(Origin<'a>);

#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'a> {
    Json(&'a Document<'a>, usize),
    Text(Text<'a>),
}

impl<'a> Node<'a> {
    pub(super) const fn json(document: &'a Document<'a>) -> Self {
        Self(Origin::Json(document, 0))
    }

    pub(super) const fn text(text: Text<'a>) -> Self {
        Self(Origin::Text(text))
    }

    pub(super) const fn origin(self) -> Origin<'a> {
        self.0
    }

    /// Reads this part by itself, just as it is read within the whole.
    ///
    /// # Errors
    ///
    /// What it must be; never what was sent.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let read = match self.0 {
            Origin::Json(document, index) => json::read(document.raw(index)).ok(),
            Origin::Text(text) => text::read(text).ok(),
        };
        read.ok_or_else(|| explain::refusal::<T>(*self))
    }

    /// How many elements or members there are; `None` for anything else.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        match self.0 {
            Origin::Json(document, index) => match document.kind(index) {
                Kind::Array => Some(document.inside(index).count()),
                Kind::Object => Some(document.inside(index).count() / 2),
                _ => None,
            },
            Origin::Text(Text::Values(pairs)) => Some(pairs.len()),
            Origin::Text(_) => None,
        }
    }

    /// Whether an `Option` is `None` here.
    pub(super) fn is_null(self) -> bool {
        match self.0 {
            Origin::Json(document, index) => document.kind(index) == Kind::Null,
            Origin::Text(text) => text.is_empty(),
        }
    }

    /// How many bytes reading this part costs.
    pub(super) fn size(self) -> usize {
        match self.0 {
            Origin::Json(document, index) => document.raw(index).len(),
            Origin::Text(text) => text.pairs().len() * 16,
        }
    }

    /// How many values and names lie in the whole input.
    pub(super) fn items(self) -> usize {
        match self.0 {
            Origin::Json(document, _) => document.len(),
            Origin::Text(text) => text.pairs().len(),
        }
    }

    /// The text of a string; `None` if this is none, or if it cannot be one in Unicode.
    pub(super) fn string(self) -> Option<Cow<'a, str>> {
        match self.0 {
            Origin::Json(document, index) if document.kind(index) == Kind::String => document.string(index),
            Origin::Json(..) => None,
            Origin::Text(text) => text.single().map(Cow::Borrowed),
        }
    }

    /// The elements of an array. A value by itself is a list of one where the input is text.
    pub(super) fn elements(self) -> Option<impl Iterator<Item = Self>> {
        let (json, text) = match self.0 {
            Origin::Json(document, index) if document.kind(index) == Kind::Array => (Some((document, index)), None),
            Origin::Text(Text::Values(pairs) | Text::Path(pairs)) => (None, Some(pairs)),
            _ => return None,
        };
        let json =
            json.map(|(document, index)| document.inside(index).map(|inside| Self(Origin::Json(document, inside))));
        let text = text.map(|pairs| pairs.chunks(1).map(|pair| Self::text(Text::Values(pair))));
        Some(json.into_iter().flatten().chain(text.into_iter().flatten()))
    }

    /// The members of an object. In JSON the name is `None` where it is no text in Unicode.
    pub(super) fn members(self) -> Option<impl Iterator<Item = (Option<Cow<'a, str>>, Self)>> {
        let (json, text) = match self.0 {
            Origin::Json(document, index) if document.kind(index) == Kind::Object => (Some((document, index)), None),
            Origin::Text(Text::Pairs(pairs)) => (None, Some(pairs)),
            _ => return None,
        };
        let json = json.map(|(document, index)| json_members(document, index));
        let groups = text.map(|pairs| pairs.chunk_by(|a, b| a.name == b.name));
        let text = groups.map(|groups| groups.map(|group| (name_of(group), Self::text(Text::Values(group)))));
        Some(json.into_iter().flatten().chain(text.into_iter().flatten()))
    }

    /// The members whose names are text.
    pub(super) fn named_members(self) -> Option<Vec<(Cow<'a, str>, Self)>> {
        Some(self.members()?.filter_map(|(name, node)| Some((name?, node))).collect())
    }

    /// The JSON text of this part.
    pub(super) fn raw(self) -> &'a str {
        match self.0 {
            Origin::Json(document, index) => document.raw(index),
            Origin::Text(text) => text.single().unwrap_or_default(),
        }
    }

    /// The name of a path parameter that is taken by its position.
    pub(super) fn name_at(self, position: usize) -> Option<&'a str> {
        match self.0 {
            Origin::Text(Text::Path(pairs)) => pairs.get(position).map(|pair| pair.name.as_ref()),
            _ => None,
        }
    }

    /// Whether the input is text: everything is a string there, and a name that is repeated is a list.
    pub(super) const fn is_text(self) -> bool {
        matches!(self.0, Origin::Text(_))
    }

    /// Whether a name stands several times, in text.
    pub(super) const fn is_repeated(self) -> bool {
        matches!(self.0, Origin::Text(Text::Values([_, _, ..])))
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
        Some((document.string(name), Node(Origin::Json(document, value))))
    })
}
