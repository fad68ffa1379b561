//! Cleaning of a value that parsed.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::super::ast::{Body, Content, Field, Input};
use super::super::attr::Step;

pub(super) fn sanitise(input: &Input<'_>) -> TokenStream {
    let body = match &input.body {
        Body::Struct(content) => {
            let bindings = content.fields.iter().map(|field| {
                let (member, binding) = (&field.member, field.binding());
                mixed!(let #binding = &mut self.#member;)
            });
            let fields = fields(content);
            mixed!(#(#bindings)* #fields)
        }
        Body::Enum(variants) if variants.is_empty() => mixed!(match *self {}),
        Body::Enum(variants) => {
            let arms = variants.iter().map(|variant| {
                let (pattern, fields) = (variant.pattern(), fields(&variant.content));
                mixed!(#pattern => { #fields })
            });
            mixed!(match self { #(#arms)* })
        }
    };
    mixed! {
        #[inline]
        fn sanitise(&mut self) { #body }
    }
}

fn fields(content: &Content<'_>) -> TokenStream {
    content
        .on_wire()
        .map(|(_, field)| {
            let (binding, clean) = (field.binding(), clean(field));
            mixed!({ let value = #binding; #clean })
        })
        .collect()
}

/// Cleans `value`, a mutable reference to the field: its content first, then the field's own steps.
pub(super) fn clean(field: &Field<'_>) -> TokenStream {
    let ty = field.ty;
    let inner = (field.is_payload() || field.nested)
        .then(|| quote_spanned!(field.span()=> <#ty as __Payload>::sanitise(value);));
    let steps = sanitizers(field);
    let own = (!field.steps.is_empty())
        .then(|| quote_spanned!(field.span()=> __payload::Sanitise::sanitise(value, &[#(#steps),*]);));
    mixed!(#inner #own)
}

/// The sanitizers of the field, in the order in which they run.
pub(super) fn sanitizers(field: &Field<'_>) -> Vec<TokenStream> {
    let name = |step: &Step| match step {
        Step::StripControl => mixed!(__schema::Sanitizer::StripControl),
        Step::Lowercase => mixed!(__schema::Sanitizer::Lowercase),
        Step::Uppercase => mixed!(__schema::Sanitizer::Uppercase),
        Step::Nfc => mixed!(__schema::Sanitizer::Nfc),
        Step::Trim => mixed!(__schema::Sanitizer::Trim),
    };
    field.steps.iter().map(name).collect()
}
