use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{GenericArgument, PathArguments, ReturnType, Type};

use super::options::Options;
use super::signature::Signature;

/// Unnamed constants that hold the checks: each one names a single type, at its own place.
///
/// A generic function has no types to check before it is called.
pub(super) fn expand(options: &Options, signature: &Signature) -> TokenStream {
    if !signature.generics.params.is_empty() {
        return TokenStream::new();
    }
    let state = state(options, signature);
    let arguments = signature.arguments.iter().enumerate().filter_map(|(index, argument)| {
        let is_last = index + 1 == signature.arguments.len();
        // Without a state, all arguments but the parts of the state can be checked.
        let state = state.clone().or_else(|| part_of_state(argument).is_none().then(unit))?;
        Some(check_argument(options, argument, &state, is_last))
    });
    let answer = check_answer(options, &signature.output);
    let future = check_future(signature);
    quote! {
        #(#arguments)*
        #answer
        #future
    }
}

/// axum's handlers may take types that only axum knows, so they are checked with axum's traits only.
fn check_argument(options: &Options, argument: &Type, state: &Type, is_last: bool) -> TokenStream {
    let bound = match (options.axum, is_last) {
        (false, false) => quote!(handler::FromRequestParts<S>),
        (false, true) => {
            let body = options.body.as_ref().map_or_else(|| quote!(::buttress::body::Body), ToTokens::to_token_stream);
            quote!(handler::FromRequest<S, #body, M>)
        }
        (true, false) => quote!(adapter::axum::__private::HeadArgument<S>),
        (true, true) => quote!(adapter::axum::__private::Argument<S, M>),
    };
    if is_last {
        requires(argument.span(), &quote!(T: ::buttress::#bound, S, M), &quote!(#argument, #state, _))
    } else {
        requires(argument.span(), &quote!(T: ::buttress::#bound, S), &quote!(#argument, #state))
    }
}

fn check_answer(options: &Options, output: &ReturnType) -> Option<TokenStream> {
    let ReturnType::Type(_, output) = output else { return None };
    if matches!(**output, Type::ImplTrait(_)) {
        return None;
    }
    let bound = if options.axum { quote!(adapter::axum::__private::Answer) } else { quote!(handler::IntoResponse) };
    Some(requires(output.span(), &quote!(T: ::buttress::#bound), output))
}

/// A server moves the future between threads.
fn check_future(signature: &Signature) -> TokenStream {
    let name = &signature.name;
    let arguments = signature.arguments.iter().map(|_| quote!(argument()));
    quote_spanned! {name.span()=>
        const _: () = {
            #[allow(dead_code)]
            fn check() {
                fn argument<T>() -> T {
                    ::core::unreachable!()
                }
                fn is_send<T: ::core::marker::Send>(_: T) {}
                is_send(#name(#(#arguments),*));
            }
        };
    }
}

fn requires(span: Span, bounds: &TokenStream, types: &impl ToTokens) -> TokenStream {
    quote_spanned! {span=>
        const _: () = {
            #[allow(dead_code)]
            fn check() {
                fn requires<#bounds>() {}
                requires::<#types>();
            }
        };
    }
}

/// The state to check arguments with: the one that the attribute names; otherwise the only part that the handler asks
/// for, since every state provides itself; otherwise `()`. `None` if the handler asks for several parts and the state
/// is not named.
fn state(options: &Options, signature: &Signature) -> Option<Type> {
    if let Some(state) = &options.state {
        return Some(state.clone());
    }
    let mut parts = signature.arguments.iter().filter_map(part_of_state);
    match (parts.next(), parts.next()) {
        (None, _) => Some(unit()),
        (Some(part), None) => Some(part.clone()),
        (Some(_), Some(_)) => None,
    }
}

/// The `T` of a `State<T>`.
fn part_of_state(argument: &Type) -> Option<&Type> {
    let Type::Path(path) = argument else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "State")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(part)) => Some(part),
        _ => None,
    }
}

fn unit() -> Type {
    syn::parse_quote!(())
}
