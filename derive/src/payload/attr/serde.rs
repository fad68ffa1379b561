//! `#[serde(…)]`, as far as it describes an input or an output. serde's own derive reports mistakes in it.

use syn::{Attribute, Path, Type};

use super::case::Case;
use super::meta::{Item, Value, foreign_items};

/// Whether a type is described as serde reads it or as serde writes it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Input,
    Output,
}

/// The attribute on the type.
#[derive(Default)]
pub(crate) struct SerdeContainer {
    pub(crate) rename: Option<String>,
    pub(crate) rename_all: Option<Case>,
    pub(crate) rename_all_fields: Option<Case>,
    pub(crate) deny_unknown_fields: bool,
    pub(crate) default: bool,
    /// The function that makes the default, if `default` names one.
    pub(crate) default_function: Option<Path>,
    pub(crate) tag: Option<String>,
    pub(crate) content: Option<String>,
    pub(crate) untagged: bool,
    pub(crate) transparent: bool,
    /// Whether it is read or written as another type, and converted.
    pub(crate) converted: bool,
    /// The other type.
    pub(crate) proxy: Option<Type>,
    /// Whether the conversion may fail.
    pub(crate) may_fail: bool,
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
    /// The function that reads or writes its content.
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
    /// The function that reads or writes it.
    pub(crate) with: Option<Path>,
    /// The function that makes its default, if `default` names one.
    pub(crate) default_function: Option<Path>,
    /// Whether it may be left out of an output.
    pub(crate) may_be_skipped: bool,
}

impl SerdeContainer {
    pub(crate) fn parse(attrs: &[Attribute], side: Side) -> Self {
        let mut found = Self::default();
        for item in foreign_items(attrs, "serde") {
            match item.name.as_str() {
                "rename" => found.rename = side.text(&item),
                "rename_all" => found.rename_all = side.text(&item).as_deref().and_then(Case::parse),
                "rename_all_fields" => found.rename_all_fields = side.text(&item).as_deref().and_then(Case::parse),
                "deny_unknown_fields" => found.deny_unknown_fields = true,
                "default" => {
                    found.default = true;
                    found.default_function = item.as_text().and_then(|text| text.parse().ok());
                }
                "tag" => found.tag = text(&item),
                "content" => found.content = text(&item),
                "untagged" => found.untagged = true,
                "transparent" => found.transparent = true,
                name if name == side.conversion() || (name == "try_from" && side == Side::Input) => {
                    found.converted = true;
                    found.may_fail = name == "try_from";
                    found.proxy = item.as_text().and_then(|text| text.parse().ok());
                }
                "remote" => found.remote = Some(item.key),
                _ => {}
            }
        }
        found
    }
}

impl SerdeVariant {
    pub(crate) fn parse(attrs: &[Attribute], side: Side) -> Self {
        let mut found = Self::default();
        for item in foreign_items(attrs, "serde") {
            match item.name.as_str() {
                "rename" => found.rename = side.text(&item),
                "alias" => found.aliases.extend(text(&item)),
                "rename_all" => found.rename_all = side.text(&item).as_deref().and_then(Case::parse),
                name if name == "skip" || name == side.skip() => found.skip = true,
                "other" => found.other = true,
                "untagged" => found.untagged = true,
                name if name == "with" || name == side.function() => found.with = side.path(&item),
                _ => {}
            }
        }
        found
    }
}

impl SerdeField {
    pub(crate) fn parse(attrs: &[Attribute], side: Side) -> Self {
        let mut found = Self::default();
        for item in foreign_items(attrs, "serde") {
            match item.name.as_str() {
                "rename" => found.rename = side.text(&item),
                "alias" => found.aliases.extend(text(&item)),
                "default" => {
                    found.default = true;
                    found.default_function = item.as_text().and_then(|text| text.parse().ok());
                }
                "skip_serializing_if" => found.may_be_skipped = true,
                name if name == "skip" || name == side.skip() => found.skip = true,
                "flatten" => found.flatten = Some(item.key),
                name if name == "with" || name == side.function() => found.with = side.path(&item),
                _ => {}
            }
        }
        found
    }
}

/// Whether serde does not read the type of this field, or the types inside this type or variant, as they are.
pub(crate) fn is_not_read(attrs: &[Attribute]) -> bool {
    const NAMES: [&str; 4] = ["from", "try_from", "skip_deserializing", "deserialize_with"];
    foreign_items(attrs, "serde").iter().any(|item| NAMES.contains(&item.name.as_str()))
}

fn text(item: &Item) -> Option<String> {
    item.as_text().map(syn::LitStr::value)
}

impl Side {
    /// serde's word for it.
    const fn word(self) -> &'static str {
        match self {
            Self::Input => "deserialize",
            Self::Output => "serialize",
        }
    }

    /// The attribute that converts the type.
    const fn conversion(self) -> &'static str {
        match self {
            Self::Input => "from",
            Self::Output => "into",
        }
    }

    /// The attribute that leaves something out.
    const fn skip(self) -> &'static str {
        match self {
            Self::Input => "skip_deserializing",
            Self::Output => "skip_serializing",
        }
    }

    /// The attribute that names a function.
    const fn function(self) -> &'static str {
        match self {
            Self::Input => "deserialize_with",
            Self::Output => "serialize_with",
        }
    }

    /// The part of `key = "…"` or `key(serialize = "…", deserialize = "…")` that is about this side.
    fn text(self, item: &Item) -> Option<String> {
        match &item.value {
            Value::List(sides) => sides.iter().find(|side| side.name == self.word()).and_then(text),
            _ => text(item),
        }
    }

    /// The function that reads or writes: `with` names its module.
    fn path(self, item: &Item) -> Option<Path> {
        let mut path: Path = item.as_text()?.parse().ok()?;
        if item.name == "with" {
            path.segments.push(syn::Ident::new(self.word(), item.span()).into());
        }
        Some(path)
    }
}

/// Whether an attribute of serde makes the output of a type differ from its input.
pub(crate) fn is_one_sided(attrs: &[Attribute]) -> bool {
    const NAMES: [&str; 8] = [
        "from",
        "into",
        "try_from",
        "skip_serializing",
        "skip_deserializing",
        "serialize_with",
        "deserialize_with",
        "with",
    ];
    foreign_items(attrs, "serde").iter().any(|item| {
        NAMES.contains(&item.name.as_str()) || matches!(&item.value, Value::List(_)) && item.name.starts_with("rename")
    })
}
