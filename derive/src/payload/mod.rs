//! `#[derive(Payload)]` and `#[derive(Schema)]`: the schema of a type, and the rules of an input.
//!
//! A pipeline: `attr` reads the attributes (`serde`, `validate`, `payload` or `schema`), `ast` holds their combined
//! meaning, `check` looks for contradictions, `expand` writes the implementation. serde's attributes are read for one
//! side, the input or the output; a payload whose output differs from its input is read twice.

mod ast;
mod attr;
mod check;
mod expand;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::ast::{Derive, Input};
use self::attr::Side;
use crate::ctxt::Ctxt;

/// The implementation, or every mistake at once and a stub, so that the compiler reports nothing else.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut ctxt = Ctxt::default();
    let parsed = Input::parse(input, Derive::Payload, Side::Input, &mut ctxt);
    check::check(&parsed, &mut ctxt);
    match ctxt.finish() {
        Ok(()) => {
            // The first reading has reported the mistakes already.
            let output = Input::parse(input, Derive::Payload, Side::Output, &mut Ctxt::default());
            expand::payload(&parsed, &output)
        }
        Err(errors) => {
            let stub = expand::stub(&parsed);
            quote::quote! { #errors #stub }
        }
    }
}

/// The schema of a type that is only written.
pub(crate) fn derive_schema(input: &DeriveInput) -> TokenStream {
    let mut ctxt = Ctxt::default();
    let parsed = Input::parse(input, Derive::Schema, Side::Output, &mut ctxt);
    match ctxt.finish() {
        Ok(()) => expand::schema(&parsed),
        Err(errors) => {
            let stub = expand::schema_stub(&parsed);
            quote::quote! { #errors #stub }
        }
    }
}
