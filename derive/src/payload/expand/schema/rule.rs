//! Rules as data.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::{Expr, Path, UnOp};

use super::super::super::ast::{Field, Input};
use super::super::super::attr::{Kind, Limits, Rule};
use super::super::call;

/// The rules of a field.
pub(super) fn of_field(field: &Field<'_>) -> Option<TokenStream> {
    let rules = field.rules.iter().map(rule);
    (!field.rules.is_empty()).then(|| mixed!(.with_rules(const { &[#(#rules),*] })))
}

/// The rules about the value as a whole, by the names of their functions.
pub(super) fn of_whole(input: &Input<'_>) -> Option<TokenStream> {
    let functions = input.schemas.iter().map(|schema| &schema.function).chain(&input.payload.custom);
    let rules: Vec<TokenStream> = functions.map(custom).collect();
    (!rules.is_empty()).then(|| mixed!(.with_rules(const { &[#(__schema::Rule::new(#rules)),*] })))
}

fn rule(rule: &Rule) -> TokenStream {
    let kind = kind(rule);
    let code = rule.code.as_ref().map(|code| mixed!(.with_code(#code)));
    let message = rule.message.as_ref().map(|message| mixed!(.with_message(#message)));
    mixed!(__schema::Rule::new(#kind) #code #message)
}

fn kind(rule: &Rule) -> TokenStream {
    let span = rule.span();
    match &rule.kind {
        Kind::Length(limits) => {
            let limits = call::length(limits);
            mixed!(__schema::RuleKind::Length(|| #limits))
        }
        Kind::Range(limits) => {
            let limits = bounds(limits);
            mixed!(__schema::RuleKind::Range(|| #limits))
        }
        Kind::Pattern(regex) => {
            quote_spanned!(span=> __schema::RuleKind::Pattern(|| __rule::pattern_source(&#regex)))
        }
        Kind::Email => mixed!(__schema::RuleKind::Email),
        Kind::Url => mixed!(__schema::RuleKind::Url),
        Kind::Ip { v4: true, v6: false } => mixed!(__schema::RuleKind::Ipv4),
        Kind::Ip { v4: false, v6: true } => mixed!(__schema::RuleKind::Ipv6),
        Kind::Ip { .. } => mixed!(__schema::RuleKind::Ip),
        Kind::NonControl => mixed!(__schema::RuleKind::NonControlCharacter),
        Kind::Contains(needle) => mixed!(__schema::RuleKind::Contains(|| #needle)),
        Kind::DoesNotContain(needle) => mixed!(__schema::RuleKind::DoesNotContain(|| #needle)),
        Kind::Required => mixed!(__schema::RuleKind::Required),
        Kind::MustMatch(other) => {
            let other = name(other);
            mixed!(__schema::RuleKind::MustMatch(#other))
        }
        Kind::Custom { function, .. } | Kind::Reports(function) => custom(function),
    }
}

fn custom(function: &Path) -> TokenStream {
    let name = name(function);
    mixed!(__schema::RuleKind::Custom(#name))
}

fn name(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}

fn bounds(limits: &Limits) -> TokenStream {
    let [min, max, above, below] =
        [&limits.min, &limits.max, &limits.exclusive_min, &limits.exclusive_max].map(|limit| match limit {
            Some(limit) => {
                let limit = bound(limit);
                mixed!(::core::option::Option::Some(__rule::limit(#limit)))
            }
            None => mixed!(::core::option::Option::None),
        });
    mixed!(__schema::Bounds { min: #min, max: #max, exclusive_min: #above, exclusive_max: #below })
}

/// A limit as something that can be printed. A literal has no type of its own, so its digits are used.
fn bound(limit: &Expr) -> TokenStream {
    match digits(limit) {
        Some(digits) => mixed!(#digits),
        None => mixed!(&(#limit)),
    }
}

fn digits(limit: &Expr) -> Option<String> {
    match limit {
        Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Int(int) => Some(int.base10_digits().to_owned()),
            syn::Lit::Float(float) => float.base10_parse::<f64>().ok().map(|float| float.to_string()),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => Some(format!("-{}", digits(&unary.expr)?)),
        _ => None,
    }
}
