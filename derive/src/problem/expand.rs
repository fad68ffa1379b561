//! The code: an implementation of `IntoProblem`, and of the traits that a server's framework requires.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{DeriveInput, GenericParam, Generics, Token, Type};

use super::ast::{Field, Input, Variant};
use super::bounds;
use super::check::{Kind, Outcome};
use super::detail::Template;
use crate::ty::{inside, is_named};

pub(super) fn expand(input: &Input<'_>, outcomes: &[Outcome]) -> TokenStream {
    let listed = listed(outcomes);
    let index = |kind: &Kind| listed.iter().position(|one| one.kind.is(kind)).unwrap_or_default();
    let wrapped =
        input.variants.iter().zip(outcomes).filter_map(|(variant, outcome)| catalogue(input, variant, outcome));
    let arms = input.variants.iter().zip(outcomes).map(|(variant, outcome)| match outcome {
        Outcome::Transparent => transparent_arm(variant),
        Outcome::Kind(kind) => arm(variant, kind, &name(input, variant), index(kind)),
    });
    let generics = bounds::with_bounds(input, outcomes);
    let body = quote! {
        const CATALOGUE: ::buttress::problem::Catalogue =
            ::buttress::problem::Catalogue::new(&KINDS, &[#(&<#wrapped as ::buttress::problem::IntoProblem>::CATALOGUE),*]);

        fn into_problem(self) -> ::buttress::Problem {
            match self { #(#arms)* }
        }
    };
    let count = listed.len();
    let kinds = listed.iter().map(kind);
    let kinds = quote!(const KINDS: [::buttress::problem::ProblemType; #count] = [#(#kinds),*];);
    implementation(input.ident, &generics, &kinds, &body)
}

/// A problem type of the catalogue, which several variants may share.
struct Listed<'a> {
    kind: &'a Kind,
    description: Option<&'a str>,
    members: Vec<&'a str>,
}

/// Each problem type once, with the first description and the members of all its variants.
fn listed(outcomes: &[Outcome]) -> Vec<Listed<'_>> {
    let mut all: Vec<Listed<'_>> = Vec::new();
    for kind in outcomes.iter().filter_map(Outcome::kind) {
        let (description, members) = (kind.description.as_deref(), kind.members.iter().map(String::as_str));
        match all.iter_mut().find(|one| one.kind.is(kind)) {
            Some(known) => {
                known.description = known.description.or(description);
                let new: Vec<_> = members.filter(|name| !known.members.contains(name)).collect();
                known.members.extend(new);
            }
            None => all.push(Listed { kind, description, members: members.collect() }),
        }
    }
    all
}

/// The code in place of the implementation when the input is wrong: enough for everything else to compile.
pub(super) fn stub(input: &DeriveInput) -> TokenStream {
    let body = quote! {
        const CATALOGUE: ::buttress::problem::Catalogue = ::buttress::problem::Catalogue::new(&[], &[]);

        fn into_problem(self) -> ::buttress::Problem {
            ::core::unimplemented!()
        }
    };
    implementation(&input.ident, &input.generics, &TokenStream::new(), &body)
}

fn implementation(ident: &syn::Ident, generics: &Generics, items: &TokenStream, body: &TokenStream) -> TokenStream {
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let params = without_defaults(generics);
    quote! {
        #[allow(deprecated)]
        const _: () = {
            #items

            #[automatically_derived]
            impl #impl_generics ::buttress::problem::IntoProblem for #ident #ty_generics #where_clause {
                #body
            }

            ::buttress::adapt_error! { [#params] #ident #ty_generics #where_clause }
        };
    }
}

fn without_defaults(generics: &Generics) -> Punctuated<GenericParam, Token![,]> {
    let mut params = generics.params.clone();
    for param in &mut params {
        match param {
            GenericParam::Type(param) => param.default = None,
            GenericParam::Const(param) => param.default = None,
            GenericParam::Lifetime(_) => {}
        }
    }
    params
}

/// The constant that describes a problem type.
fn kind(listed: &Listed<'_>) -> TokenStream {
    let Listed { kind: Kind { status, code, title, base, header, .. }, description, members } = listed;
    let base = base.as_ref().map(|base| quote!(.with_base(#base)));
    let description = description.map(|text| quote!(.with_description(#text)));
    let members = (!members.is_empty()).then(|| quote!(.with_members(&[#(#members),*])));
    if code.is_none() {
        let title = option(title.as_ref());
        return quote!(::buttress::problem::derived::plain(#status, #title) #base #description);
    }
    let new = match status {
        401 => quote!(unauthorized(#code, #title, #header)),
        405 => quote!(method_not_allowed(#code, #title, #header)),
        407 => quote!(proxy_authentication_required(#code, #title, #header)),
        426 => quote!(upgrade_required(#code, #title, #header)),
        _ => quote!(new(::buttress::problem::derived::status(#status), #code, #title)),
    };
    quote!(::buttress::problem::ProblemType::#new #base #description #members)
}

fn option(text: Option<&String>) -> TokenStream {
    text.map_or_else(|| quote!(::core::option::Option::None), |text| quote!(::core::option::Option::Some(#text)))
}

/// The error's name in the code, for the log: `ShopError::OutOfStock`, or the name of the struct.
fn name(input: &Input<'_>, variant: &Variant<'_>) -> String {
    let (error, variant) = (input.ident.unraw(), variant.ident.unraw());
    if error == variant { error.to_string() } else { format!("{error}::{variant}") }
}

/// The type whose catalogue belongs to this one. A problem of any type has none, and a type that wraps itself is
/// already listed.
fn catalogue<'a>(input: &Input<'_>, variant: &'a Variant<'_>, outcome: &Outcome) -> Option<&'a Type> {
    let Outcome::Transparent = outcome else { return None };
    let inner = bounds::unboxed(&variant.fields.first()?.syntax.ty);
    let listed = is_named(inner, "Problem") || is_named(inner, "Self") || bounds::is(inner, input.ident);
    (!listed && variant.attrs.unlisted.is_none()).then_some(inner)
}

fn transparent_arm(variant: &Variant<'_>) -> TokenStream {
    let path = &variant.path;
    let arms = variant.fields.iter().map(|Field { syntax, member, .. }| {
        let span = syntax.ty.span();
        let problem = match (bounds::is_any_problem(&syntax.ty), inside(&syntax.ty, "Box")) {
            (false, _) => quote_spanned!(span=> ::buttress::problem::IntoProblem::into_problem(inner)),
            (true, None) => quote!(inner),
            (true, Some(_)) => quote!(*inner),
        };
        quote!(#path { #member: inner } => #problem,)
    });
    arms.collect()
}

fn arm(variant: &Variant<'_>, kind: &Kind, name: &str, index: usize) -> TokenStream {
    let path = &variant.path;
    let bindings = variant.fields.iter().map(|Field { member, binding, .. }| quote!(#member: ref #binding));
    let detail = kind.detail.as_ref().map(detail);
    let additions = variant.fields.iter().flat_map(additions);
    quote! {
        #[allow(unused_variables)]
        #path { #(#bindings),* } => {
            let problem = ::buttress::problem::derived::problem(KINDS[#index], #name);
            #detail
            #(#additions)*
            ::buttress::problem::derived::caused_by(problem, self)
        }
    }
}

fn detail(template: &Template) -> TokenStream {
    let text = match template {
        Template::Display => quote!(::std::string::ToString::to_string(&self)),
        Template::Constant(text) => quote!(#text),
        Template::Format(format, _) => quote!(::std::format!(#format)),
    };
    quote!(let problem = problem.with_detail(#text);)
}

/// The additions of a field. A field that is `None` adds nothing.
fn additions(field: &Field<'_>) -> Vec<TokenStream> {
    let Field { binding, attrs, .. } = field;
    let span = field.syntax.ty.span();
    let mut calls = Vec::new();
    if let Some((_, name)) = &attrs.member {
        let name = name.as_ref().map_or_else(|| field.name(), syn::LitStr::value);
        calls.push(quote_spanned!(span=> problem.with_member(#name, #binding)));
    }
    if attrs.violations.is_some() {
        calls.push(quote_spanned!(span=> problem.with_violations(::core::clone::Clone::clone(#binding))));
    }
    if attrs.retry_after.is_some() {
        calls.push(quote_spanned!(span=> problem.with_retry_after(*#binding)));
    }
    if attrs.challenge.is_some() {
        calls.push(quote_spanned!(span=> problem.with_challenge(#binding)));
    }
    if attrs.allow.is_some() {
        calls.push(quote_spanned!(span=> problem.with_allow(#binding)));
    }
    if let Some(name) = &attrs.header {
        calls.push(quote_spanned!(span=> ::buttress::problem::derived::header(problem, #name, #binding)));
    }
    let statement = |call| match field.is_optional() {
        true => quote! {
            let problem = match #binding {
                ::core::option::Option::Some(#binding) => #call,
                ::core::option::Option::None => problem,
            };
        },
        false => quote!(let problem = #call;),
    };
    calls.into_iter().map(statement).collect()
}
