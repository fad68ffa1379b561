use syn::parse::{Parse, ParseStream};
use syn::{Ident, Token, Type};

/// The arguments of the attribute.
#[derive(Default)]
pub(super) struct Options {
    /// Whether the function is a handler of axum's as well.
    pub(super) axum: bool,
    /// The state that the handler is used with.
    pub(super) state: Option<Type>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        while !input.is_empty() {
            let name = input.parse::<Ident>()?;
            if name == "axum" {
                options.axum = true;
            } else if name == "state" {
                input.parse::<Token![=]>()?;
                options.state = Some(input.parse()?);
            } else {
                return Err(syn::Error::new_spanned(name, "expected `axum` or `state = Type`"));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}
