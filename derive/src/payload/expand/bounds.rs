//! The bounds of a generic type's parameters.

use syn::{Generics, parse_quote};

use super::super::ast::{Derive, Input};
use crate::ty;

/// The generics of the input, with a bound for each parameter in a field that is no leaf.
pub(super) fn with_bounds(input: &Input<'_>) -> Generics {
    let mut generics = input.generics.clone();
    let krate = input.krate();
    if generics.type_params().next().is_none() {
        return generics;
    }
    let clause = generics.make_where_clause();
    if let Some(bounds) = &input.payload.bound {
        clause.predicates.extend(bounds.iter().cloned());
        return generics;
    }
    for param in input.generics.type_params().map(|param| &param.ident) {
        let mut holders = input.fields().filter(|field| !field.serde.skip && ty::mentions(field.ty, param));
        if holders.any(|field| field.is_payload()) {
            clause.predicates.push(match input.derive {
                Derive::Payload => parse_quote!(#param: #krate::payload::Payload),
                Derive::Schema => parse_quote!(#param: #krate::schema::HasSchema),
            });
        }
    }
    if input.derive == Derive::Schema {
        return generics;
    }
    for field in input.fields().filter(|field| !field.serde.skip && field.leaf && field.serde.with.is_none()) {
        if input.generics.type_params().any(|param| ty::mentions(field.ty, &param.ident)) {
            let ty = field.ty;
            clause.predicates.push(parse_quote!(#ty: #krate::payload::rule::DeserializeOwned));
        }
    }
    // serde's own derive may require more than that.
    clause.predicates.push(parse_quote!(Self: #krate::payload::rule::DeserializeOwned));
    generics
}
