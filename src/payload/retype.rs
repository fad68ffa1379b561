//! Text, written as the JSON that a shape wants.
//!
//! serde keeps what is flattened, tagged or untagged in a buffer that knows no types, so the text `5` stays a string
//! there and a number refuses it. The shape knows better.

use std::borrow::Cow;

use super::json::Document;
use super::text::{Text, Unreadable};
use super::{Entry, Enum, Leaf, Node, Object, Shape, Tagging};

/// The JSON of an input of text; an error where the shape does not say what becomes of a part.
pub(super) fn json(shape: Shape, text: Text<'_>) -> Result<String, Unreadable> {
    let mut out = String::new();
    write(shape, Node::text(text), &mut out)?;
    Ok(out)
}

fn write(shape: Shape, node: Node<'_>, out: &mut String) -> Result<(), Unreadable> {
    match shape {
        Shape::Checked(slot) => write((slot.shape)(), node, out),
        Shape::Unit => write_raw("null", out),
        Shape::Optional(_) if node.is_null() => write_raw("null", out),
        Shape::Optional(inner) => write(inner(), node, out),
        Shape::List(inner) => write_list(std::iter::repeat(inner), node, out),
        Shape::Tuple(slots) => write_list(slots.iter().map(|slot| slot.shape), node, out),
        Shape::Leaf(leaf) => write_leaf(leaf, node, out),
        Shape::Object(_) | Shape::Map(_) | Shape::Enum(_) => match node.members() {
            Some(members) => write_members(shape, members, out),
            None => write_raw(&quoted(&node.string().ok_or(Unreadable)?), out),
        },
    }
}

// It always works: so that every arm of a match can be an expression.
#[allow(clippy::unnecessary_wraps)]
fn write_raw(json: &str, out: &mut String) -> Result<(), Unreadable> {
    out.push_str(json);
    Ok(())
}

fn write_list(shapes: impl Iterator<Item = fn() -> Shape>, node: Node<'_>, out: &mut String) -> Result<(), Unreadable> {
    let mut separator = '[';
    for (element, shape) in node.elements().ok_or(Unreadable)?.zip(shapes) {
        out.push(separator);
        separator = ',';
        write(shape(), element, out)?;
    }
    out.push_str(if separator == '[' { "[]" } else { "]" });
    Ok(())
}

/// A string if the type takes one, else the number or truth value that the text spells.
fn write_leaf(leaf: Leaf, node: Node<'_>, out: &mut String) -> Result<(), Unreadable> {
    let text = node.string().ok_or(Unreadable)?;
    let takes = |json: &str| Document::parse(json).is_some_and(|document| (leaf.probe)(&Node::json(&document)).is_ok());
    let written = [quoted(&text), text.into_owned()].into_iter().find(|json| takes(json));
    written.map(|json| out.push_str(&json)).ok_or(Unreadable)
}

fn write_members<'a>(
    shape: Shape,
    members: impl Iterator<Item = (Option<Cow<'a, str>>, Node<'a>)>,
    out: &mut String,
) -> Result<(), Unreadable> {
    let mut separator = '{';
    for (name, value) in members {
        let name = name.ok_or(Unreadable)?;
        out.push(separator);
        separator = ',';
        out.push_str(&quoted(&name));
        out.push(':');
        match member(shape, &name, 0) {
            Some(shape) => write(shape, value, out)?,
            None => out.push_str(&quoted(&value.string().unwrap_or_default())),
        }
    }
    out.push_str(if separator == '{' { "{}" } else { "}" });
    Ok(())
}

/// The shape of what stands under a name, at the level of the outermost object.
fn member(shape: Shape, name: &str, depth: u8) -> Option<Shape> {
    match shape {
        // A type that flattens itself into itself cannot be read either.
        _ if depth > 32 => None,
        Shape::Object(object) => known(object, name).or_else(|| flattened(object, name, depth)),
        Shape::Enum(variants) => content(variants, name, depth),
        Shape::Map(map) => Some((map.value)()),
        Shape::Optional(inner) => member(inner(), name, depth + 1),
        Shape::Checked(slot) => member((slot.shape)(), name, depth + 1),
        _ => None,
    }
}

fn known(object: &Object, name: &str) -> Option<Shape> {
    object.entries.iter().find_map(|entry| match entry {
        Entry::Member(member) if member.names.contains(&name) => Some((member.slot.shape)()),
        _ => None,
    })
}

fn flattened(object: &Object, name: &str, depth: u8) -> Option<Shape> {
    object.entries.iter().find_map(|entry| match entry {
        Entry::Flatten(inner) => member(inner(), name, depth + 1),
        Entry::Member(_) => None,
    })
}

fn content(variants: &Enum, name: &str, depth: u8) -> Option<Shape> {
    let mut all = variants.variants.iter();
    match variants.tagging {
        Tagging::Internal(tag) if tag == name => None,
        Tagging::Internal(_) | Tagging::Untagged => {
            all.find_map(|variant| member((variant.content)(), name, depth + 1))
        }
        Tagging::External => all.find(|variant| variant.names.contains(&name)).map(|variant| (variant.content)()),
        Tagging::Adjacent(..) => None,
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
