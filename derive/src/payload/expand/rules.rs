//! The rules of a value that parsed.
//!
//! They come in two parts, because the walk runs the second one alone: `members` goes through the fields, `whole` holds
//! the rules that need all of them together.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{Member, Path};

use super::super::ast::{Body, Content, Field, Input, Style, Variant};
use super::super::attr::{Kind, Rule};
use super::{bounds, call};

/// A private trait for the two parts, so that both know `Self`. `needs_walk` is here, too: named through `Payload`, it
/// would require again that the type can be read, and a type that cannot would be reported twice.
pub(super) fn parts(input: &Input<'_>, needs_walk: &TokenStream) -> TokenStream {
    let ident = input.ident;
    let generics = bounds::with_bounds(input);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let members = each(input, members);
    let whole = whole(input);
    mixed! {
        trait __Parts: Sized {
            fn members(&self, at: &__InputPath<'_>, context: &mut __payload::ValidationContext<'_>);
            fn whole(&self, sound: bool, at: &__InputPath<'_>, context: &mut __payload::ValidationContext<'_>);
            fn needs_walk(visited: &mut __payload::TypeSet) -> bool;
        }
        impl #impl_generics __Parts for #ident #ty_generics #where_clause {
            #[inline]
            fn members(&self, at: &__InputPath<'_>, context: &mut __payload::ValidationContext<'_>) { #members }
            #[inline]
            fn whole(&self, sound: bool, at: &__InputPath<'_>, context: &mut __payload::ValidationContext<'_>) { #whole }
            fn needs_walk(visited: &mut __payload::TypeSet) -> bool { #needs_walk }
        }
    }
}

pub(super) fn rules(input: &Input<'_>) -> TokenStream {
    let whole = input.has_whole().then(|| {
        mixed! {
            let sound = context.violations().total() == before;
            __Parts::whole(self, sound, at, context);
        }
    });
    let before = input.has_whole().then(|| mixed!(let before = context.violations().total();));
    mixed! {
        #[inline]
        fn rules(&self, at: &__InputPath<'_>, context: &mut __payload::ValidationContext<'_>) {
            #before
            __Parts::members(self, at, context);
            #whole
        }
    }
}

/// Code for the content of the value, for each variant.
fn each(input: &Input<'_>, what: fn(&Input<'_>, &Content<'_>) -> TokenStream) -> TokenStream {
    match &input.body {
        Body::Struct(content) => {
            let bindings = content.fields.iter().map(|field| {
                let (member, binding) = (&field.member, field.binding());
                mixed!(let #binding = &self.#member;)
            });
            let body = what(input, content);
            mixed!(#(#bindings)* #body)
        }
        Body::Enum(variants) if variants.is_empty() => mixed!(match *self {}),
        Body::Enum(variants) => {
            let arms = variants.iter().map(|variant| {
                let (pattern, body, place) = (variant.pattern(), what(input, &variant.content), place(input, variant));
                mixed!(#pattern => { #place #body })
            });
            mixed!(match self { #(#arms)* })
        }
    }
}

/// Moves `at` to the content of a variant.
fn place(input: &Input<'_>, variant: &Variant<'_>) -> TokenStream {
    let name = variant.names.first();
    match (&input.serde.tag, &input.serde.content) {
        _ if input.serde.untagged || variant.serde.untagged => TokenStream::new(),
        (Some(_), Some(content)) => mixed!(let at = &at.member(#content);),
        (Some(_), None) => TokenStream::new(),
        _ => mixed!(let at = &at.member(#name);),
    }
}

fn members(input: &Input<'_>, content: &Content<'_>) -> TokenStream {
    let fields = content.on_wire().map(|(index, field)| {
        let (binding, place) = (field.binding(), step(input, content, index, field));
        let own = own(input, field);
        let inner = inner(field);
        mixed!({ let value = #binding; #place #own #inner })
    });
    mixed!(#(#fields)*)
}

/// Moves `at` to a field.
fn step(input: &Input<'_>, content: &Content<'_>, index: usize, field: &Field<'_>) -> TokenStream {
    let name = field.name();
    match content.style {
        _ if input.serde.converted || field.serde.flatten.is_some() => TokenStream::new(),
        Style::Object => mixed!(let at = &at.member(#name);),
        Style::Tuple => mixed!(let at = &at.index(#index);),
        Style::Newtype | Style::Unit => TokenStream::new(),
    }
}

/// The rules that the place of this field adds.
pub(super) fn own(input: &Input<'_>, field: &Field<'_>) -> TokenStream {
    field.own_rules().map(|rule| call::call(input, field, rule)).collect()
}

/// The rules of the field's type.
pub(super) fn inner(field: &Field<'_>) -> TokenStream {
    let ty = field.ty;
    match field.is_payload() || field.nested {
        true => quote_spanned!(field.span()=> <#ty as __Payload>::rules(value, at, context);),
        false => TokenStream::new(),
    }
}

fn whole(input: &Input<'_>) -> TokenStream {
    let fields = input.fields().any(|field| field.whole_rules().next().is_some()).then(|| each(input, whole_fields));
    let schemas = input.schemas.iter().map(|schema| call::schema(input, schema));
    let custom = &input.payload.custom;
    mixed! {
        #fields
        let value = self;
        #(#schemas)*
        #(#custom(value, at, context);)*
    }
}

fn whole_fields(input: &Input<'_>, content: &Content<'_>) -> TokenStream {
    let fields = content.on_wire().map(|(index, field)| {
        let (binding, place) = (field.binding(), step(input, content, index, field));
        let calls = field.whole_rules().map(|rule| match &rule.kind {
            Kind::MustMatch(other) => matching(content, rule, other),
            _ => call::call(input, field, rule),
        });
        let calls: TokenStream = calls.collect();
        if calls.is_empty() {
            return calls;
        }
        mixed!({ let value = #binding; #place #calls })
    });
    mixed!(#(#fields)*)
}

fn matching(content: &Content<'_>, rule: &Rule, other: &Path) -> TokenStream {
    let is_other = |field: &&Field<'_>| matches!(&field.member, Member::Named(name) if other.is_ident(name));
    let Some(other) = content.fields.iter().find(is_other) else { return TokenStream::new() };
    let (binding, call) = (other.binding(), call::matching(rule, other));
    mixed!(let other = #binding; #call)
}
