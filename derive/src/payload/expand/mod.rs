//! Writes the implementation.

/// Writes code whose variables can neither be named by, nor clash with, the user's paths.
macro_rules! mixed {
    ($($code:tt)*) => { ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($code)*) };
}

mod bounds;
mod call;
mod leaf;
mod rules;
mod sanitise;
mod schema;

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::ast::{Body, Input, Style};

/// A payload: how it is read, how it is written if that differs, and its rules.
pub(super) fn payload(input: &Input<'_>, output: &Input<'_>) -> TokenStream {
    let (ident, krate) = (input.ident, input.krate());
    let generics = bounds::with_bounds(input);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let schema = schema::schema(input, Some(output), &generics);
    let parts = rules::parts(input, &needs_walk(input));
    let rules = rules::rules(input);
    let sanitise = sanitise::sanitise(input);
    scoped(&mixed! {
        use #krate::payload::{self as __payload, Payload as __Payload, rule as __rule};
        use #krate::schema::{self as __schema, HasSchema as __HasSchema};
        use #krate::violation::InputPath as __InputPath;
        #parts
        #[automatically_derived]
        impl #impl_generics __HasSchema for #ident #ty_generics #where_clause {
            fn schema() -> &'static __schema::Schema { #schema }
        }
        #[automatically_derived]
        impl #impl_generics __Payload for #ident #ty_generics #where_clause {
            #rules
            #sanitise
            fn needs_walk(visited: &mut __payload::TypeSet) -> bool { <Self as __Parts>::needs_walk(visited) }
        }
    })
}

/// A type that is only written.
pub(super) fn schema(input: &Input<'_>) -> TokenStream {
    let (ident, krate) = (input.ident, input.krate());
    let generics = bounds::with_bounds(input);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let schema = schema::schema(input, None, &generics);
    scoped(&mixed! {
        use #krate::schema::{self as __schema, HasSchema as __HasSchema};
        #[automatically_derived]
        impl #impl_generics __HasSchema for #ident #ty_generics #where_clause {
            fn schema() -> &'static __schema::Schema { #schema }
        }
    })
}

/// Keeps the names of the code away from those of the user.
fn scoped(code: &TokenStream) -> TokenStream {
    mixed! {
        #[doc(hidden)]
        #[allow(unused_qualifications, unused_variables, unused_mut, unused_imports, clippy::all, clippy::pedantic)]
        const _: () = { #code };
    }
}

/// An empty implementation, for an input with mistakes.
pub(super) fn stub(input: &Input<'_>) -> TokenStream {
    // A type that borrows cannot be a payload at all.
    if input.generics.lifetimes().next().is_some() {
        return TokenStream::new();
    }
    let (ident, krate) = (input.ident, input.krate());
    let generics = bounds::with_bounds(input);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let schema = schema_stub(input);
    mixed! {
        #schema
        #[automatically_derived]
        impl #impl_generics #krate::payload::Payload for #ident #ty_generics #where_clause {
            fn rules(&self, _: &#krate::violation::InputPath<'_>, _: &mut #krate::payload::ValidationContext<'_>) {}
        }
    }
}

/// An empty schema, for a type with mistakes.
pub(super) fn schema_stub(input: &Input<'_>) -> TokenStream {
    let (ident, krate) = (input.ident, input.krate());
    let generics = bounds::with_bounds(input);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    mixed! {
        #[automatically_derived]
        impl #impl_generics #krate::schema::HasSchema for #ident #ty_generics #where_clause {
            fn schema() -> &'static #krate::schema::Schema { const { &#krate::schema::Schema::null() } }
        }
    }
}

/// serde alone cannot refuse unknown members beside flattened ones, nor beside the tag of a unit variant.
fn needs_walk(input: &Input<'_>) -> TokenStream {
    let flattens = input.fields().any(|field| field.serde.flatten.is_some());
    let beyond_serde = input.payload.deny_unknown && !input.serde.deny_unknown_fields;
    let tag_only = matches!(&input.body, Body::Enum(variants)
        if input.serde.tag.is_some()
            && input.serde.deny_unknown_fields
            && variants.iter().any(|variant| variant.content.style == Style::Unit));
    if input.serde.converted {
        return mixed!(false);
    }
    if flattens || beyond_serde || tag_only {
        return mixed!(true);
    }
    let fields = input.fields().filter(|field| field.is_payload() && !field.serde.skip).map(|field| {
        let ty = field.ty;
        quote_spanned!(field.span()=> <#ty as __Payload>::needs_walk(visited))
    });
    mixed!(visited.ask(<Self as __Parts>::needs_walk, |visited| false #(|| #fields)*))
}
