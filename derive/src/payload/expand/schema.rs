//! The schema: the tables that describe a type, and the functions by which the walk reads and checks its parts.

mod field;
mod rule;
mod wrapper;

use proc_macro2::TokenStream;
use syn::Generics;

use self::field::{check, field, of_content};
use super::super::ast::{Body, Content, Derive, Field, Input, Style, Variant};
use super::super::attr::Side;
use super::leaf;

pub(super) use self::field::of_type;

/// The body of `schema()`.
pub(super) fn schema(input: &Input<'_>, output: Option<&Input<'_>>, generics: &Generics) -> TokenStream {
    let tables = Tables { input, generics };
    let wrappers = match input.derive {
        Derive::Payload => wrapper::all(input, generics),
        Derive::Schema => TokenStream::new(),
    };
    let table = tables.table();
    let output = output.filter(|_| input.is_one_sided).map(|input| {
        let table = Tables { input, generics }.table();
        mixed!(.with_output(|| const { &#table }))
    });
    mixed!(#wrappers const { &#table #output })
}

/// Writes the tables of one side of a type.
struct Tables<'t> {
    input: &'t Input<'t>,
    generics: &'t Generics,
}

impl Tables<'_> {
    /// The table of the type, with its name and its documentation.
    fn table(&self) -> TokenStream {
        let input = self.input;
        let schema = if input.serde.converted { self.converted() } else { self.own() };
        let name = input.serde.rename.as_ref().map(|name| mixed!(.with_name(#name)));
        let description = input.description.as_ref().map(|text| mixed!(.with_description(#text)));
        let examples = field::examples(&input.payload.examples);
        let rules = rule::of_whole(input);
        mixed! {
            #schema.with_type_name(|| ::core::any::type_name::<Self>()) #name #description #examples #rules
        }
    }

    /// A value that is read or written as another type: only its own code can convert it.
    fn converted(&self) -> TokenStream {
        let input = self.input;
        let leaf = leaf::converted(input);
        let has_rules = input.fields().any(|field| !field.rules.is_empty()) || input.has_whole();
        if !has_rules || input.side == Side::Output {
            return mixed!(__schema::Schema::scalar(#leaf));
        }
        let check =
            check(&mixed!(Self), &mixed!(__Payload::sanitise(value);), &mixed!(__Payload::rules(value, at, context);));
        mixed! {
            __schema::Schema::newtype(
                __schema::Field::new(|| const { &__schema::Schema::scalar(#leaf) }).with_hook(#check)
            )
        }
    }

    fn own(&self) -> TokenStream {
        let hook = self.whole().map(|check| mixed!(.with_hook(#check)));
        match &self.input.body {
            Body::Struct(content) if content.style == Style::Object => self.object(content, hook.as_ref()),
            Body::Struct(content) => {
                let schema = self.content(content);
                match hook {
                    Some(hook) => mixed! {
                        __schema::Schema::newtype(__schema::Field::new(|| const { &#schema }) #hook)
                    },
                    None => schema,
                }
            }
            Body::Enum(variants) => {
                let (tagging, deny) = (self.tagging(), self.deny());
                let variants = variants.iter().filter(|variant| !variant.serde.skip).map(|it| self.variant(it));
                mixed! {
                    __schema::Schema::new(__schema::Kind::Enum(
                        __schema::Enum::new(__schema::Tagging::#tagging, const { &[#(#variants),*] })
                            .deny_unknown(#deny) #hook
                    ))
                }
            }
        }
    }

    fn deny(&self) -> bool {
        self.input.serde.deny_unknown_fields || self.input.payload.deny_unknown
    }

    fn tagging(&self) -> TokenStream {
        match (&self.input.serde.tag, &self.input.serde.content) {
            _ if self.input.serde.untagged => mixed!(Untagged),
            (Some(tag), Some(content)) => mixed!(Adjacent(#tag, #content)),
            (Some(tag), None) => mixed!(Internal(#tag)),
            _ => mixed!(External),
        }
    }

    fn variant(&self, variant: &Variant<'_>) -> TokenStream {
        let names = &variant.names;
        let (other, untagged) = (variant.serde.other, variant.serde.untagged);
        let content = match (&variant.serde.with, self.input.side) {
            (Some(_), Side::Input) => mixed!(__payload::leaf::<__rule::Anything>),
            (Some(_), Side::Output) => mixed!(|| const { &__schema::Schema::scalar(__schema::Scalar::opaque()) }),
            (None, _) => self.variant_content(&variant.content),
        };
        let description = variant.description.as_ref().map(|text| mixed!(.with_description(#text)));
        mixed! {
            __schema::Variant::new(&[#(#names),*], #content).other(#other).untagged(#untagged) #description
        }
    }

    /// The function that returns the schema of a variant's content: that of a single plain field is its type's.
    fn variant_content(&self, content: &Content<'_>) -> TokenStream {
        let only = content.on_wire().next().filter(|_| content.style == Style::Newtype);
        match only {
            Some((_, only)) if field::is_plain(self.input, only) => of_content(self.input, only, self.generics),
            _ => {
                let schema = self.content(content);
                mixed!(|| const { &#schema })
            }
        }
    }

    /// The schema of the fields, without the rules of the whole.
    fn content(&self, content: &Content<'_>) -> TokenStream {
        let fields = || content.on_wire().map(|(_, it)| field(self.input, it, self.generics));
        match content.style {
            Style::Unit => mixed!(__schema::Schema::null()),
            Style::Newtype => match fields().next() {
                Some(field) => mixed!(__schema::Schema::newtype(#field)),
                None => mixed!(__schema::Schema::null()),
            },
            Style::Tuple => {
                let fields = fields();
                mixed!(__schema::Schema::tuple(const { &[#(#fields),*] }))
            }
            Style::Object => self.object(content, None),
        }
    }

    fn object(&self, content: &Content<'_>, hook: Option<&TokenStream>) -> TokenStream {
        let entries = content.on_wire().map(|(_, field)| self.entry(field));
        let deny = self.deny();
        mixed! {
            __schema::Schema::new(__schema::Kind::Object(
                __schema::Object::new(const { &[#(#entries),*] }).deny_unknown(#deny) #hook
            ))
        }
    }

    fn entry(&self, member: &Field<'_>) -> TokenStream {
        let place = field(self.input, member, self.generics);
        if member.serde.flatten.is_some() {
            return mixed!(__schema::Entry::Flatten(#place));
        }
        let (names, presence) = (&member.names, field::presence(self.input, member));
        let skipped = member.serde.may_be_skipped.then(|| mixed!(.may_be_skipped()));
        mixed!(__schema::Entry::Property(__schema::Property::new(&[#(#names),*], #place) #presence #skipped))
    }

    /// The rules of the whole.
    fn whole(&self) -> Option<TokenStream> {
        if !self.input.has_whole() || self.input.side == Side::Output {
            return None;
        }
        let sound = match self.input.schemas.iter().any(|schema| schema.skip_on_field_errors) {
            true => mixed! {
                let mut members = context.without_violations();
                __Parts::members(value, at, &mut members);
                let sound = members.violations().is_empty();
            },
            false => mixed!(let sound = true;),
        };
        let rules = mixed!(#sound __Parts::whole(value, sound, at, context););
        Some(check(&mixed!(Self), &mixed!(__Payload::sanitise(value);), &rules))
    }
}
