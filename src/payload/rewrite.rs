//! Rewrites an input as the JSON that a shape expects.
//!
//! serde keeps flattened, tagged and untagged values in a buffer that knows no types: the text `5` stays a string
//! there, and a number refuses it. A content before its tag goes through the buffer as well, which can hold fewer
//! values than JSON. The shape knows the types.

use std::borrow::Cow;

use super::json::Document;
use super::walk::{Fit, Walk};
use super::{Entry, Enum, Leaf, Map, Node, Object, Shape, Tagging, Variant};

/// The shape does not decide how to write a part.
pub(super) struct Undecided;

type Written = Result<(), Undecided>;

/// The JSON of an input that fits the shape.
pub(super) fn json(shape: Shape, node: Node<'_>) -> Result<String, Undecided> {
    let mut out = String::new();
    write(shape, node, &mut out)?;
    Ok(out)
}

fn write(shape: Shape, node: Node<'_>, out: &mut String) -> Written {
    match shape {
        Shape::Checked(slot) => write((slot.shape)(), node, out),
        Shape::Unit => write_raw("null", out),
        Shape::Optional(_) if node.is_null() => write_raw("null", out),
        Shape::Optional(inner) => write(inner(), node, out),
        Shape::List(inner) => write_list(std::iter::repeat(inner), node, out),
        Shape::Tuple(slots) => write_list(slots.iter().map(|slot| slot.shape), node, out),
        Shape::Leaf(leaf) if node.is_text() => write_leaf(leaf, node, out),
        Shape::Leaf(_) => write_raw(node.raw(), out),
        Shape::Enum(variants) if node.members().is_none() => write_variant(variants, node, out),
        Shape::Object(_) | Shape::Map(_) | Shape::Enum(_) => write_members(shape, node, out),
    }
}

// It always succeeds; the result lets every arm of a match be an expression.
#[allow(clippy::unnecessary_wraps)]
fn write_raw(json: &str, out: &mut String) -> Written {
    out.push_str(json);
    Ok(())
}

fn write_list(shapes: impl Iterator<Item = fn() -> Shape>, node: Node<'_>, out: &mut String) -> Written {
    let mut separator = '[';
    for (element, shape) in node.elements().ok_or(Undecided)?.zip(shapes) {
        out.push(separator);
        separator = ',';
        write(shape(), element, out)?;
    }
    out.push_str(if separator == '[' { "[]" } else { "]" });
    Ok(())
}

/// A string if the type takes one, otherwise the number or boolean that the text spells.
fn write_leaf(leaf: Leaf, node: Node<'_>, out: &mut String) -> Written {
    let text = node.string().ok_or(Undecided)?;
    let takes = |json: &str| Document::parse(json).is_some_and(|document| (leaf.probe)(&Node::json(&document)).is_ok());
    let written = [quoted(&text), text.into_owned()].into_iter().find(|json| takes(json));
    written.map(|json| out.push_str(&json)).ok_or(Undecided)
}

/// The name of a variant, or the value as the first fitting untagged variant writes it.
fn write_variant(variants: &Enum, node: Node<'_>, out: &mut String) -> Written {
    if !node.is_text() {
        return write_raw(node.raw(), out);
    }
    let text = node.string().ok_or(Undecided)?;
    if variants.tagging == Tagging::External && named(variants, &text).is_some() {
        return write_raw(&quoted(&text), out);
    }
    let mut untagged =
        variants.variants.iter().filter(|variant| variant.untagged || variants.tagging == Tagging::Untagged);
    let fits = |variant: &&Variant| Walk::fit((variant.content)(), node) == Fit::Fits;
    write((untagged.find(fits).ok_or(Undecided)?.content)(), node, out)
}

fn write_members(shape: Shape, node: Node<'_>, out: &mut String) -> Written {
    let mut members: Vec<_> = node.members().ok_or(Undecided)?.collect();
    if let Some(Tagging::Adjacent(tag, _)) = tagging(shape) {
        members.sort_by_key(|(name, _)| name.as_deref() != Some(tag));
    }
    let mut known = Vec::new();
    levels(shape, node, 0, &mut known);
    let mut separator = '{';
    for (name, value) in members {
        let name: Cow<'_, str> = name.ok_or(Undecided)?;
        out.push(separator);
        separator = ',';
        out.push_str(&quoted(&name));
        out.push(':');
        match known.iter().find_map(|level| level.member(&name)) {
            Some(shape) => write(shape, value, out)?,
            None if value.is_text() => out.push_str(&quoted(&value.string().unwrap_or_default())),
            None => out.push_str(value.raw()),
        }
    }
    out.push_str(if separator == '{' { "{}" } else { "}" });
    Ok(())
}

fn tagging(shape: Shape) -> Option<Tagging> {
    match shape {
        Shape::Enum(variants) => Some(variants.tagging),
        Shape::Checked(slot) => tagging((slot.shape)()),
        Shape::Optional(inner) => tagging(inner()),
        _ => None,
    }
}

/// One of the tables that give members their shapes, at the level of one object.
enum Level {
    Object(&'static Object),
    Map(Map),
    External(&'static Enum),
    /// The content beside a tag.
    Content(&'static str, Shape),
}

impl Level {
    fn member(&self, name: &str) -> Option<Shape> {
        match self {
            Self::Object(object) => object.entries.iter().find_map(|entry| match entry {
                Entry::Member(member) if member.names.contains(&name) => Some((member.slot.shape)()),
                _ => None,
            }),
            Self::Map(map) => Some((map.value)()),
            Self::External(variants) => named(variants, name).map(|variant| (variant.content)()),
            Self::Content(content, shape) => (*content == name).then_some(*shape),
        }
    }
}

/// Finds the levels of an object, once for all of its members.
fn levels(shape: Shape, whole: Node<'_>, depth: u8, out: &mut Vec<Level>) {
    match shape {
        // A type that flattens itself into itself cannot be read either.
        _ if depth > 32 => {}
        Shape::Object(object) => {
            out.push(Level::Object(object));
            // Flattened members go through serde's buffer in any case, so only text has to be given types.
            for entry in object.entries.iter().filter(|_| whole.is_text()) {
                if let Entry::Flatten(inner) = entry {
                    levels(inner(), whole, depth + 1, out);
                }
            }
        }
        Shape::Enum(variants) => of_variants(variants, whole, depth, out),
        Shape::Map(map) => out.push(Level::Map(map)),
        Shape::Optional(inner) => levels(inner(), whole, depth + 1, out),
        Shape::Checked(slot) => levels((slot.shape)(), whole, depth + 1, out),
        _ => {}
    }
}

fn of_variants(variants: &'static Enum, whole: Node<'_>, depth: u8, out: &mut Vec<Level>) {
    let by_tag = |tag: &str| {
        let value = whole.members()?.find(|(known, _)| known.as_deref() == Some(tag))?.1;
        named(variants, &value.string()?).map(|variant| (variant.content)())
    };
    match variants.tagging {
        Tagging::External => out.push(Level::External(variants)),
        Tagging::Adjacent(tag, content) => out.extend(by_tag(tag).map(|shape| Level::Content(content, shape))),
        Tagging::Internal(tag) if whole.is_text() => {
            by_tag(tag).into_iter().for_each(|shape| levels(shape, whole, depth + 1, out));
        }
        Tagging::Untagged if whole.is_text() => {
            let fits = |variant: &&Variant| Walk::fit_within((variant.content)(), whole);
            let found = variants.variants.iter().find(fits);
            found.into_iter().for_each(|variant| levels((variant.content)(), whole, depth + 1, out));
        }
        Tagging::Internal(_) | Tagging::Untagged => {}
    }
}

fn named<'v>(variants: &'v Enum, name: &str) -> Option<&'v Variant> {
    variants.variants.iter().find(|variant| !variant.untagged && variant.names.contains(&name))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
