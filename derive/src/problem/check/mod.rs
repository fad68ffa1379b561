//! Checks the input, and determines the outcome of each variant.

mod fields;
mod text;

use syn::{GenericParam, Ident, LitInt};

use self::text::{allow, base, challenge, code, title, upgrade};
use super::ast::{Input, Variant};
use super::detail::{Template, template};
use super::kind::{Detail, KindAttrs};
use crate::ctxt::Ctxt;
use crate::name::{kebab, sentence};

/// The outcome of a variant.
pub(super) enum Outcome {
    /// The problem of its only field.
    Transparent,
    /// A problem type of its own.
    Kind(Kind),
}

impl Outcome {
    pub(super) fn kind(&self) -> Option<&Kind> {
        match self {
            Self::Transparent => None,
            Self::Kind(kind) => Some(kind),
        }
    }
}

/// A problem type.
pub(super) struct Kind {
    pub(super) status: u16,
    /// The code in the attribute, or one derived from the variant's name. A server error shows neither unless the
    /// attribute sets one: it has the type of its status.
    pub(super) code: Option<String>,
    /// The title in the attribute, or one derived from the code.
    pub(super) title: Option<String>,
    pub(super) base: Option<String>,
    /// The value of the header that the status requires.
    pub(super) header: Option<String>,
    pub(super) detail: Option<Template>,
    pub(super) description: Option<String>,
    /// The names of the extension members that clients can see.
    pub(super) members: Vec<String>,
}

impl Kind {
    /// Whether a client would find the same code in both.
    fn is_called_like(&self, other: &Self) -> bool {
        self.code == other.code && (self.code.is_some() || self.status == other.status)
    }

    /// Whether both are the same type, so that one stands for both in the catalogue.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.is_called_like(other)
            && (self.status, &self.title, &self.base, &self.header)
                == (other.status, &other.title, &other.base, &other.header)
    }
}

/// One outcome for each variant. Mistakes are in the context.
pub(super) fn check(input: &Input<'_>, ctxt: &mut Ctxt) -> Vec<Outcome> {
    for param in &input.generics.params {
        if let GenericParam::Lifetime(lifetime) = param {
            ctxt.error(lifetime, "a problem outlives its request: an error that becomes one owns what it holds");
        }
    }
    base(input.defaults.type_base.as_ref(), ctxt);
    let default_status = input.defaults.status.as_ref().map(|status| error_status(status, ctxt));
    let outcomes: Vec<Outcome> =
        input.variants.iter().map(|variant| outcome(variant, &input.defaults, default_status, ctxt)).collect();
    same_code_same_type(&input.variants, &outcomes, ctxt);
    outcomes
}

fn outcome(variant: &Variant<'_>, defaults: &KindAttrs, default_status: Option<u16>, ctxt: &mut Ctxt) -> Outcome {
    if let Some(transparent) = &variant.attrs.transparent {
        fields::transparent(variant, transparent, ctxt);
        return Outcome::Transparent;
    }
    let attrs = &variant.attrs;
    if let Some(unlisted) = &attrs.unlisted {
        ctxt.error(unlisted, "`unlisted` goes with `transparent`: it is the wrapped types that are left out");
    }
    let status = match &attrs.status {
        Some(status) => error_status(status, ctxt),
        None if attrs.bad_status || defaults.bad_status => 0,
        None => default_status.unwrap_or_else(|| missing_status(variant.ident, ctxt)),
    };
    let named = || (status < 500).then(|| kebab(&variant.ident.to_string()));
    let code = code(attrs.code.as_ref(), ctxt).or_else(named);
    let title = title(attrs.title.as_ref(), ctxt).or_else(|| code.as_deref().map(sentence));
    let base = base(attrs.type_base.as_ref(), ctxt).or_else(|| defaults.type_base.as_ref().map(syn::LitStr::value));
    fields::check(variant, status, ctxt);
    Outcome::Kind(Kind {
        status,
        code,
        title,
        base,
        header: header(variant, status, ctxt),
        detail: detail(variant, ctxt),
        description: description(attrs, status, ctxt),
        members: if status < 500 { fields::members(variant) } else { Vec::new() },
    })
}

fn missing_status(ident: &Ident, ctxt: &mut Ctxt) -> u16 {
    let message = format!(
        "`{ident}` has no status: add `#[problem(status = …)]`, such as 404 or 409\n\
         (or `#[problem(transparent)]` if it wraps another problem)"
    );
    ctxt.error(ident, message);
    0
}

/// The status, or 0 if it is not the status of an error.
fn error_status(literal: &LitInt, ctxt: &mut Ctxt) -> u16 {
    match literal.base10_parse::<u16>() {
        Ok(status @ 400..=599) => status,
        _ => {
            ctxt.error(literal, "a problem has a status from 400 to 599; what succeeds or redirects is no error");
            0
        }
    }
}

/// The value of the header that the status needs (RFC 9110 §15.5). If only a field provides the header, this is an
/// example. `None` if no header is needed, or if it is missing, which is reported.
fn header(variant: &Variant<'_>, status: u16, ctxt: &mut Ctxt) -> Option<String> {
    let needed = needed_header(status);
    let mut found = None;
    for (name, value) in &variant.attrs.headers {
        match name.as_str() {
            "challenge" => challenge(value, ctxt),
            "allow" => allow(value, ctxt),
            _ => upgrade(value, ctxt),
        }
        if needed.is_some_and(|(key, ..)| key == name) {
            found = Some(value.value());
        } else if status != 0 {
            ctxt.error(value, format!("`{name}` goes with {}, not with {status}", goes_with(name)));
        }
    }
    let (key, header, example) = needed?;
    if found.is_none() && fields::provides(variant, key) {
        // The field's value replaces it in each response.
        return Some(example.to_owned());
    }
    if found.is_none() && variant.attrs.headers.iter().all(|(name, _)| name != key) {
        let message =
            format!("HTTP forbids a {status} without `{header}`: add `{key} = \"{example}\"`{}", or_a_field(key));
        match &variant.attrs.status {
            Some(status) => ctxt.error(status, message),
            None => ctxt.error(variant.ident, message),
        }
    }
    found
}

/// The key, the header, and an example of its value.
fn needed_header(status: u16) -> Option<(&'static str, &'static str, &'static str)> {
    match status {
        401 => Some(("challenge", "WWW-Authenticate", "Bearer")),
        405 => Some(("allow", "Allow", "GET, HEAD")),
        407 => Some(("challenge", "Proxy-Authenticate", "Basic")),
        426 => Some(("upgrade", "Upgrade", "HTTP/2.0")),
        _ => None,
    }
}

fn goes_with(key: &str) -> &'static str {
    match key {
        "challenge" => "401 and 407",
        "allow" => "405",
        _ => "426",
    }
}

fn or_a_field(key: &str) -> &'static str {
    match key {
        "challenge" => ", or `#[problem(challenge)]` on a field of type `Challenge`",
        "allow" => ", or `#[problem(allow)]` on a field of type `Allow`",
        _ => "",
    }
}

fn detail(variant: &Variant<'_>, ctxt: &mut Ctxt) -> Option<Template> {
    match variant.attrs.detail.as_ref()? {
        Detail::Display => Some(Template::Display),
        Detail::Text(text) => template(text, &variant.fields).map_err(|message| ctxt.error(text, message)).ok(),
    }
}

/// The text for a page about the type. The doc comment of a server error is for the service's developers.
fn description(attrs: &KindAttrs, status: u16, ctxt: &mut Ctxt) -> Option<String> {
    match &attrs.description {
        Some(text) if text.value().trim().is_empty() => {
            ctxt.error(text, "the description is empty: leave it out to have it taken from the doc comment");
            None
        }
        Some(text) => Some(text.value()),
        None => attrs.doc.clone().filter(|_| status < 500),
    }
}

/// Clients match on the code, so it must have one meaning.
fn same_code_same_type(variants: &[Variant<'_>], outcomes: &[Outcome], ctxt: &mut Ctxt) {
    let mut seen: Vec<(&Kind, &Ident)> = Vec::new();
    for (variant, outcome) in variants.iter().zip(outcomes) {
        let Outcome::Kind(kind) = outcome else { continue };
        let Some((first, ident)) = seen.iter().find(|(first, _)| first.is_called_like(kind)) else {
            seen.push((kind, variant.ident));
            continue;
        };
        let differs = match (first.status != kind.status, first.title != kind.title, first.base != kind.base) {
            (true, ..) if first.status != 0 && kind.status != 0 => format!("is {} in", first.status),
            (false, true, _) => match &first.title {
                Some(title) => format!("has the title \"{title}\" in"),
                None => "has the title of its status in".to_owned(),
            },
            (false, false, true) => "has another `type_base` in".to_owned(),
            _ => continue,
        };
        let name =
            kind.code.as_ref().map_or_else(|| format!("the type of {}", kind.status), |code| format!("`{code}`"));
        let message = format!("{name} {differs} `{ident}`: one code means one type of problem");
        match &variant.attrs.code {
            Some(code) => ctxt.error(code, message),
            None => ctxt.error(variant.ident, message),
        }
    }
}
