use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Ident, ReturnType, Token, Type, Visibility, parenthesized};

/// The most arguments that a handler can have.
const MOST_ARGUMENTS: usize = 12;

/// The parts of a function's signature that its checks need.
pub(super) struct Signature {
    pub(super) name: Ident,
    pub(super) generics: Generics,
    /// The types of the arguments.
    pub(super) arguments: Vec<Type>,
    pub(super) output: ReturnType,
    is_async: bool,
}

impl Parse for Signature {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let is_async = input.parse::<Option<Token![async]>>()?.is_some();
        if !input.peek(Token![fn]) {
            return Err(input.error("expected an `async fn`"));
        }
        input.parse::<Token![fn]>()?;
        let name = input.parse()?;
        let generics = input.parse()?;
        let list;
        parenthesized!(list in input);
        let arguments = arguments(&list)?;
        let output = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(Self { name, generics, arguments, output, is_async })
    }
}

impl Signature {
    /// Refuses a signature that cannot be a handler's, whatever its types are.
    pub(super) fn check(&self) -> syn::Result<()> {
        if !self.is_async {
            return Err(syn::Error::new_spanned(&self.name, "a handler is an `async fn`: write `async fn`"));
        }
        match self.arguments.get(MOST_ARGUMENTS) {
            Some(argument) => Err(syn::Error::new_spanned(
                argument,
                "a handler has at most 12 arguments: put some into a struct that implements `FromRequestParts`",
            )),
            None => Ok(()),
        }
    }
}

fn arguments(list: ParseStream<'_>) -> syn::Result<Vec<Type>> {
    let mut arguments = Vec::new();
    while !list.is_empty() {
        list.call(Attribute::parse_outer)?;
        skip_pattern(list)?;
        arguments.push(list.parse()?);
        if !list.is_empty() {
            list.parse::<Token![,]>()?;
        }
    }
    Ok(arguments)
}

/// Skips a pattern and the colon behind it. A path in a pattern has two colons, which are one token to the parser.
fn skip_pattern(list: ParseStream<'_>) -> syn::Result<()> {
    if list.peek(Token![self]) || list.peek(Token![&]) {
        return Err(list.error("a handler is a free function: it has no `self`"));
    }
    loop {
        if list.peek(Token![::]) {
            list.parse::<Token![::]>()?;
        } else if list.parse::<Option<Token![:]>>()?.is_some() {
            return Ok(());
        } else {
            list.parse::<TokenTree>()?;
        }
    }
}
