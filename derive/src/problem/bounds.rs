//! The bounds of a generic error's parameters.

use quote::format_ident;
use syn::{Generics, Ident, Path, Type, WherePredicate, parse_quote};

use super::ast::{Field, Input};
use super::check::Outcome;
use super::detail::Template;
use crate::ty::{inside, is_named, mentions};

/// The generics of the input, with the bounds that the code needs on fields whose type is or contains a parameter.
pub(super) fn with_bounds(input: &Input<'_>, outcomes: &[Outcome]) -> Generics {
    let mut generics = input.generics.clone();
    if generics.type_params().next().is_none() {
        return generics;
    }
    let params: Vec<&Ident> = input.generics.type_params().map(|param| &param.ident).collect();
    let clause = generics.make_where_clause();
    if outcomes.iter().any(|outcome| outcome.kind().is_some()) {
        clause.predicates.push(parse_quote!(Self: ::buttress::problem::derived::Cause));
    }
    for (variant, outcome) in input.variants.iter().zip(outcomes) {
        for field in &variant.fields {
            let ty = inside(&field.syntax.ty, "Option").filter(|_| field.attrs.first.is_some());
            let ty = unboxed(ty.unwrap_or(&field.syntax.ty));
            if params.iter().any(|param| mentions(ty, param)) && !is(ty, input.ident) {
                let asked = asked_of(field, outcome);
                clause
                    .predicates
                    .extend(asked.into_iter().map(|bound| -> WherePredicate { parse_quote!(#ty: #bound) }));
            }
        }
    }
    generics
}

/// The traits that the code calls on a field.
fn asked_of(field: &Field<'_>, outcome: &Outcome) -> Vec<Path> {
    let Outcome::Kind(kind) = outcome else { return vec![parse_quote!(::buttress::problem::IntoProblem)] };
    let mut asked = Vec::new();
    if field.attrs.member.is_some() {
        asked.push(parse_quote!(::buttress::problem::derived::Serialize));
    }
    if field.attrs.header.is_some() {
        asked.push(parse_quote!(::core::fmt::Display));
    }
    if let Some(Template::Format(_, holes)) = &kind.detail {
        for by in holes.iter().filter(|hole| field.binding == hole.binding).filter_map(|hole| hole.by) {
            let by = format_ident!("{by}");
            asked.push(parse_quote!(::core::fmt::#by));
        }
    }
    asked
}

/// The type inside any number of boxes.
pub(super) fn unboxed(ty: &Type) -> &Type {
    inside(ty, "Box").map_or(ty, unboxed)
}

/// Whether the type is `Problem` itself, boxed or not: a problem of any type, which is not listed anywhere.
pub(super) fn is_any_problem(ty: &Type) -> bool {
    is_named(unboxed(ty), "Problem")
}

/// Whether the type is `ident`, with any arguments.
pub(super) fn is(ty: &Type, ident: &Ident) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.len() == 1 && is_named(ty, &ident.to_string()))
}
