use std::borrow::Cow;

use crate::payload::rule::no_null;
use crate::payload::{Check, Leaf, Payload, Shape, Slot};
use crate::violation::At;

/// What every text is asked: all but U+0000 is acceptable, which `PostgreSQL` cannot store and C ends a text at. A text
/// that is marked as a leaf is not asked. The walk looks at it where it stands, without a copy.
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
