//! `#[derive(Payload)]`: the shape of an input, and its rules.
//!
//! A pipeline: `attr` reads the three attributes (`serde`, `validate`, `payload`), `ast` holds their combined meaning,
//! `check` looks for contradictions, `expand` writes the implementation.

mod ast;
mod attr;
mod check;
mod expand;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::ctxt::Ctxt;

/// The implementation, or every mistake at once and a stub, so that the compiler reports nothing else.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut ctxt = Ctxt::default();
    let parsed = ast::Input::parse(input, &mut ctxt);
    check::check(&parsed, &mut ctxt);
    match ctxt.finish() {
        Ok(()) => expand::expand(&parsed),
        Err(errors) => {
            let stub = expand::stub(&parsed);
            quote::quote! { #errors #stub }
        }
    }
}
