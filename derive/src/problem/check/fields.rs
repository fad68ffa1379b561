//! The parts that the fields of a variant add to its problem.

use quote::ToTokens;
use syn::{LitStr, Path};

use super::text::is_token;
use crate::ctxt::Ctxt;
use crate::name::did_you_mean;
use crate::problem::ast::{Field, Variant};

/// The names that have a meaning in the envelope itself.
const RESERVED: [&str; 8] = ["type", "title", "status", "detail", "instance", "code", "request_id", "errors"];

/// Headers that describe the body or the connection: the envelope and the server write them. Only a 416 has a range,
/// which gives the length of the resource (RFC 9110 §15.5.17).
const NOT_OURS: [&str; 8] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "trailer",
    "transfer-encoding",
    "x-request-id",
];

/// A wrapped problem stands alone.
pub(super) fn transparent(variant: &Variant<'_>, key: &Path, ctxt: &mut Ctxt) {
    if variant.fields.len() != 1 {
        let found = variant.fields.len();
        ctxt.error(
            key,
            format!("`transparent` needs exactly one field, the problem that is wrapped; there are {found}"),
        );
    }
    for (name, key) in variant.attrs.keys.iter().filter(|(name, _)| name != "transparent" && name != "unlisted") {
        ctxt.error(key, format!("`{name}` comes from the wrapped problem: take it away, or `transparent`"));
    }
    for key in variant.fields.iter().filter_map(|field| field.attrs.first.as_ref()) {
        ctxt.error(key, "the wrapped problem says everything: take this away, or `transparent`");
    }
}

/// Whether a field provides the header that the type does not have.
pub(super) fn provides(variant: &Variant<'_>, key: &str) -> bool {
    variant.fields.iter().any(|field| match key {
        "challenge" => field.attrs.challenge.is_some() && !field.is_optional(),
        "allow" => field.attrs.allow.is_some() && !field.is_optional(),
        _ => false,
    })
}

pub(super) fn check(variant: &Variant<'_>, status: u16, ctxt: &mut Ctxt) {
    check_members(&variant.fields, ctxt);
    once(&variant.fields, "violations", |field| field.attrs.violations.as_ref(), ctxt);
    once(&variant.fields, "retry_after", |field| field.attrs.retry_after.as_ref(), ctxt);
    once(&variant.fields, "challenge", |field| field.attrs.challenge.as_ref(), ctxt);
    once(&variant.fields, "allow", |field| field.attrs.allow.as_ref(), ctxt);
    for field in &variant.fields {
        if let Some(name) = &field.attrs.header {
            header(name, status, ctxt);
        }
        if status != 0 {
            goes_with(field.attrs.challenge.as_ref(), &[401, 407], status, ctxt);
            goes_with(field.attrs.allow.as_ref(), &[405], status, ctxt);
        }
    }
}

/// The names of the extension members.
pub(super) fn members(variant: &Variant<'_>) -> Vec<String> {
    let name = |field: &Field<'_>| {
        let (_, name) = field.attrs.member.as_ref()?;
        Some(name.as_ref().map_or_else(|| field.name(), LitStr::value))
    };
    variant.fields.iter().filter_map(name).collect()
}

fn check_members(fields: &[Field<'_>], ctxt: &mut Ctxt) {
    let mut seen: Vec<String> = Vec::new();
    for field in fields {
        let Some((key, literal)) = &field.attrs.member else { continue };
        let name = literal.as_ref().map_or_else(|| field.name(), LitStr::value);
        let place = literal.as_ref().map_or_else(|| key.to_token_stream(), ToTokens::to_token_stream);
        if literal.is_none() && field.syntax.ident.is_none() {
            ctxt.error(place, "a field without a name needs one on the wire: `member = \"…\"`");
        } else if RESERVED.contains(&name.as_str()) {
            ctxt.error(place, format!("the envelope has a `{name}` of its own: give the member another name"));
        } else if !is_member_name(&name) {
            ctxt.error(place, "a member's name begins with a letter and goes on with letters, digits and `_`");
        } else if seen.contains(&name) {
            ctxt.error(place, format!("there is a member `{name}` already"));
        }
        seen.push(name);
    }
}

/// RFC 9457 §3.2: names that survive every format.
fn is_member_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn once<'a>(fields: &'a [Field<'_>], name: &str, get: impl Fn(&'a Field<'_>) -> Option<&'a Path>, ctxt: &mut Ctxt) {
    for key in fields.iter().filter_map(get).skip(1) {
        ctxt.error(key, format!("only one field can be the `{name}`"));
    }
}

fn goes_with(key: Option<&Path>, statuses: &[u16], status: u16, ctxt: &mut Ctxt) {
    if let Some(key) = key
        && !statuses.contains(&status)
    {
        let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
        let name = key.to_token_stream();
        ctxt.error(key, format!("`{name}` goes with {}, not with {status}", statuses.join(" and ")));
    }
}

fn header(literal: &LitStr, status: u16, ctxt: &mut Ctxt) {
    let name = literal.value();
    if !is_token(&name) || name.contains(|c: char| c.is_ascii_uppercase()) {
        let lower = name.to_ascii_lowercase();
        ctxt.error(
            literal,
            format!("a header's name is a word in small letters{}", did_you_mean(&name, [lower.as_str()])),
        );
    } else if NOT_OURS.contains(&name.as_str()) && !(status == 416 && name == "content-range") {
        ctxt.error(literal, format!("`{name}` belongs to the response as a whole: a problem cannot set it"));
    } else if let Some(key) = own_key(&name) {
        ctxt.error(literal, format!("`{name}` has a key of its own: `{key}`"));
    }
}

fn own_key(name: &str) -> Option<&'static str> {
    match name {
        "www-authenticate" | "proxy-authenticate" => Some("challenge"),
        "allow" => Some("allow"),
        "retry-after" => Some("retry_after"),
        "upgrade" => Some("upgrade"),
        _ => None,
    }
}
