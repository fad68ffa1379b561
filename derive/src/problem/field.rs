//! The attribute on a field.

use syn::{LitStr, Path};

use super::attr::entries;
use crate::ctxt::Ctxt;

const ON_FIELD: [&str; 6] = ["member", "violations", "retry_after", "challenge", "allow", "header"];

#[derive(Default)]
pub(super) struct FieldAttrs {
    /// An extension member, with its name on the wire if that differs from the field's.
    pub(super) member: Option<(Path, Option<LitStr>)>,
    pub(super) violations: Option<Path>,
    pub(super) retry_after: Option<Path>,
    pub(super) challenge: Option<Path>,
    pub(super) allow: Option<Path>,
    /// A header of this name.
    pub(super) header: Option<LitStr>,
    pub(super) first: Option<Path>,
}

impl FieldAttrs {
    pub(super) fn parse(field: &syn::Field, ctxt: &mut Ctxt) -> Self {
        let mut parsed = Self::default();
        for entry in entries(&field.attrs, &ON_FIELD, "a field", ctxt) {
            parsed.first.get_or_insert_with(|| entry.key.clone());
            match entry.name.as_str() {
                "member" if entry.bare => parsed.member = Some((entry.key, None)),
                "member" => {
                    let key = entry.key.clone();
                    parsed.member = entry.text(ctxt).map(|name| (key, Some(name)));
                }
                "violations" => parsed.violations = Some(entry.flag(ctxt)),
                "retry_after" => parsed.retry_after = Some(entry.flag(ctxt)),
                "challenge" => parsed.challenge = Some(entry.flag(ctxt)),
                "allow" => parsed.allow = Some(entry.flag(ctxt)),
                _ => parsed.header = entry.text(ctxt),
            }
        }
        parsed
    }
}
