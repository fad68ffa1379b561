//! The attribute on an enum, a variant or a struct.

use syn::{Attribute, Expr, ExprLit, Lit, LitInt, LitStr, Meta, Path};

use super::attr::{Entry, entries};
use crate::ctxt::Ctxt;

/// Defaults for all variants.
pub(super) const ON_ENUM: [&str; 2] = ["status", "type_base"];

/// The keys of a problem type.
pub(super) const ON_VARIANT: [&str; 11] = [
    "status",
    "code",
    "title",
    "detail",
    "description",
    "type_base",
    "challenge",
    "allow",
    "upgrade",
    "transparent",
    "unlisted",
];

#[derive(Default)]
pub(super) struct KindAttrs {
    pub(super) status: Option<LitInt>,
    pub(super) code: Option<LitStr>,
    pub(super) title: Option<LitStr>,
    pub(super) detail: Option<Detail>,
    pub(super) description: Option<LitStr>,
    /// The first paragraph of the doc comment.
    pub(super) doc: Option<String>,
    pub(super) type_base: Option<LitStr>,
    /// The headers that some statuses need: `challenge`, `allow`, `upgrade`.
    pub(super) headers: Vec<(String, LitStr)>,
    pub(super) transparent: Option<Path>,
    /// Whether the wrapped types stay out of the catalogue.
    pub(super) unlisted: Option<Path>,
    /// Whether a status was given but refused, and so is not missing.
    pub(super) bad_status: bool,
    /// Every key, to report those that are not allowed beside `transparent`.
    pub(super) keys: Vec<(String, Path)>,
}

/// The client's text about one occurrence.
pub(super) enum Detail {
    /// The error's `Display` text.
    Display,
    /// A text with the names of fields in braces.
    Text(LitStr),
}

impl KindAttrs {
    pub(super) fn parse(attrs: &[Attribute], known: &[&str], place: &str, ctxt: &mut Ctxt) -> Self {
        let mut parsed = Self { doc: doc(attrs), ..Self::default() };
        for entry in entries(attrs, known, place, ctxt) {
            parsed.take(entry, ctxt);
        }
        parsed
    }

    fn take(&mut self, entry: Entry, ctxt: &mut Ctxt) {
        self.keys.push((entry.name.clone(), entry.key.clone()));
        match entry.name.as_str() {
            "status" => {
                self.status = status(entry, ctxt);
                self.bad_status = self.status.is_none();
            }
            "code" => self.code = entry.text(ctxt),
            "title" => self.title = entry.text(ctxt),
            "detail" if entry.bare => self.detail = Some(Detail::Display),
            "detail" => self.detail = entry.text(ctxt).map(Detail::Text),
            "description" => self.description = entry.text(ctxt),
            "type_base" => self.type_base = entry.text(ctxt),
            "unlisted" => self.unlisted = Some(entry.flag(ctxt)),
            "transparent" => self.transparent = Some(entry.flag(ctxt)),
            _ => {
                let name = entry.name.clone();
                self.headers.extend(entry.text(ctxt).map(|text| (name, text)));
            }
        }
    }
}

/// The first paragraph of a doc comment, in one line.
fn doc(attrs: &[Attribute]) -> Option<String> {
    let lines = attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::NameValue(doc) if doc.path.is_ident("doc") => match &doc.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let all = lines.collect::<Vec<_>>().join("\n");
    let paragraph: Vec<_> = all.trim().lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    Some(paragraph.join(" ")).filter(|text| !text.is_empty())
}

/// A number; the later checks decide whether it is the status of an error.
fn status(entry: Entry, ctxt: &mut Ctxt) -> Option<LitInt> {
    match entry.value {
        Some(Lit::Int(number)) => return Some(number),
        // A value that is not a literal was reported where it was read.
        Some(other) => ctxt.error(other, "`status` takes a number: `status = 409`"),
        None if entry.bare => ctxt.error(&entry.key, "`status` needs a number: `status = 409`"),
        None => {}
    }
    None
}
