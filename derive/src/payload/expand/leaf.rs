//! Leaves: values that only their own `Deserialize` understands.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, Type};

use super::super::ast::{Field, Input, Style};
use super::super::attr::Words;
use crate::ty;

/// The shape of a field that is a leaf: options, lists and maps are opened, so that violations keep their places.
/// `reads` is the type that is read, which is another one if a function reads the field.
pub(super) fn field(input: &Input<'_>, field: &Field<'_>, reads: &TokenStream) -> TokenStream {
    let words = words(input, field);
    match field.holds_leaves {
        true => inside(field.ty, &words),
        false => {
            let (leaf, ty) = (leaf(reads, field.ty, &words), field.ty);
            quote_spanned!(ty.span().resolved_at(proc_macro2::Span::mixed_site())=> __payload::Shape::Leaf(#leaf))
        }
    }
}

/// The message of the field, or that of the type if the field is its only one.
pub(super) fn words(input: &Input<'_>, field: &Field<'_>) -> Words {
    match &input.body {
        super::super::ast::Body::Struct(content) if content.style == Style::Newtype => {
            field.words.or(&input.payload.words)
        }
        _ => field.words.clone(),
    }
}

fn inside(ty: &Type, words: &Words) -> TokenStream {
    let within = |wrappers: &[&str]| wrappers.iter().find_map(|wrapper| ty::inside(ty, wrapper));
    if let Some(inner) = within(&["Option"]) {
        let inner = inside(inner, words);
        return mixed!(__payload::Shape::Optional(|| #inner));
    }
    if let Some(inner) = within(&["Box"]) {
        return inside(inner, words);
    }
    if let Some(inner) = within(&["Vec", "VecDeque", "LinkedList", "HashSet", "BTreeSet", "BinaryHeap"]) {
        let inner = inside(inner, words);
        return mixed!(__payload::Shape::List(|| #inner));
    }
    if let Some((name, value)) = map(ty) {
        let (name, value) = (leaf(&name.to_token_stream(), name, &Words::default()), inside(value, words));
        return mixed!(__payload::Shape::Map(__payload::Map { name: #name, value: || #value }));
    }
    match ty {
        Type::Array(array) => {
            let (inner, len) = (inside(&array.elem, words), &array.len);
            mixed!(__payload::Shape::Tuple(const { &[__payload::Slot::of(|| #inner); #len] }))
        }
        Type::Tuple(tuple) if !tuple.elems.is_empty() => {
            let slots = tuple.elems.iter().map(|element| inside(element, words));
            mixed!(__payload::Shape::Tuple(const { &[#(__payload::Slot::of(|| #slots)),*] }))
        }
        _ => {
            let leaf = leaf(&ty.to_token_stream(), ty, words);
            quote_spanned!(ty.span().resolved_at(proc_macro2::Span::mixed_site())=> __payload::Shape::Leaf(#leaf))
        }
    }
}

/// The types of the names and the values of a map.
fn map(ty: &Type) -> Option<(&Type, &Type)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "HashMap" || last.ident == "BTreeMap")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let mut types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    Some((types.next()?, types.next()?))
}

/// A leaf that is read as `reads`; `ty` is the type whose conversion may explain why it refuses a text.
fn leaf(reads: &TokenStream, ty: &Type, words: &Words) -> TokenStream {
    let words = tokens(words);
    quote_spanned! {ty.span().resolved_at(proc_macro2::Span::mixed_site())=>
        __payload::Leaf {
            probe: |node| node.read::<#reads>().map(|_| ()).map_err(|refusal| {
                use __rule::{ParsesInWords as _, ParsesInSilence as _};
                refusal.worded((&&__rule::Parsed::<#ty>::new()).words(node), #words)
            }),
        }
    }
}

/// A type that is read as another one, then converted.
pub(super) fn converted(input: &Input<'_>) -> TokenStream {
    let words = tokens(&input.payload.words);
    match &input.serde.try_from {
        None => mixed! {
            __payload::Leaf { probe: |node| node.read::<Self>().map(|_| ()).map_err(|refusal| refusal.worded(::core::option::Option::None, #words)) }
        },
        Some(proxy) => mixed! {
            __payload::Leaf {
                probe: |node| {
                    use __rule::{FailsInWords as _, FailsInSilence as _};
                    match node.read::<#proxy>() {
                        ::core::result::Result::Err(refusal) => {
                            ::core::result::Result::Err(refusal.worded(::core::option::Option::None, #words))
                        }
                        ::core::result::Result::Ok(value) => match <Self as ::core::convert::TryFrom<#proxy>>::try_from(value) {
                            ::core::result::Result::Ok(_) => ::core::result::Result::Ok(()),
                            ::core::result::Result::Err(error) => ::core::result::Result::Err(
                                __payload::Refusal::unexplained().worded((&&__rule::Failed(&error)).words(), #words),
                            ),
                        },
                    }
                },
            }
        },
    }
}

/// `code, message`, each if there is one.
fn tokens(words: &Words) -> TokenStream {
    let option = |text: &Option<syn::LitStr>| match text {
        Some(text) => mixed!(::core::option::Option::Some(#text)),
        None => mixed!(::core::option::Option::None),
    };
    let (code, message) = (option(&words.code), option(&words.message));
    mixed!(#code, #message)
}
