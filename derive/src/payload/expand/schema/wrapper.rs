//! Types whose `Deserialize` is the function that serde calls for a field.

use proc_macro2::TokenStream;
use quote::format_ident;
use syn::{Generics, Ident};

use super::super::super::ast::{Field, Input};
use crate::ty;

/// The wrappers of all fields that a function reads.
pub(super) fn all(input: &Input<'_>, generics: &Generics) -> TokenStream {
    input.fields().filter(|field| !field.serde.skip).filter_map(|field| wrapper(field, generics, input)).collect()
}

/// The type that reads the field: its own, or a wrapper around the function that serde calls.
pub(super) fn reader(field: &Field<'_>, generics: &Generics) -> TokenStream {
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
