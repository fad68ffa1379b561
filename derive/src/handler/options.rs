use syn::parse::{Parse, ParseStream};
use syn::{Ident, Token, Type};

/// The arguments of the attribute.
#[derive(Default)]
pub(super) struct Options {
    /// Whether the function is also a handler for axum.
    pub(super) axum: bool,
    /// The state that the handler is used with.
    pub(super) state: Option<Type>,
    /// The body of the requests that the handler answers.
    pub(super) body: Option<Type>,
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
            } else if name == "body" {
                input.parse::<Token![=]>()?;
                options.body = Some(input.parse()?);
            } else {
                return Err(syn::Error::new_spanned(name, "expected `axum`, `state = Type` or `body = Type`"));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}
