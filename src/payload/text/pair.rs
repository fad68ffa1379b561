use std::borrow::Cow;

/// A name and a value, decoded.
#[derive(Debug, Clone)]
pub(crate) struct Pair<'a> {
    pub(crate) name: Cow<'a, str>,
    /// `None` if the value is not UTF-8.
    pub(crate) value: Option<Cow<'a, str>>,
}

/// Groups pairs by name; pairs with the same name keep their order.
pub(crate) fn sorted<'a>(pairs: impl Iterator<Item = Pair<'a>>) -> Vec<Pair<'a>> {
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_by(|a, b| a.name.cmp(&b.name));
    pairs
}

/// The value that pairs of text represent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Text<'a> {
    /// An object. The pairs are sorted by name.
    Pairs(&'a [Pair<'a>]),
    /// The values under one name: a single value, or a list.
    Values(&'a [Pair<'a>]),
    /// The parameters of a path, to be taken by position.
    Path(&'a [Pair<'a>]),
}

impl<'a> Text<'a> {
    pub(crate) const fn pairs(self) -> &'a [Pair<'a>] {
        match self {
            Self::Pairs(pairs) | Self::Values(pairs) | Self::Path(pairs) => pairs,
        }
    }

    /// How many bytes have to be read.
    pub(crate) fn size(self) -> usize {
        let size = |pair: &Pair<'_>| pair.name.len() + pair.value.as_ref().map_or(0, |value| value.len());
        self.pairs().iter().map(size).sum()
    }

    /// The value, if there is exactly one.
    pub(crate) fn single(self) -> Option<&'a str> {
        match self {
            Self::Values([pair]) | Self::Path([pair]) => pair.value.as_deref(),
            _ => None,
        }
    }

    /// Whether this is the empty text, which a form sends for a field that the user left empty.
    pub(crate) fn is_empty(self) -> bool {
        matches!(self, Self::Values(_)) && self.single() == Some("")
    }
}
