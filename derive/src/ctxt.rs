use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Collects the mistakes in an input, so that all of them are reported at once, each at its place.
#[derive(Default)]
pub(crate) struct Ctxt {
    errors: Vec<syn::Error>,
}

impl Ctxt {
    /// Reports a mistake at `place`.
    pub(crate) fn error(&mut self, place: impl ToTokens, message: impl Display) {
        self.errors.push(syn::Error::new_spanned(place, message));
    }

    /// Reports an error of `syn`'s parser.
    pub(crate) fn syntax(&mut self, error: syn::Error) {
        self.errors.push(error);
    }

    /// Returns the compile errors, if there are any.
    pub(crate) fn finish(self) -> Result<(), TokenStream> {
        let all = self.errors.into_iter().reduce(|mut all, error| {
            all.combine(error);
            all
        });
        all.map_or(Ok(()), |all| Err(all.into_compile_error()))
    }
}
