//! Attributes as lists of items, whatever their name.

use proc_macro2::{Span, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Path, Token, token};

use crate::ctxt::Ctxt;
use crate::name::did_you_mean;

/// `key`, `key = value` or `key(items)`.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) key: Path,
    pub(super) value: Value,
}

pub(super) enum Value {
    Nothing,
    Expr(Expr),
    List(Vec<Item>),
}

/// The items of all attributes of this name.
pub(super) fn items(attrs: &[Attribute], name: &str, ctxt: &mut Ctxt) -> Vec<Item> {
    let mut items = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(name)) {
        let outcome = attr.parse_nested_meta(|meta| {
            items.push(item(&meta)?);
            Ok(())
        });
        outcome.unwrap_or_else(|error| ctxt.syntax(error));
    }
    items
}

fn item(meta: &ParseNestedMeta<'_>) -> syn::Result<Item> {
    let key = meta.path.clone();
    let name = match key.get_ident() {
        Some(ident) => ident.unraw().to_string(),
        None => key.to_token_stream().to_string().replace(' ', ""),
    };
    let value = if meta.input.peek(Token![=]) {
        Value::Expr(meta.value()?.parse()?)
    } else if meta.input.peek(token::Paren) {
        let mut inner = Vec::new();
        meta.parse_nested_meta(|meta| {
            inner.push(item(&meta)?);
            Ok(())
        })?;
        Value::List(inner)
    } else {
        Value::Nothing
    };
    Ok(Item { name, key, value })
}

/// The items of a foreign attribute, whose syntax its own derive checks: unknown syntax is left out.
pub(super) fn foreign_items(attrs: &[Attribute], name: &str) -> Vec<Item> {
    let mut items = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(name)) {
        let _ = attr.parse_nested_meta(|meta| {
            match item(&meta) {
                Ok(item) => items.push(item),
                Err(_) => {
                    while !meta.input.is_empty() && !meta.input.peek(Token![,]) {
                        meta.input.parse::<TokenTree>()?;
                    }
                }
            }
            Ok(())
        });
    }
    items
}

impl Item {
    pub(super) fn span(&self) -> Span {
        self.key.span()
    }

    /// Reports this key as unknown at this place.
    pub(super) fn unknown(&self, known: &[&str], place: &str, ctxt: &mut Ctxt) {
        let suggestion = did_you_mean(&self.name, known.iter().copied());
        let list = known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        ctxt.error(&self.key, format!("`{}` means nothing on {place}{suggestion}\nknown here: {list}", self.name));
    }

    /// `key` or `key = true`.
    pub(super) fn flag(&self, ctxt: &mut Ctxt) -> bool {
        match &self.value {
            Value::Nothing => true,
            Value::Expr(Expr::Lit(ExprLit { lit: Lit::Bool(lit), .. })) => lit.value,
            _ => {
                ctxt.error(&self.key, format!("`{0}` is written `{0}` alone", self.name));
                true
            }
        }
    }

    /// The text of `key = "…"`, if the item has that form.
    pub(super) fn as_text(&self) -> Option<&LitStr> {
        match &self.value {
            Value::Expr(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => Some(text),
            _ => None,
        }
    }

    /// The text of `key = "…"`.
    pub(super) fn text(&self, ctxt: &mut Ctxt) -> Option<LitStr> {
        let text = self.as_text().cloned();
        if text.is_none() {
            ctxt.error(&self.key, format!("`{0}` takes a text: `{0} = \"…\"`", self.name));
        }
        text
    }

    /// The value of `key = value`; a text that contains an expression counts as that expression, as in validator.
    pub(super) fn expr(&self, ctxt: &mut Ctxt) -> Option<Expr> {
        if let Some(text) = self.as_text() {
            return text.parse().map_err(|error| ctxt.syntax(error)).ok();
        }
        match &self.value {
            Value::Expr(expr) => Some(expr.clone()),
            _ => {
                ctxt.error(&self.key, format!("`{0}` takes a value: `{0} = …`", self.name));
                None
            }
        }
    }

    /// The value of `key = value`; a text stays a text.
    pub(super) fn value(&self, ctxt: &mut Ctxt) -> Option<Expr> {
        if let Value::Expr(expr) = &self.value {
            return Some(expr.clone());
        }
        ctxt.error(&self.key, format!("`{0}` takes a value: `{0} = …`", self.name));
        None
    }

    /// The path of `key = path` or `key = "path"`.
    pub(super) fn path(&self, ctxt: &mut Ctxt) -> Option<Path> {
        match self.expr(ctxt)? {
            Expr::Path(path) if path.attrs.is_empty() && path.qself.is_none() => Some(path.path),
            other => {
                ctxt.error(other, format!("`{0}` takes a path: `{0} = module::name`", self.name));
                None
            }
        }
    }

    /// The items of `key(…)`; an empty list for `key` alone.
    pub(super) fn list(&self, ctxt: &mut Ctxt) -> Option<&[Item]> {
        match &self.value {
            Value::List(items) => Some(items),
            Value::Nothing => Some(&[]),
            Value::Expr(value) => {
                ctxt.error(value, format!("`{0}` takes its arguments in parentheses: `{0}(…)`", self.name));
                None
            }
        }
    }
}
