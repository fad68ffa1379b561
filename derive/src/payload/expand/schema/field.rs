//! The table of one field.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{Expr, Generics};

use super::super::super::ast::{Derive, Field, Input};
use super::super::super::attr::{Kind, Side};
use super::super::{leaf, rules, sanitise};
use super::{rule, wrapper};
use crate::ty;

/// The place of a field: its schema, and everything that the place adds.
pub(super) fn field(input: &Input<'_>, field: &Field<'_>, generics: &Generics) -> TokenStream {
    let schema = of_content(input, field, generics);
    let rules = rule::of_field(field);
    let sanitizers = sanitise::sanitizers(field);
    let sanitizers = (!sanitizers.is_empty()).then(|| mixed!(.with_sanitizers(&[#(#sanitizers),*])));
    let hook = own_check(input, field, generics).map(|check| mixed!(.with_hook(#check)));
    let description = field.description.as_ref().map(|text| mixed!(.with_description(#text)));
    let (default, examples) = (default(input, field), examples(&field.examples));
    mixed!(__schema::Field::new(#schema) #rules #sanitizers #hook #description #default #examples)
}

/// Whether the place adds nothing to the schema of its type.
pub(super) fn is_plain(input: &Input<'_>, field: &Field<'_>) -> bool {
    !has_check(field)
        && field.serde.with.is_none()
        && field.rules.is_empty()
        && field.steps.is_empty()
        && field.description.is_none()
        && field.examples.is_empty()
        && leaf::words(input, field).any().is_none()
}

/// The function that returns the schema of the field's type.
pub(in super::super) fn of_type(input: &Input<'_>, field: &Field<'_>) -> TokenStream {
    let ty = field.ty;
    match (field.is_payload(), input.derive) {
        (true, Derive::Payload) => quote_spanned!(field.span()=> <#ty as __Payload>::payload_schema),
        (true, Derive::Schema) => quote_spanned!(field.span()=> <#ty as __HasSchema>::schema),
        (false, _) => {
            let leaf = leaf::field(input, field, &mixed!(#ty));
            mixed!(|| #leaf)
        }
    }
}

/// The function that returns the schema of the value in this field.
pub(super) fn of_content(input: &Input<'_>, field: &Field<'_>, generics: &Generics) -> TokenStream {
    let ty = field.ty;
    if field.serde.with.is_some() {
        let reads = wrapper::reader(field, generics);
        let leaf = leaf::field(input, field, &reads);
        return mixed!(|| #leaf);
    }
    if input.side == Side::Input && is_cleaned_text(field) {
        // The rules of every text run after it is cleaned, and not in the walk.
        let leaf = leaf::field(input, field, &mixed!(#ty));
        return mixed!(|| #leaf);
    }
    if input.side == Side::Output || !field.is_payload() || leaf::words(input, field).any().is_none() {
        return of_type(input, field);
    }
    reworded(input, field)
}

/// The schema of a payload, with the message of its place if it is a leaf, with or without rules of its own.
fn reworded(input: &Input<'_>, field: &Field<'_>) -> TokenStream {
    let (ty, schema) = (field.ty, of_type(input, field));
    let leaf = leaf::field(input, field, &mixed!(#ty));
    let check = check(
        &mixed!(#ty),
        &mixed!(<#ty as __Payload>::sanitise(value);),
        &mixed!(<#ty as __Payload>::rules(value, at, context);),
    );
    mixed! {
        || {
            let schema = (#schema)();
            let inner = match schema.kind() {
                __schema::Kind::Newtype(field) => field.schema(),
                _ => schema,
            };
            match inner.unwrapped().kind() {
                __schema::Kind::Scalar(_) => const {
                    &__schema::Schema::newtype(__schema::Field::new(|| #leaf).with_hook(#check))
                },
                _ => schema,
            }
        }
    }
}

/// Whether the member may be missing from an input.
pub(super) fn presence(input: &Input<'_>, field: &Field<'_>) -> TokenStream {
    let ty = field.ty;
    let required = field.rules.iter().any(|rule| matches!(rule.kind, Kind::Required));
    match () {
        () if input.side == Side::Output => TokenStream::new(),
        () if field.serde.default => mixed!(.optional()),
        () if required || field.serde.with.is_some() => TokenStream::new(),
        () => quote_spanned!(field.span()=> .with_presence(__payload::presence::<#ty>())),
    }
}

/// The value that takes the place of a missing member, if it can be written.
fn default(input: &Input<'_>, field: &Field<'_>) -> Option<TokenStream> {
    if !field.serde.default || field.serde.with.is_some() || input.side == Side::Output || input.serde.converted {
        return None;
    }
    let (ty, member) = (field.ty, &field.member);
    let value = match (&field.serde.default_function, &input.serde.default_function) {
        (Some(function), _) => mixed!(#function()),
        (None, Some(function)) if field.owner_has_default => mixed!(#function().#member),
        (None, None) if field.owner_has_default => mixed!(<Self as ::core::default::Default>::default().#member),
        (None, _) => mixed!(<#ty as ::core::default::Default>::default()),
    };
    let value = json(&value);
    Some(mixed!(.with_default(|| #value)))
}

/// Examples of a type or a field.
pub(super) fn examples(examples: &[Expr]) -> Option<TokenStream> {
    let values = examples.iter().map(|example| json(&mixed!(#example)));
    (!examples.is_empty()).then(|| mixed!(.with_examples(const { &[#(|| #values),*] })))
}

/// A value as JSON, if it can be written.
fn json(value: &TokenStream) -> TokenStream {
    mixed! {{
        use __schema::{WithJson as _, WithoutJson as _};
        (&&__schema::ValueOf(&#value)).json()
    }}
}

/// The rules of the place.
fn own_check(input: &Input<'_>, field: &Field<'_>, generics: &Generics) -> Option<TokenStream> {
    if !has_check(field) || input.side == Side::Output {
        return None;
    }
    let own = rules::own(input, field);
    let inner = (is_cleaned_text(field) || field.leaf && field.nested).then(|| rules::inner(field));
    let unwrap = field.serde.with.is_some().then(|| mixed!(let value = &mut value.0;));
    let clean = sanitise::clean(field);
    Some(check(&wrapper::reader(field, generics), &mixed!(#unwrap #clean), &mixed!(#own #inner)))
}

/// Reads a value by itself, cleans it, and checks it; a value that does not parse is skipped.
pub(super) fn check(reads: &TokenStream, clean: &TokenStream, rules: &TokenStream) -> TokenStream {
    mixed! {
        const {
            &__payload::Check::new(|node, at, context| {
                if let ::core::result::Result::Ok(mut value) = node.read::<#reads>() {
                    let value = &mut value;
                    #clean
                    let value = &*value;
                    #rules
                }
            })
        }
    }
}

/// Whether this place adds any checks to those of its value.
fn has_check(field: &Field<'_>) -> bool {
    field.own_rules().next().is_some() || is_cleaned_text(field) || field.leaf && field.nested
}

/// Whether it is a text that is cleaned before its rules are checked, including the rules of every text.
fn is_cleaned_text(field: &Field<'_>) -> bool {
    !field.steps.is_empty() && field.is_payload() && ty::is_text(field.ty)
}
