//! The tables.

use proc_macro2::TokenStream;
use quote::{format_ident, quote_spanned};
use syn::{Generics, Ident};

use super::super::ast::{Body, Content, Field, Input, Style, Variant};
use super::super::attr::Kind;
use super::{call, leaf, rules, sanitise};
use crate::ty;

pub(super) fn shape(input: &Input<'_>, generics: &Generics) -> TokenStream {
    let wrappers = input.fields().filter(|field| !field.serde.skip).filter_map(|field| wrapper(field, generics, input));
    let shape = if input.serde.converted { converted(input) } else { own_shape(input, generics) };
    mixed!(#(#wrappers)* #shape)
}

/// A value that is read as another type, then converted: only its own `Deserialize` can read it.
fn converted(input: &Input<'_>) -> TokenStream {
    let has_rules = input.fields().any(|field| !field.rules.is_empty());
    let leaf = leaf::converted(input);
    let leaf = mixed!(__payload::Shape::Leaf(#leaf));
    if !has_rules && !input.has_whole() {
        return leaf;
    }
    let check =
        checked(&mixed!(Self), &mixed!(__Payload::sanitise(value);), &mixed!(__Payload::rules(value, at, check);));
    mixed!(__payload::Shape::Checked(const { &__payload::Slot { shape: || #leaf, length: None, check: #check } }))
}

fn own_shape(input: &Input<'_>, generics: &Generics) -> TokenStream {
    let deny = input.serde.deny_unknown_fields || input.payload.deny_unknown;
    match &input.body {
        Body::Struct(content) if content.style == Style::Object => {
            let (entries, check) = (entries(input, content, generics), whole(input));
            mixed! {
                __payload::Shape::Object(const {
                    &__payload::Object { entries: &[#(#entries),*], deny_unknown: #deny, check: #check }
                })
            }
        }
        Body::Struct(inner) => {
            let shape = content(input, inner, generics);
            match input.has_whole() {
                true => {
                    let check = whole(input);
                    mixed! {
                        __payload::Shape::Checked(const {
                            &__payload::Slot { shape: || #shape, length: ::core::option::Option::None, check: #check }
                        })
                    }
                }
                false => shape,
            }
        }
        Body::Enum(variants) => {
            let check = whole(input);
            let tagging = tagging(input);
            let variants = variants
                .iter()
                .filter(|variant| !variant.serde.skip)
                .map(|variant| self::variant(input, variant, generics));
            mixed! {
                __payload::Shape::Enum(const {
                    &__payload::Enum {
                        tagging: __payload::Tagging::#tagging,
                        variants: &[#(#variants),*],
                        deny_unknown: #deny,
                        check: #check,
                    }
                })
            }
        }
    }
}

fn tagging(input: &Input<'_>) -> TokenStream {
    match (&input.serde.tag, &input.serde.content) {
        _ if input.serde.untagged => mixed!(Untagged),
        (Some(tag), Some(content)) => mixed!(Adjacent(#tag, #content)),
        (Some(tag), None) => mixed!(Internal(#tag)),
        _ => mixed!(External),
    }
}

fn variant(input: &Input<'_>, variant: &Variant<'_>, generics: &Generics) -> TokenStream {
    let names = &variant.names;
    let (other, untagged) = (variant.serde.other, variant.serde.untagged);
    let content = match &variant.serde.with {
        Some(_) => mixed!(__payload::Shape::leaf::<__rule::Anything>()),
        None => content(input, &variant.content, generics),
    };
    mixed! {
        __payload::Variant { names: &[#(#names),*], content: || #content, other: #other, untagged: #untagged }
    }
}

/// The shape of the fields, without the rules of the whole.
fn content(input: &Input<'_>, content: &Content<'_>, generics: &Generics) -> TokenStream {
    match content.style {
        Style::Unit => mixed!(__payload::Shape::Unit),
        Style::Newtype => match content.on_wire().next() {
            Some((_, field)) => newtype(input, field, generics),
            None => mixed!(__payload::Shape::Unit),
        },
        Style::Tuple => {
            let slots = content.on_wire().map(|(_, field)| slot(input, field, generics));
            mixed!(__payload::Shape::Tuple(const { &[#(#slots),*] }))
        }
        Style::Object => {
            let entries = entries(input, content, generics);
            let deny = input.serde.deny_unknown_fields || input.payload.deny_unknown;
            mixed! {
                __payload::Shape::Object(const {
                    &__payload::Object {
                        entries: &[#(#entries),*],
                        deny_unknown: #deny,
                        check: ::core::option::Option::None,
                    }
                })
            }
        }
    }
}

fn newtype(input: &Input<'_>, field: &Field<'_>, generics: &Generics) -> TokenStream {
    let ty = field.ty;
    if has_check(field) || field.serde.with.is_some() {
        let slot = slot(input, field, generics);
        return mixed!(__payload::Shape::Checked(const { &#slot }));
    }
    if !field.is_payload() {
        return leaf::field(input, field, &mixed!(#ty));
    }
    let shape = quote_spanned!(field.span()=> <#ty as __Payload>::shape());
    reworded(input, field, shape)
}

/// The shape of a payload, with the message of its place if it is a leaf, with or without rules of its own.
fn reworded(input: &Input<'_>, field: &Field<'_>, shape: TokenStream) -> TokenStream {
    if leaf::words(input, field).any().is_none() {
        return shape;
    }
    let ty = field.ty;
    let leaf = leaf::field(input, field, &mixed!(#ty));
    let check = checked(
        &mixed!(#ty),
        &mixed!(<#ty as __Payload>::sanitise(value);),
        &mixed!(<#ty as __Payload>::rules(value, at, check);),
    );
    mixed! {
        match #shape {
            __payload::Shape::Leaf(_) => #leaf,
            __payload::Shape::Checked(slot) if ::core::matches!((slot.shape)(), __payload::Shape::Leaf(_)) => {
                __payload::Shape::Checked(const {
                    &__payload::Slot { shape: || #leaf, length: ::core::option::Option::None, check: #check }
                })
            }
            other => other,
        }
    }
}

fn entries(input: &Input<'_>, content: &Content<'_>, generics: &Generics) -> Vec<TokenStream> {
    content
        .on_wire()
        .map(|(_, field)| {
            if field.serde.flatten.is_some() {
                let ty = field.ty;
                return match field.is_payload() {
                    true => quote_spanned!(field.span()=> __payload::Entry::Flatten(<#ty as __Payload>::shape)),
                    false => {
                        let leaf = leaf::field(input, field, &mixed!(#ty));
                        mixed!(__payload::Entry::Flatten(|| #leaf))
                    }
                };
            }
            let (names, slot, missing) = (&field.names, slot(input, field, generics), missing(field));
            mixed! {
                __payload::Entry::Member(__payload::Member {
                    names: &[#(#names),*],
                    slot: #slot,
                    missing: #missing,
                })
            }
        })
        .collect()
}

fn missing(field: &Field<'_>) -> TokenStream {
    let ty = field.ty;
    let required = field.rules.iter().any(|rule| matches!(rule.kind, Kind::Required));
    match () {
        () if field.serde.default => mixed!(__payload::Missing::Fine),
        () if required || field.serde.with.is_some() => mixed!(__payload::Missing::Refused),
        () => quote_spanned!(field.span()=> __payload::Missing::of::<#ty>()),
    }
}

fn slot(input: &Input<'_>, field: &Field<'_>, generics: &Generics) -> TokenStream {
    let ty = field.ty;
    let reads = reader(field, generics);
    let cleaned_text = is_cleaned_text(field);
    let shape = match field.is_payload() && !cleaned_text {
        true if field.words.any().is_none() => quote_spanned!(field.span()=> <#ty as __Payload>::shape),
        true => {
            let shape = reworded(input, field, quote_spanned!(field.span()=> <#ty as __Payload>::shape()));
            mixed!(|| #shape)
        }
        false => {
            let leaf = leaf::field(input, field, &reads);
            mixed!(|| #leaf)
        }
    };
    let length = counted(field).map_or_else(
        || mixed!(::core::option::Option::None),
        |limits| {
            let limits = call::length(limits);
            mixed!(::core::option::Option::Some(#limits))
        },
    );
    let check = match has_check(field) {
        true => {
            let own = rules::own(input, field);
            let inner = (cleaned_text || field.leaf && field.nested).then(|| rules::inner(field));
            let unwrap = field.serde.with.is_some().then(|| mixed!(let value = &mut value.0;));
            let clean = sanitise::clean(field);
            checked(&reads, &mixed!(#unwrap #clean), &mixed!(#own #inner))
        }
        false => mixed!(::core::option::Option::None),
    };
    mixed!(__payload::Slot { shape: #shape, length: #length, check: #check })
}

/// Reads a value by itself, cleans it, and checks it; a value that does not parse is skipped.
fn checked(reads: &TokenStream, clean: &TokenStream, rules: &TokenStream) -> TokenStream {
    mixed! {
        ::core::option::Option::Some(|node, at, check| {
            if let ::core::result::Result::Ok(mut value) = node.read::<#reads>() {
                let value = &mut value;
                #clean
                let value = &*value;
                #rules
            }
        })
    }
}

/// The rules of the whole.
fn whole(input: &Input<'_>) -> TokenStream {
    if !input.has_whole() {
        return mixed!(::core::option::Option::None);
    }
    let sound = match input.schemas.iter().any(|schema| schema.skip_on_field_errors) {
        true => mixed! {
            let mut members = check.afresh();
            __Parts::members(value, at, &mut members);
            let sound = members.found().is_empty();
        },
        false => mixed!(let sound = true;),
    };
    let rules = mixed!(#sound __Parts::whole(value, sound, at, check););
    checked(&mixed!(Self), &mixed!(__Payload::sanitise(value);), &rules)
}

/// Whether this place adds any checks to those of its value.
fn has_check(field: &Field<'_>) -> bool {
    field.own_rules().next().is_some() || is_cleaned_text(field) || field.leaf && field.nested
}

/// Whether it is a text that is cleaned before its rules are checked, including the rules of every text.
fn is_cleaned_text(field: &Field<'_>) -> bool {
    !field.steps.is_empty() && field.is_payload() && ty::is_text(field.ty)
}

/// The limits of `length`, if the walk can count elements that do not parse.
fn counted<'f>(field: &'f Field<'_>) -> Option<&'f super::super::attr::Limits> {
    field.own_rules().find(|rule| is_counted(field, rule)).and_then(|rule| match &rule.kind {
        Kind::Length(limits) => Some(limits),
        _ => None,
    })
}

fn is_counted(field: &Field<'_>, rule: &super::super::attr::Rule) -> bool {
    let plain = rule.code.is_none() && rule.message.is_none();
    matches!(&rule.kind, Kind::Length(limits) if plain && call::is_constant(limits))
        && (field.is_payload() || field.holds_leaves)
        && ty::is_countable(field.ty)
}

/// The type that reads the field: its own, or a wrapper around the function that serde calls.
fn reader(field: &Field<'_>, generics: &Generics) -> TokenStream {
    let ty = field.ty;
    if field.serde.with.is_none() {
        return mixed!(#ty);
    }
    let (_, ty_generics, _) = generics.split_for_impl();
    let (name, turbofish) = (wrapper_name(field), ty_generics.as_turbofish());
    mixed!(#name #turbofish)
}

fn wrapper_name(field: &Field<'_>) -> Ident {
    format_ident!("__With_{}_{}", field.owner, field.binding())
}

/// A type whose `Deserialize` is the function that serde calls.
fn wrapper(field: &Field<'_>, generics: &Generics, input: &Input<'_>) -> Option<TokenStream> {
    let with = field.serde.with.as_ref()?;
    let (name, ty, ident) = (wrapper_name(field), field.ty, input.ident);
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    let mut reading = generics.clone();
    reading.params.insert(0, syn::parse_quote!('de));
    // Bounds on `Self` apply to the type, not to this wrapper.
    let predicates = generics.where_clause.as_ref().map(|clause| {
        let all = clause.predicates.iter().filter(|predicate| !is_about_self(predicate));
        mixed!(where #(#all),*)
    });
    let (reading_generics, _, _) = reading.split_for_impl();
    Some(mixed! {
        #[allow(non_camel_case_types)]
        #[allow(dead_code)]
        struct #name #impl_generics (#ty, ::core::marker::PhantomData<fn() -> #ident #ty_generics>) #where_clause;
        impl #reading_generics __rule::Deserialize<'de> for #name #ty_generics #predicates {
            fn deserialize<__D: __rule::Deserializer<'de>>(input: __D) -> ::core::result::Result<Self, __D::Error> {
                #with(input).map(|value| Self(value, ::core::marker::PhantomData))
            }
        }
    })
}

fn is_about_self(predicate: &syn::WherePredicate) -> bool {
    matches!(predicate, syn::WherePredicate::Type(bound) if ty::is_named(&bound.bounded_ty, "Self"))
}
