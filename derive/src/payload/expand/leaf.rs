//! Leaves: values that only their own code understands.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, Type};

use super::super::ast::{Field, Input, Style};
use super::super::attr::{Side, Words};
use crate::ty;

/// The schema of a field that is a leaf: options, lists and maps are opened, so that violations keep their places.
/// `reads` is the type that is read, which is another one if a function reads the field.
pub(super) fn field(input: &Input<'_>, field: &Field<'_>, reads: &TokenStream) -> TokenStream {
    let leaves = Leaves { side: input.side, words: words(input, field), described: field.serde.with.is_none() };
    match field.holds_leaves {
        true => leaves.inside(field.ty),
        false => leaves.leaf(reads, field.ty),
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

/// The settings of the leaves of one field.
struct Leaves {
    side: Side,
    words: Words,
    /// Whether the type says what is on the wire, if it can.
    described: bool,
}

impl Leaves {
    fn inside(&self, ty: &Type) -> TokenStream {
        let within = |wrappers: &[&str]| wrappers.iter().find_map(|wrapper| ty::inside(ty, wrapper));
        if let Some(inner) = within(&["Option"]) {
            let inner = self.inside(inner);
            return mixed!(const { &__schema::Schema::optional(|| #inner) });
        }
        if let Some(inner) = within(&["Box"]) {
            return self.inside(inner);
        }
        if let Some(inner) = within(&["Vec", "VecDeque", "LinkedList", "BinaryHeap"]) {
            let inner = self.inside(inner);
            return mixed!(const { &__schema::Schema::array(|| #inner) });
        }
        if let Some(inner) = within(&["HashSet", "BTreeSet"]) {
            let inner = self.inside(inner);
            return mixed! {
                const { &__schema::Schema::new(__schema::Kind::Array(__schema::Array::set(|| #inner))) }
            };
        }
        if let Some((name, value)) = map(ty) {
            let names = Self { side: self.side, words: Words::default(), described: self.described };
            let (name, value) = (names.leaf(&name.to_token_stream(), name), self.inside(value));
            return mixed!(const { &__schema::Schema::map(|| #name, || #value) });
        }
        match ty {
            Type::Array(array) => {
                let (inner, len) = (self.inside(&array.elem), &array.len);
                let fields = mixed!(const { &[__schema::Field::new(|| #inner); #len] });
                mixed!(const { &__schema::Schema::tuple(#fields) })
            }
            Type::Tuple(tuple) if !tuple.elems.is_empty() => {
                let elements = tuple.elems.iter().map(|element| self.inside(element));
                let fields = mixed!(const { &[#(__schema::Field::new(|| #elements)),*] });
                mixed!(const { &__schema::Schema::tuple(#fields) })
            }
            _ => self.leaf(&ty.to_token_stream(), ty),
        }
    }

    /// A leaf that is read as `reads`; `ty` is the type whose conversion may explain why it refuses a text.
    fn leaf(&self, reads: &TokenStream, ty: &Type) -> TokenStream {
        let span = ty.span().resolved_at(Span::mixed_site());
        let schema = match self.described {
            true => described(ty),
            false => mixed!(::core::option::Option::None),
        };
        let hook = (self.side == Side::Input).then(|| {
            let words = tokens(&self.words);
            quote_spanned! {span=>
                .with_hook(const {
                    &__payload::LeafReader::new(|node| node.read::<#reads>().map(|_| ()).map_err(|refusal| {
                        use __rule::{ParsesInWords as _, ParsesInSilence as _};
                        let refusal = refusal.explained_by(#schema, node);
                        refusal.worded((&&__rule::Parsed::<#ty>::new()).words(node), #words)
                    }))
                })
            }
        });
        quote_spanned!(span=> const { &__schema::Schema::scalar(
            __schema::Scalar::new(__schema::ScalarKind::Opaque(|| #schema)) #hook
        ) })
    }
}

/// The schema of a type, if it has one.
fn described(ty: &Type) -> TokenStream {
    mixed! {{
        use __schema::{DescribedBySchema as _, Undescribed as _};
        (&&__schema::Described::<#ty>::new()).schema()
    }}
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

/// A type that is read or written as another one, and converted.
pub(super) fn converted(input: &Input<'_>) -> TokenStream {
    let schema = input.serde.proxy.as_ref().map_or_else(|| mixed!(::core::option::Option::None), described);
    let hook = (input.side == Side::Input).then(|| {
        let probe = converting_probe(input);
        mixed!(.with_hook(const { &__payload::LeafReader::new(#probe) }))
    });
    mixed!(__schema::Scalar::new(__schema::ScalarKind::Opaque(|| #schema)) #hook)
}

fn converting_probe(input: &Input<'_>) -> TokenStream {
    let words = tokens(&input.payload.words);
    let schema = input.serde.proxy.as_ref().map_or_else(|| mixed!(::core::option::Option::None), described);
    match input.serde.proxy.as_ref().filter(|_| input.serde.may_fail) {
        None => mixed! {
            |node| node.read::<Self>().map(|_| ()).map_err(|refusal| {
                refusal.explained_by(#schema, node).worded(::core::option::Option::None, #words)
            })
        },
        Some(proxy) => mixed! {
            |node| {
                use __rule::{FailsInWords as _, FailsInSilence as _};
                match node.read::<#proxy>() {
                    ::core::result::Result::Err(refusal) => {
                        let refusal = refusal.explained_by(#schema, node);
                        ::core::result::Result::Err(refusal.worded(::core::option::Option::None, #words))
                    }
                    ::core::result::Result::Ok(value) => match <Self as ::core::convert::TryFrom<#proxy>>::try_from(value) {
                        ::core::result::Result::Ok(_) => ::core::result::Result::Ok(()),
                        ::core::result::Result::Err(error) => ::core::result::Result::Err(
                            __payload::DecodeError::unexplained().worded((&&__rule::Failed(&error)).words(), #words),
                        ),
                    },
                }
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
