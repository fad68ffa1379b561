//! The call of one rule. The surrounding code defines `value`, a reference to the checked value, `at` and `context`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::Path;

use super::super::ast::{Field, Input};
use super::super::attr::{Kind, Limits, Rule, Schema};
use crate::ty;

pub(super) fn call(input: &Input<'_>, field: &Field<'_>, rule: &Rule) -> TokenStream {
    let span = rule.span();
    let words = |code: &str| wording(code, rule);
    match &rule.kind {
        Kind::Length(limits) => {
            let (words, limits, schema) = (words("length"), length(limits), schema_fn(input, field));
            quote_spanned!(span=> __rule::length(value, #limits, #schema, #words, at, context);)
        }
        Kind::Range(limits) => {
            let (words, limits) = (words("range"), range(limits));
            quote_spanned!(span=> __rule::range(value, &#limits, #words, at, context);)
        }
        Kind::Email => plain("email", &words("email"), rule),
        Kind::Url => plain("url", &words("url"), rule),
        Kind::Required => plain("required", &words("required"), rule),
        Kind::NonControl => plain("non_control_character", &words("pattern"), rule),
        Kind::Ip { v4, v6 } => {
            let function = match (v4, v6) {
                (true, false) => mixed!(ipv4),
                (false, true) => mixed!(ipv6),
                _ => mixed!(ip),
            };
            plain(&function.to_string(), &words("pattern"), rule)
        }
        Kind::Contains(needle) => {
            let words = words("contains");
            quote_spanned!(span=> __rule::contains(value, #needle, #words, at, context);)
        }
        Kind::DoesNotContain(needle) => {
            let words = words("contains");
            // validator says of `None` that it contains everything.
            let call = quote_spanned!(span=> __rule::does_not_contain(value, #needle, #words, at, context););
            in_options(field, call)
        }
        Kind::Pattern(regex) => {
            let words = words("pattern");
            quote_spanned!(span=> __rule::pattern(value, &#regex, #words, at, context);)
        }
        // It needs the other field: see `matching`.
        Kind::MustMatch(_) => TokenStream::new(),
        Kind::Custom { function, context } => {
            let call = answer(input, function, *context, rule.code.as_ref(), rule.message.as_ref());
            in_options(field, call)
        }
        Kind::Reports(function) => in_options(field, mixed!(#function(value, at, context);)),
    }
}

/// A rule without arguments.
fn plain(function: &str, words: &TokenStream, rule: &Rule) -> TokenStream {
    let span = rule.span();
    let function = syn::Ident::new(function, span);
    quote_spanned!(span=> __rule::#function(value, #words, at, context);)
}

/// Compares a field with another one; `value` and `other` are references to them.
pub(super) fn matching(rule: &Rule, other: &Field<'_>) -> TokenStream {
    let (span, words, name) = (rule.span(), wording("match", rule), other.name());
    quote_spanned!(span=> __rule::must_match(value, other, #name, #words, at, context);)
}

/// A rule about the whole value; `this` is a reference to it, `sound` says whether its members are valid.
pub(super) fn schema(input: &Input<'_>, schema: &Schema) -> TokenStream {
    let Schema { function, context, code, message, .. } = schema;
    let call = answer(input, function, *context, code.as_ref(), message.as_ref());
    match schema.skip_on_field_errors {
        true => mixed!(if sound { #call }),
        false => call,
    }
}

/// Calls a function in validator's style.
fn answer(
    input: &Input<'_>,
    function: &Path,
    context: bool,
    code: Option<&syn::LitStr>,
    message: Option<&syn::LitStr>,
) -> TokenStream {
    let (code, message) = (option(code), option(message));
    match &input.context {
        Some(ty) if context => mixed! {
            if let ::core::option::Option::Some(extension) = context.extension::<#ty>() {
                __rule::custom(#function(value, extension), #code, #message, at, context);
            }
        },
        _ => mixed!(__rule::custom(#function(value), #code, #message, at, context);),
    }
}

/// A function of the user takes the content of an option, as in validator; `None` obeys.
fn in_options(field: &Field<'_>, call: TokenStream) -> TokenStream {
    let (_, depth) = ty::in_options(field.ty);
    (0..depth).fold(call, |inner, _| mixed!(if let ::core::option::Option::Some(value) = value { #inner }))
}

fn wording(code: &str, rule: &Rule) -> TokenStream {
    let code = rule.code.as_ref().map_or_else(|| mixed!(#code), ToTokens::to_token_stream);
    let message = option(rule.message.as_ref());
    mixed!(__rule::RuleLabel { code: #code, message: #message })
}

fn option(value: Option<&impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => mixed!(::core::option::Option::Some(#value)),
        None => mixed!(::core::option::Option::None),
    }
}

pub(super) fn length(limits: &Limits) -> TokenStream {
    let [min, max, equal] = [&limits.min, &limits.max, &limits.equal].map(|limit| option(limit.as_ref()));
    mixed!(__schema::Length { min: #min, max: #max, equal: #equal })
}

fn range(limits: &Limits) -> TokenStream {
    let [min, max, above, below] =
        [&limits.min, &limits.max, &limits.exclusive_min, &limits.exclusive_max].map(|limit| option(limit.as_ref()));
    mixed!(__rule::Range { min: #min, max: #max, exclusive_min: #above, exclusive_max: #below })
}

/// The function that returns the schema, which distinguishes characters from elements.
fn schema_fn(input: &Input<'_>, field: &Field<'_>) -> TokenStream {
    match field.is_payload() || field.holds_leaves {
        true => super::schema::of_type(input, field),
        false => mixed!(<() as __HasSchema>::schema),
    }
}
