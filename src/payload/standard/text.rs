use std::borrow::Cow;

use crate::payload::rule::no_null;
use crate::payload::{Check, Leaf, Payload, Shape, Slot};
use crate::violation::At;

/// The rule of every text: all characters are acceptable but U+0000, which `PostgreSQL` cannot store and which ends a
/// text in C. It does not apply to a text that is marked as a leaf. The walk checks the text in place, without a copy.
static TEXT: Slot = Slot {
    shape: || {
        Shape::Leaf(Leaf {
            probe: |node| if node.string().is_some() { Ok(()) } else { node.read::<String>().map(drop) },
        })
    },
    length: None,
    check: Some(|node, at, check| {
        if let Some(text) = node.string() {
            no_null(&text, at, check);
        }
    }),
};

impl Payload for String {
    fn shape() -> Shape {
        Shape::Checked(&TEXT)
    }

    #[inline]
    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        no_null(self, at, check);
    }
}

impl Payload for Box<str> {
    fn shape() -> Shape {
        Shape::Checked(&TEXT)
    }

    #[inline]
    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        no_null(self, at, check);
    }
}

impl Payload for Cow<'static, str> {
    fn shape() -> Shape {
        Shape::Checked(&TEXT)
    }

    #[inline]
    fn rules(&self, at: &At<'_>, check: &mut Check<'_>) {
        no_null(self, at, check);
    }
}
