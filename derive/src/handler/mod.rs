//! `#[handler]`: checks each part of a handler where it is written.

mod check;
mod options;
mod signature;

use proc_macro2::TokenStream;
use quote::quote;

use self::options::Options;
use self::signature::Signature;

/// The unchanged function, followed by either its checks or every mistake in how the attribute is used.
pub(crate) fn attribute(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let options = syn::parse2::<Options>(arguments);
    let signature = syn::parse2::<Signature>(item.clone());
    let added = match (options, signature) {
        (Ok(options), Ok(signature)) => {
            signature.check().map_or_else(syn::Error::into_compile_error, |()| check::expand(&options, &signature))
        }
        (Err(mut first), Err(second)) => {
            first.combine(second);
            first.into_compile_error()
        }
        (Err(error), _) | (_, Err(error)) => error.into_compile_error(),
    };
    quote! { #item #added }
}
