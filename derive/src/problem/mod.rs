//! `#[derive(Problem)]`: the meaning of each variant of an error for clients.

mod ast;
mod attr;
mod bounds;
mod check;
mod detail;
mod expand;
mod field;
mod kind;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::ctxt::Ctxt;

/// The implementation, or every mistake at once and a stub, so that the compiler reports nothing else.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut ctxt = Ctxt::default();
    let parsed = ast::Input::parse(input, &mut ctxt);
    let outcomes = check::check(&parsed, &mut ctxt);
    match ctxt.finish() {
        Ok(()) => expand::expand(&parsed, &outcomes),
        Err(errors) => {
            let stub = expand::stub(input);
            quote::quote! { #errors #stub }
        }
    }
}
