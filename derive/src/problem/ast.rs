//! The input as the derive sees it: an enum has variants, and a struct is its own only variant.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, Generics, Ident, Index, Member};

use super::field::FieldAttrs;
use super::kind::{self, KindAttrs};
use crate::ctxt::Ctxt;
use crate::ty::inside;

pub(super) struct Input<'a> {
    pub(super) ident: &'a Ident,
    pub(super) generics: &'a Generics,
    /// The enum's settings for all its variants; empty for a struct.
    pub(super) defaults: KindAttrs,
    pub(super) variants: Vec<Variant<'a>>,
}

pub(super) struct Variant<'a> {
    pub(super) ident: &'a Ident,
    /// `Self::Variant`, or `Self` for a struct.
    pub(super) path: TokenStream,
    pub(super) attrs: KindAttrs,
    pub(super) fields: Vec<Field<'a>>,
}

pub(super) struct Field<'a> {
    pub(super) syntax: &'a syn::Field,
    pub(super) member: Member,
    /// The name of the field in a pattern; it cannot clash with a surrounding name.
    pub(super) binding: Ident,
    pub(super) attrs: FieldAttrs,
}

impl<'a> Input<'a> {
    pub(super) fn parse(input: &'a DeriveInput, ctxt: &mut Ctxt) -> Self {
        let mut defaults = KindAttrs::default();
        let variants = match &input.data {
            Data::Enum(data) => {
                defaults = KindAttrs::parse(&input.attrs, &kind::ON_ENUM, "an enum", ctxt);
                data.variants
                    .iter()
                    .map(|variant| {
                        let ident = &variant.ident;
                        let attrs = KindAttrs::parse(&variant.attrs, &kind::ON_VARIANT, "a variant", ctxt);
                        Variant { ident, path: quote!(Self::#ident), attrs, fields: fields(&variant.fields, ctxt) }
                    })
                    .collect()
            }
            Data::Struct(data) => {
                let attrs = KindAttrs::parse(&input.attrs, &kind::ON_VARIANT, "a struct", ctxt);
                vec![Variant { ident: &input.ident, path: quote!(Self), attrs, fields: fields(&data.fields, ctxt) }]
            }
            Data::Union(data) => {
                ctxt.error(data.union_token, "a union cannot be an error: derive `Problem` on an enum or a struct");
                Vec::new()
            }
        };
        Self { ident: &input.ident, generics: &input.generics, defaults, variants }
    }
}

fn fields<'a>(fields: &'a Fields, ctxt: &mut Ctxt) -> Vec<Field<'a>> {
    let parse = |(i, syntax): (usize, &'a syn::Field)| {
        let (member, binding) = match &syntax.ident {
            Some(ident) => (Member::Named(ident.clone()), format_ident!("field_{}", ident.unraw())),
            None => (Member::Unnamed(Index::from(i)), format_ident!("field_{i}")),
        };
        Field { syntax, member, binding, attrs: FieldAttrs::parse(syntax, ctxt) }
    };
    fields.iter().enumerate().map(parse).collect()
}

impl Field<'_> {
    /// The name as it is written: `left`, or `0`.
    pub(super) fn name(&self) -> String {
        match &self.member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }

    /// Whether it is written `Option<T>`: a field that is `None` adds nothing.
    pub(super) fn is_optional(&self) -> bool {
        inside(&self.syntax.ty, "Option").is_some()
    }
}
