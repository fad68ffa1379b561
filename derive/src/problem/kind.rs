//! The attribute on an enum, a variant or a struct.

use syn::{Attribute, Lit, LitInt, LitStr, Path};

use super::attr::{Entry, entries};
use crate::ctxt::Ctxt;

/// Defaults for all variants.
pub(super) const ON_ENUM: [&str; 2] = ["status", "type_base"];

/// The keys of a problem type.
pub(super) const ON_VARIANT: [&str; 10] =
    ["status", "code", "title", "detail", "type_base", "challenge", "allow", "upgrade", "transparent", "unlisted"];

#[derive(Default)]
pub(super) struct KindAttrs {
    pub(super) status: Option<LitInt>,
    pub(super) code: Option<LitStr>,
    pub(super) title: Option<LitStr>,
    pub(super) detail: Option<Detail>,
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
        let mut parsed = Self::default();
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
