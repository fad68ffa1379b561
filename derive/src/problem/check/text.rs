//! The texts of a problem type.

use syn::LitStr;

use crate::ctxt::Ctxt;
use crate::name::kebab;

pub(super) fn code(literal: Option<&LitStr>, ctxt: &mut Ctxt) -> Option<String> {
    let literal = literal?;
    let code = literal.value();
    if !is_kebab(&code) {
        let words = kebab(&code.replace([' ', '.', '_'], "-").replace("--", "-"));
        let suggestion = if is_kebab(&words) { format!("; write \"{words}\"") } else { String::new() };
        ctxt.error(literal, format!("a code is in kebab-case: small letters, digits and single hyphens{suggestion}"));
    }
    Some(code)
}

fn is_kebab(code: &str) -> bool {
    code.starts_with(|c: char| c.is_ascii_lowercase())
        && code
            .split('-')
            .all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}

pub(super) fn title(literal: Option<&LitStr>, ctxt: &mut Ctxt) -> Option<String> {
    let literal = literal?;
    let title = literal.value();
    if title.trim().is_empty() {
        ctxt.error(literal, "the title is empty: leave it out to have it made of the code");
    } else if title.contains(['{', '}']) {
        ctxt.error(literal, "a title is the same for every occurrence: what differs goes into `detail`");
    }
    Some(title)
}

/// The base of `type`; the code follows it without a separator.
pub(super) fn base(literal: Option<&LitStr>, ctxt: &mut Ctxt) -> Option<String> {
    let literal = literal?;
    let base = literal.value();
    let in_a_uri = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}');
    if base.is_empty() || !base.chars().all(in_a_uri) {
        ctxt.error(literal, "`type_base` is the beginning of a URI, such as \"https://shop.example/problems/\"");
    } else if !base.ends_with(['/', '#', '=', ':']) {
        ctxt.error(literal, format!("the code follows `type_base` directly: end it with a slash, \"{base}/\""));
    }
    Some(base)
}

pub(super) fn challenge(literal: &LitStr, ctxt: &mut Ctxt) {
    let value = literal.value();
    let scheme = value.split(' ').next().unwrap_or_default();
    if !is_token(scheme) || !is_visible(&value) {
        ctxt.error(literal, "a challenge begins with a scheme, such as \"Bearer\" or \"Basic realm=\\\"shop\\\"\"");
    }
}

pub(super) fn allow(literal: &LitStr, ctxt: &mut Ctxt) {
    let value = literal.value();
    if !value.is_empty() && !value.split(',').all(|method| is_token(method.trim_matches(' '))) {
        ctxt.error(literal, "`allow` lists methods, such as \"GET, HEAD\"");
    }
}

pub(super) fn upgrade(literal: &LitStr, ctxt: &mut Ctxt) {
    let value = literal.value();
    if !value.split(',').all(|protocol| protocol.trim_matches(' ').split('/').all(is_token)) {
        ctxt.error(literal, "`upgrade` lists protocols, such as \"HTTP/2.0\" or \"websocket\"");
    }
}

/// A token of RFC 9110 §5.6.2.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

fn is_visible(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' '..='~'))
}
