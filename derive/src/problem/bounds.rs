//! What a generic error must be able to do.

use syn::{GenericArgument, Generics, Ident, PathArguments, Type, parse_quote};

use super::ast::{Field, Input};
use super::check::Outcome;

/// The generics of the input, with what the code asks of fields whose type is a parameter or holds one.
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
        for Field { syntax, attrs, .. } in &variant.fields {
            let ty = inside(&syntax.ty, "Option").filter(|_| attrs.member.is_some()).unwrap_or(unboxed(&syntax.ty));
            if !params.iter().any(|param| mentions(ty, param)) || is(ty, input.ident) {
                continue;
            }
            match outcome {
                Outcome::Transparent => clause.predicates.push(parse_quote!(#ty: ::buttress::problem::IntoProblem)),
                Outcome::Kind(_) if attrs.member.is_some() => {
                    clause.predicates.push(parse_quote!(#ty: ::buttress::problem::derived::Serialize));
                }
                Outcome::Kind(_) => {}
            }
        }
    }
    generics
}

/// What is inside of any number of boxes.
pub(super) fn unboxed(ty: &Type) -> &Type {
    inside(ty, "Box").map_or(ty, unboxed)
}

/// The `T` of a type that is written `wrapper<T>`.
pub(super) fn inside<'a>(ty: &'a Type, wrapper: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == wrapper)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) => Some(inner),
        _ => None,
    }
}

/// Whether the type is written `name`, with a path before it or not.
pub(super) fn is_named(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

/// Whether the type is `Problem` itself, boxed or not: a problem of any type, which nothing lists.
pub(super) fn is_any_problem(ty: &Type) -> bool {
    is_named(unboxed(ty), "Problem")
}

/// Whether the type is `ident`, with any arguments.
pub(super) fn is(ty: &Type, ident: &Ident) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.len() == 1 && is_named(ty, &ident.to_string()))
}

fn mentions(ty: &Type, param: &Ident) -> bool {
    struct Search<'a>(&'a Ident, bool);
    impl syn::visit::Visit<'_> for Search<'_> {
        fn visit_ident(&mut self, ident: &Ident) {
            self.1 |= ident == self.0;
        }
    }
    let mut search = Search(param, false);
    syn::visit::Visit::visit_type(&mut search, ty);
    search.1
}
