//! `#[problem(…)]` as a list of keys and values, whatever item it is on.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::{Attribute, Lit, LitStr, Path, Token};

use crate::ctxt::Ctxt;
use crate::name::did_you_mean;

/// `key` or `key = value`.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) key: Path,
    pub(super) value: Option<Lit>,
    /// Whether there is no `=` at all. If there is one but no value, the value was not a literal, which has been
    /// reported.
    pub(super) bare: bool,
}

impl Entry {
    /// The text of `key = "…"`.
    pub(super) fn text(self, ctxt: &mut Ctxt) -> Option<LitStr> {
        match self.value {
            Some(Lit::Str(text)) => return Some(text),
            Some(other) => ctxt.error(other, format!("`{}` takes a text: `{0} = \"…\"`", self.name)),
            None if self.bare => ctxt.error(self.key, format!("`{}` needs a text: `{0} = \"…\"`", self.name)),
            None => {}
        }
        None
    }

    /// `key` alone.
    pub(super) fn flag(self, ctxt: &mut Ctxt) -> Path {
        if let Some(value) = self.value {
            ctxt.error(value, format!("`{}` takes no value here: write `{0}` alone", self.name));
        }
        self.key
    }
}

/// Reads all `#[problem(…)]` of one item. Unknown or repeated keys are reported and left out.
pub(super) fn entries(attrs: &[Attribute], keys: &[&str], place: &str, ctxt: &mut Ctxt) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("problem")) {
        let outcome = attr.parse_nested_meta(|meta| {
            let name = name_of(&meta);
            let bare = !meta.input.peek(Token![=]);
            let value = if bare { no_value(&meta, &name, ctxt)? } else { value_of(&meta, &name, ctxt)? };
            if !keys.contains(&name.as_str()) {
                ctxt.error(&meta.path, unknown(&name, keys, place));
            } else if entries.iter().any(|entry| entry.name == name) {
                ctxt.error(&meta.path, format!("`{name}` is given twice"));
            } else {
                entries.push(Entry { name, key: meta.path, value, bare });
            }
            Ok(())
        });
        outcome.unwrap_or_else(|error| ctxt.syntax(error));
    }
    entries
}

fn name_of(meta: &ParseNestedMeta<'_>) -> String {
    match meta.path.get_ident() {
        Some(ident) => ident.unraw().to_string(),
        None => meta.path.to_token_stream().to_string(),
    }
}

fn no_value(meta: &ParseNestedMeta<'_>, name: &str, ctxt: &mut Ctxt) -> syn::Result<Option<Lit>> {
    if !meta.input.is_empty() && !meta.input.peek(Token![,]) {
        ctxt.error(&meta.path, format!("`{name}` is written `{name}` or `{name} = value`"));
        skip(meta.input)?;
    }
    Ok(None)
}

fn value_of(meta: &ParseNestedMeta<'_>, name: &str, ctxt: &mut Ctxt) -> syn::Result<Option<Lit>> {
    let input = meta.value()?;
    let literal = if input.peek(Lit) { Some(input.parse()?) } else { None };
    if literal.is_none() || !(input.is_empty() || input.peek(Token![,])) {
        ctxt.syntax(input.error(format!("the value of `{name}` is a literal: a number or a text in quotes")));
        skip(input)?;
    }
    Ok(literal)
}

/// Skips to the next key.
fn skip(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

fn unknown(name: &str, keys: &[&str], place: &str) -> String {
    let suggestion = did_you_mean(name, keys.iter().copied());
    format!("`{name}` means nothing on {place}{suggestion}\nknown here: {}", list(keys))
}

fn list(keys: &[&str]) -> String {
    keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
}
