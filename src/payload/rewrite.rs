//! Rewrites an input as the JSON that a schema expects.
//!
//! serde keeps flattened, tagged and untagged values in a buffer without types: the text `5` stays a string there, and
//! a number cannot be read from it. A content that comes before its tag goes through the buffer as well, which can hold
//! fewer values than JSON. The schema has the types.

use std::borrow::Cow;

use super::json::Document;
use super::walk::{Fit, Walk};
use super::{Node, scalar};
use crate::schema::{Entry, Enum, Field, Kind, Map, Object, Scalar, Schema, Tagging, Variant};

/// The schema does not decide how to write a part.
pub(super) struct Undecided;

type Written = Result<(), Undecided>;

/// The JSON of an input that fits the schema.
pub(super) fn json(schema: &'static Schema, node: Node<'_>) -> Result<String, Undecided> {
    let mut out = String::new();
    write(schema, node, &mut out)?;
    Ok(out)
}

fn write(schema: &'static Schema, node: Node<'_>, out: &mut String) -> Written {
    match schema.kind() {
        Kind::Newtype(field) => write(field.schema(), node, out),
        Kind::Null => write_raw("null", out),
        Kind::Optional(_) if node.is_null() => write_raw("null", out),
        Kind::Optional(inner) => write(inner(), node, out),
        Kind::Array(array) => write_list(std::iter::repeat_with(array.items()), node, out),
        Kind::Tuple(fields) => write_list(fields.iter().map(Field::schema), node, out),
        Kind::Scalar(scalar) if node.is_text() => write_scalar(scalar, node, out),
        Kind::Scalar(_) => write_raw(node.raw(), out),
        Kind::Enum(variants) if node.members().is_none() => write_variant(variants, node, out),
        Kind::Object(_) | Kind::Map(_) | Kind::Enum(_) => write_members(schema, node, out),
    }
}

// It always succeeds; the result lets every arm of a match be an expression.
#[allow(clippy::unnecessary_wraps)]
fn write_raw(json: &str, out: &mut String) -> Written {
    out.push_str(json);
    Ok(())
}

fn write_list(schemas: impl Iterator<Item = &'static Schema>, node: Node<'_>, out: &mut String) -> Written {
    let mut separator = '[';
    for (element, schema) in node.elements().ok_or(Undecided)?.zip(schemas) {
        out.push(separator);
        separator = ',';
        write(schema, element, out)?;
    }
    out.push_str(if separator == '[' { "[]" } else { "]" });
    Ok(())
}

/// A string if the type takes one, otherwise the number or boolean that the text spells.
fn write_scalar(scalar: &Scalar, node: Node<'_>, out: &mut String) -> Written {
    let text = node.string().ok_or(Undecided)?;
    let takes =
        |json: &str| Document::parse(json).is_some_and(|document| scalar::read(scalar, Node::json(&document)).is_ok());
    let written = [quoted(&text), text.into_owned()].into_iter().find(|json| takes(json));
    written.map(|json| out.push_str(&json)).ok_or(Undecided)
}

/// The name of a variant, or the value as the first fitting untagged variant writes it.
fn write_variant(variants: &'static Enum, node: Node<'_>, out: &mut String) -> Written {
    if !node.is_text() {
        return write_raw(node.raw(), out);
    }
    let text = node.string().ok_or(Undecided)?;
    if variants.tagging() == Tagging::External && named(variants, &text).is_some() {
        return write_raw(&quoted(&text), out);
    }
    let mut untagged =
        variants.variants().iter().filter(|variant| variant.is_untagged() || variants.tagging() == Tagging::Untagged);
    let fits = |variant: &&Variant| Walk::fit(variant.content(), node) == Fit::Fits;
    write(untagged.find(fits).ok_or(Undecided)?.content(), node, out)
}

fn write_members(schema: &'static Schema, node: Node<'_>, out: &mut String) -> Written {
    let mut members: Vec<_> = node.members().ok_or(Undecided)?.collect();
    if let Some(Tagging::Adjacent(tag, _)) = tagging(schema) {
        // The tag comes first: then serde reads the content without its buffer.
        members.sort_by_key(|(name, _)| name.as_deref() != Some(tag));
    }
    let mut known = Vec::new();
    levels(schema, node, 0, &mut known);
    let mut separator = '{';
    for (name, value) in members {
        let name: Cow<'_, str> = name.ok_or(Undecided)?;
        out.push(separator);
        separator = ',';
        out.push_str(&quoted(&name));
        out.push(':');
        match known.iter().find_map(|level| level.member(&name)) {
            Some(schema) => write(schema, value, out)?,
            None if value.is_text() => out.push_str(&quoted(&value.string().unwrap_or_default())),
            None => out.push_str(value.raw()),
        }
    }
    out.push_str(if separator == '{' { "{}" } else { "}" });
    Ok(())
}

fn tagging(schema: &'static Schema) -> Option<Tagging> {
    match schema.kind() {
        Kind::Enum(variants) => Some(variants.tagging()),
        Kind::Newtype(field) => tagging(field.schema()),
        Kind::Optional(inner) => tagging(inner()),
        _ => None,
    }
}

/// A source of schemas for the members of one object.
enum Level {
    Object(&'static Object),
    Map(&'static Map),
    External(&'static Enum),
    /// The content beside a tag.
    Content(&'static str, &'static Schema),
}

impl Level {
    fn member(&self, name: &str) -> Option<&'static Schema> {
        match self {
            Self::Object(object) => object.entries().iter().find_map(|entry| match entry {
                Entry::Property(property) if property.names().contains(&name) => Some(property.field().schema()),
                _ => None,
            }),
            Self::Map(map) => Some(map.value()),
            Self::External(variants) => named(variants, name).map(|variant| variant.content()),
            Self::Content(content, schema) => (*content == name).then_some(*schema),
        }
    }
}

/// Finds the sources of schemas of an object, once for all of its members.
fn levels(schema: &'static Schema, whole: Node<'_>, depth: u8, out: &mut Vec<Level>) {
    match schema.kind() {
        // The depth is limited for a type that flattens itself into itself, which serde cannot read either.
        _ if depth > 32 => {}
        Kind::Object(object) => {
            out.push(Level::Object(object));
            // Flattened members go through serde's buffer in any case, so only text has to be given types.
            for entry in object.entries().iter().filter(|_| whole.is_text()) {
                if let Entry::Flatten(field) = entry {
                    levels(field.schema(), whole, depth + 1, out);
                }
            }
        }
        Kind::Enum(variants) => of_variants(variants, whole, depth, out),
        Kind::Map(map) => out.push(Level::Map(map)),
        Kind::Optional(inner) => levels(inner(), whole, depth + 1, out),
        Kind::Newtype(field) => levels(field.schema(), whole, depth + 1, out),
        _ => {}
    }
}

fn of_variants(variants: &'static Enum, whole: Node<'_>, depth: u8, out: &mut Vec<Level>) {
    let by_tag = |tag: &str| {
        let value = whole.members()?.find(|(known, _)| known.as_deref() == Some(tag))?.1;
        named(variants, &value.string()?).map(|variant| variant.content())
    };
    match variants.tagging() {
        Tagging::External => out.push(Level::External(variants)),
        Tagging::Adjacent(tag, content) => out.extend(by_tag(tag).map(|schema| Level::Content(content, schema))),
        Tagging::Internal(tag) if whole.is_text() => {
            by_tag(tag).into_iter().for_each(|schema| levels(schema, whole, depth + 1, out));
        }
        Tagging::Untagged if whole.is_text() => {
            let fits = |variant: &&Variant| Walk::fit_within(variant.content(), whole);
            let found = variants.variants().iter().find(fits);
            found.into_iter().for_each(|variant| levels(variant.content(), whole, depth + 1, out));
        }
        Tagging::Internal(_) | Tagging::Untagged => {}
    }
}

fn named(variants: &'static Enum, name: &str) -> Option<&'static Variant> {
    variants.variants().iter().find(|variant| !variant.is_untagged() && variant.names().contains(&name))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
