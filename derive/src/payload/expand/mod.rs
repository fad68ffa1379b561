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
mod shape;

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::ast::{Body, Input, Style};

pub(super) fn expand(input: &Input<'_>) -> TokenStream {
    let (ident, krate) = (input.ident, input.krate());
    let generics = bounds::with_bounds(input);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let shape = shape::shape(input, &generics);
    let parts = rules::parts(input, &needs_walk(input));
    let rules = rules::rules(input);
    let sanitise = sanitise::sanitise(input);
    mixed! {
        #[doc(hidden)]
        #[allow(unused_qualifications, unused_variables, unused_mut, clippy::all, clippy::pedantic)]
        const _: () = {
            use #krate::payload::{self as __payload, Payload as __Payload, rule as __rule};
            use #krate::violation::At as __At;
            #parts
            #[automatically_derived]
            impl #impl_generics __Payload for #ident #ty_generics #where_clause {
                fn shape() -> __payload::Shape { #shape }
                #rules
                #sanitise
                fn needs_walk(visited: &mut __payload::Visited) -> bool { <Self as __Parts>::needs_walk(visited) }
            }
        };
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
    mixed! {
        #[automatically_derived]
        impl #impl_generics #krate::payload::Payload for #ident #ty_generics #where_clause {
            fn shape() -> #krate::payload::Shape { #krate::payload::Shape::Unit }
            fn rules(&self, _: &#krate::violation::At<'_>, _: &mut #krate::payload::Check<'_>) {}
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
