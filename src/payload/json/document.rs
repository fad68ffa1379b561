use std::borrow::Cow;

use super::parser;

/// A JSON text and the positions of its values, in one flat list: an array or object is followed by its content. A body
/// of a million brackets costs one allocation that grows, and no recursion.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    text: &'a str,
    items: Vec<Item>,
}

/// A value, or the name of a member.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The index of the item that follows this one and its content.
    pub(super) next: usize,
    /// Whether it is a string with an escape.
    pub(super) is_escaped: bool,
}

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

impl<'a> Document<'a> {
    /// Parses a text; `None` if it is not JSON or nests too deeply (RFC 8259 §2, §9).
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        parser::items(text.as_bytes()).map(|items| Self { text, items })
    }

    /// The text of an item.
    pub(crate) fn raw(&self, index: usize) -> &'a str {
        self.items.get(index).and_then(|item| self.text.get(item.start..item.end)).unwrap_or_default()
    }

    /// The text of a string or a name; `None` if an escape is half of a surrogate pair.
    pub(crate) fn string(&self, index: usize) -> Option<Cow<'a, str>> {
        let item = self.items.get(index)?;
        match item.is_escaped {
            true => serde_json::from_str(self.text.get(item.start..item.end)?).ok().map(Cow::Owned),
            // Between its quotes.
            false => self.text.get(item.start + 1..item.end.checked_sub(1)?).map(Cow::Borrowed),
        }
    }

    pub(crate) fn kind(&self, index: usize) -> Kind {
        match self.items.get(index).and_then(|item| self.text.as_bytes().get(item.start)) {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') | None => Kind::Null,
            Some(_) => Kind::Number,
        }
    }

    /// The items directly inside an array (its elements) or an object (name, value, name, value, …).
    pub(crate) fn inside(&self, index: usize) -> impl Iterator<Item = usize> {
        let end = self.next(index);
        std::iter::successors(Some(index + 1), |inside| Some(self.next(*inside)))
            .take_while(move |inside| *inside < end)
    }

    fn next(&self, index: usize) -> usize {
        self.items.get(index).map_or(usize::MAX, |item| item.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_stand_in_order_and_know_their_end() {
        let document = Document::parse(r#" {"a": [1, {}], "b" : -0.5e+3 } "#).unwrap();
        let raw = |index| document.raw(index);
        assert_eq!(document.inside(0).map(raw).collect::<Vec<_>>(), [r#""a""#, "[1, {}]", r#""b""#, "-0.5e+3"]);
        assert_eq!(document.inside(2).map(raw).collect::<Vec<_>>(), ["1", "{}"]);
        assert_eq!((document.kind(0), document.kind(2), document.kind(6)), (Kind::Object, Kind::Array, Kind::Number));
        assert_eq!(document.items.len(), 7);
    }

    #[test]
    fn what_is_no_json_is_no_document() {
        for text in [
            "",
            " ",
            "[",
            "]",
            "[1",
            "[1,]",
            "[,1]",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "[1}",
            "{]",
            "01",
            "1.",
            ".5",
            "-",
            "+1",
            "1e",
            "0x1",
            "NaN",
            "nul",
            "true1",
            "\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\n\"",
            "1 2",
            "[] []",
            "\u{feff}[]",
            "'a'",
            "[1,,2]",
            "{\"a\" 1}",
            "{1:1}",
            "\"\\u00",
            "\"\\",
        ] {
            assert!(Document::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn what_is_json_is_a_document() {
        for text in [
            "1",
            " null ",
            "\"\\ud800\"",
            "1e999",
            "-0",
            "[]",
            "{}",
            "[[],{}]",
            "{\"\":{\"\":[]}}",
            "\"\\u0000\\/\"",
            "\"\u{7f}\"",
            "{\"a\":1,\"a\":2}",
            "123456789012345678901234567890",
        ] {
            assert!(Document::parse(text).is_some(), "{text:?}");
        }
    }
}
