//! `#[serde(…)]`, as far as it describes an input. serde's own derive reports mistakes in it.

use syn::{Attribute, Path, Type};

use super::case::Case;
use super::meta::{Item, Value, foreign_items};

/// The attribute on the type.
#[derive(Default)]
pub(crate) struct SerdeContainer {
    pub(crate) rename_all: Option<Case>,
    pub(crate) rename_all_fields: Option<Case>,
    pub(crate) deny_unknown_fields: bool,
    pub(crate) default: bool,
    pub(crate) tag: Option<String>,
    pub(crate) content: Option<String>,
    pub(crate) untagged: bool,
    pub(crate) transparent: bool,
    /// Whether it is read as another type, then converted.
    pub(crate) converted: bool,
    /// The type that it is read as, if the conversion may fail.
    pub(crate) try_from: Option<Type>,
    pub(crate) remote: Option<Path>,
}

/// The attribute on a variant.
#[derive(Default)]
pub(crate) struct SerdeVariant {
    pub(crate) rename: Option<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) rename_all: Option<Case>,
    pub(crate) skip: bool,
    pub(crate) other: bool,
    pub(crate) untagged: bool,
    /// The function that reads its content.
    pub(crate) with: Option<Path>,
}

/// The attribute on a field.
#[derive(Default)]
pub(crate) struct SerdeField {
    pub(crate) rename: Option<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) default: bool,
    pub(crate) skip: bool,
    pub(crate) flatten: Option<Path>,
    /// The function that reads it.
    pub(crate) with: Option<Path>,
}

impl SerdeContainer {
    pub(crate) fn parse(attrs: &[Attribute]) -> Self {
        let mut found = Self::default();
        for item in foreign_items(attrs, "serde") {
            match item.name.as_str() {
                "rename_all" => found.rename_all = incoming(&item).as_deref().and_then(Case::parse),
                "rename_all_fields" => found.rename_all_fields = incoming(&item).as_deref().and_then(Case::parse),
                "deny_unknown_fields" => found.deny_unknown_fields = true,
                "default" => found.default = true,
                "tag" => found.tag = text(&item),
                "content" => found.content = text(&item),
                "untagged" => found.untagged = true,
                "transparent" => found.transparent = true,
                "from" => found.converted = true,
                "try_from" => {
                    found.converted = true;
                    found.try_from = item.as_text().and_then(|text| text.parse().ok());
                }
                "remote" => found.remote = Some(item.key),
                _ => {}
            }
        }
        found
    }
}

impl SerdeVariant {
    pub(crate) fn parse(attrs: &[Attribute]) -> Self {
        let mut found = Self::default();
        for item in foreign_items(attrs, "serde") {
            match item.name.as_str() {
                "rename" => found.rename = incoming(&item),
                "alias" => found.aliases.extend(text(&item)),
                "rename_all" => found.rename_all = incoming(&item).as_deref().and_then(Case::parse),
                "skip" | "skip_deserializing" => found.skip = true,
                "other" => found.other = true,
                "untagged" => found.untagged = true,
                "with" | "deserialize_with" => found.with = reader(&item),
                _ => {}
            }
        }
        found
    }
}

impl SerdeField {
    pub(crate) fn parse(attrs: &[Attribute]) -> Self {
        let mut found = Self::default();
        for item in foreign_items(attrs, "serde") {
            match item.name.as_str() {
                "rename" => found.rename = incoming(&item),
                "alias" => found.aliases.extend(text(&item)),
                "default" => found.default = true,
                "skip" | "skip_deserializing" => found.skip = true,
                "flatten" => found.flatten = Some(item.key),
                "with" | "deserialize_with" => found.with = reader(&item),
                _ => {}
            }
        }
        found
    }
}

fn text(item: &Item) -> Option<String> {
    item.as_text().map(syn::LitStr::value)
}

/// The part of `key = "…"` or `key(serialize = "…", deserialize = "…")` that is about input.
fn incoming(item: &Item) -> Option<String> {
    match &item.value {
        Value::List(sides) => sides.iter().find(|side| side.name == "deserialize").and_then(text),
        _ => text(item),
    }
}

/// The reading function: `with` names its module, `deserialize_with` the function itself.
fn reader(item: &Item) -> Option<Path> {
    let mut path: Path = item.as_text()?.parse().ok()?;
    if item.name == "with" {
        path.segments.push(syn::Ident::new("deserialize", item.span()).into());
    }
    Some(path)
}
