//! The combined meaning of a type's attributes.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Expr, Generics, Ident, Member, Path, Type};

use super::attr::{
    Case, Kind, PayloadContainer, PayloadField, Rule, Schema, SerdeContainer, SerdeField, SerdeVariant, Side, Step,
    ValidateContainer, ValidateField, Words, description, is_not_read, is_one_sided,
};
use crate::ctxt::Ctxt;
use crate::ty;

/// The derive that reads the type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Derive {
    Payload,
    Schema,
}

/// The type.
pub(super) struct Input<'a> {
    pub(super) derive: Derive,
    pub(super) side: Side,
    /// Whether it is written in another form than it is read in.
    pub(super) is_one_sided: bool,
    pub(super) description: Option<String>,
    pub(super) ident: &'a Ident,
    pub(super) generics: &'a Generics,
    pub(super) serde: SerdeContainer,
    pub(super) payload: PayloadContainer,
    pub(super) schemas: Vec<Schema>,
    pub(super) context: Option<Path>,
    pub(super) body: Body<'a>,
}

pub(super) enum Body<'a> {
    Struct(Content<'a>),
    Enum(Vec<Variant<'a>>),
}

/// The fields of a struct or a variant.
pub(super) struct Content<'a> {
    pub(super) style: Style,
    pub(super) fields: Vec<Field<'a>>,
}

/// The form of fields on the wire.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As members of an object.
    Object,
    /// As elements of an array.
    Tuple,
    /// As the only field.
    Newtype,
    /// Not at all.
    Unit,
}

pub(super) struct Variant<'a> {
    pub(super) ident: &'a Ident,
    pub(super) serde: SerdeVariant,
    /// Its name on the wire, then its aliases.
    pub(super) names: Vec<String>,
    pub(super) description: Option<String>,
    pub(super) content: Content<'a>,
}

pub(super) struct Field<'a> {
    /// The variant or the type that contains it.
    pub(super) owner: &'a Ident,
    pub(super) member: Member,
    pub(super) ty: &'a Type,
    /// Its name on the wire, then its aliases.
    pub(super) names: Vec<String>,
    pub(super) serde: SerdeField,
    pub(super) rules: Vec<Rule>,
    /// `#[validate(nested)]`: only a field with a custom reading function needs it.
    pub(super) nested: bool,
    pub(super) steps: Vec<Step>,
    /// Whether only its own `Deserialize` understands it.
    pub(super) leaf: bool,
    /// Whether it is written as options, lists or maps of leaves.
    pub(super) holds_leaves: bool,
    /// The message for a client whose value the type refuses.
    pub(super) words: Words,
    pub(super) description: Option<String>,
    pub(super) examples: Vec<Expr>,
    /// Whether its type has a default for all of its fields.
    pub(super) owner_has_default: bool,
}

impl<'a> Input<'a> {
    pub(super) fn parse(input: &'a DeriveInput, derive: Derive, side: Side, ctxt: &mut Ctxt) -> Self {
        let serde = SerdeContainer::parse(&input.attrs, side);
        let payload = derive.container(&input.attrs, ctxt);
        let validate = match derive {
            Derive::Payload => ValidateContainer::parse(&input.attrs, ctxt),
            Derive::Schema => ValidateContainer::default(),
        };
        let unread = side == Side::Output && derive == Derive::Payload && is_not_read(&input.attrs);
        let context = Context { serde: &serde, payload: &payload, derive, side, unread };
        let body = match &input.data {
            Data::Struct(data) => Body::Struct(Content::parse(
                (&input.ident, &data.fields),
                serde.rename_all,
                context,
                serde.default,
                ctxt,
            )),
            Data::Enum(data) => {
                Body::Enum(data.variants.iter().map(|variant| Variant::parse(variant, context, ctxt)).collect())
            }
            Data::Union(data) => {
                ctxt.error(data.union_token, "a union has no shape on the wire: derive Payload on a struct or an enum");
                Body::Enum(Vec::new())
            }
        };
        let (schemas, context) = (validate.schemas, validate.context);
        Self {
            derive,
            side,
            is_one_sided: all_attributes(input).any(is_one_sided),
            description: description(&input.attrs),
            ident: &input.ident,
            generics: &input.generics,
            serde,
            payload,
            schemas,
            context,
            body,
        }
    }

    /// The path of the module that the code names.
    pub(super) fn krate(&self) -> TokenStream {
        self.payload.krate.as_ref().map_or_else(|| quote!(::buttress), |path| quote!(#path))
    }

    /// Whether there are rules about the whole value.
    pub(super) fn has_whole(&self) -> bool {
        !self.schemas.is_empty() || !self.payload.custom.is_empty() || self.fields().any(Field::has_whole)
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        let (of_struct, variants): (&[Field<'_>], &[Variant<'_>]) = match &self.body {
            Body::Struct(content) => (&content.fields, &[]),
            Body::Enum(variants) => (&[], variants),
        };
        of_struct.iter().chain(variants.iter().flat_map(|variant| &variant.content.fields))
    }
}

/// The settings of the type for everything inside it.
#[derive(Clone, Copy)]
struct Context<'c> {
    serde: &'c SerdeContainer,
    payload: &'c PayloadContainer,
    derive: Derive,
    side: Side,
    /// Whether the types of fields need not be payloads, because they are only written.
    unread: bool,
}

impl Context<'_> {
    /// The settings inside a variant or a field with these attributes.
    fn inside(self, attrs: &[Attribute]) -> Self {
        let only_written = self.side == Side::Output && self.derive == Derive::Payload;
        Self { unread: self.unread || only_written && is_not_read(attrs), ..self }
    }
}

impl Derive {
    fn container(self, attrs: &[Attribute], ctxt: &mut Ctxt) -> PayloadContainer {
        match self {
            Self::Payload => PayloadContainer::parse(attrs, ctxt),
            Self::Schema => PayloadContainer::parse_schema(attrs, ctxt),
        }
    }

    fn field(self, attrs: &[Attribute], ctxt: &mut Ctxt) -> (PayloadField, ValidateField) {
        match self {
            Self::Payload => (PayloadField::parse(attrs, ctxt), ValidateField::parse(attrs, ctxt)),
            Self::Schema => (PayloadField::parse_schema(attrs, ctxt), ValidateField::default()),
        }
    }
}

/// The attributes of the type, of its variants, and of its fields.
fn all_attributes(input: &DeriveInput) -> impl Iterator<Item = &[Attribute]> {
    let (fields, variants) = match &input.data {
        Data::Struct(data) => (Some(&data.fields), None),
        Data::Enum(data) => (None, Some(&data.variants)),
        Data::Union(_) => (None, None),
    };
    let variants = variants.into_iter().flatten();
    let of_variants = variants.clone().map(|variant| variant.attrs.as_slice());
    let fields = fields.into_iter().flatten().chain(variants.flat_map(|variant| &variant.fields));
    std::iter::once(input.attrs.as_slice()).chain(of_variants).chain(fields.map(|field| field.attrs.as_slice()))
}

impl<'a> Variant<'a> {
    fn parse(variant: &'a syn::Variant, context: Context<'_>, ctxt: &mut Ctxt) -> Self {
        let serde = SerdeVariant::parse(&variant.attrs, context.side);
        // Only to report attributes that have no meaning here.
        if let Some(attr) = variant.attrs.iter().find(|a| a.path().is_ident("validate") || a.path().is_ident("payload"))
        {
            ctxt.error(attr, "rules stand on the members of a variant, or on the enum as `schema`");
        }
        let ident = variant.ident.unraw().to_string();
        let name = serde.rename.clone().unwrap_or_else(|| match context.serde.rename_all {
            Some(case) => case.variant(&ident),
            None => ident,
        });
        let names = std::iter::once(name).chain(serde.aliases.iter().cloned()).collect();
        let rename = serde.rename_all.or(context.serde.rename_all_fields);
        let context = context.inside(&variant.attrs);
        let content = Content::parse((&variant.ident, &variant.fields), rename, context, false, ctxt);
        Self { ident: &variant.ident, serde, names, description: description(&variant.attrs), content }
    }

    /// A pattern that binds every field, by reference if `self` is a reference.
    pub(super) fn pattern(&self) -> TokenStream {
        let ident = self.ident;
        let bindings = self.content.fields.iter().map(|field| {
            let (member, binding) = (&field.member, field.binding());
            quote!(#member: #binding)
        });
        quote!(Self::#ident { #(#bindings),* })
    }
}

impl<'a> Content<'a> {
    fn parse(
        (owner, fields): (&'a Ident, &'a syn::Fields),
        rename: Option<Case>,
        context: Context<'_>,
        default: bool,
        ctxt: &mut Ctxt,
    ) -> Self {
        let style = match fields {
            _ if context.serde.transparent => Style::Newtype,
            syn::Fields::Named(_) => Style::Object,
            syn::Fields::Unnamed(all) if all.unnamed.len() == 1 => Style::Newtype,
            syn::Fields::Unnamed(_) => Style::Tuple,
            syn::Fields::Unit => Style::Unit,
        };
        let fields = fields
            .iter()
            .zip(fields.members())
            .map(|(syntax, member)| {
                let mut field = Field::parse((owner, syntax), member, rename, context, ctxt);
                field.owner_has_default = default && !field.serde.default;
                field.serde.default |= default;
                field
            })
            .collect();
        Self { style, fields }
    }

    /// The fields that are on the wire, each with its position.
    pub(super) fn on_wire(&self) -> impl Iterator<Item = (usize, &Field<'a>)> {
        let transparent = self.style == Style::Newtype && self.fields.len() > 1;
        let is_off = move |field: &Field<'a>| transparent && ty::is_named(field.ty, "PhantomData");
        self.fields.iter().filter(move |field| !field.serde.skip && !is_off(field)).enumerate()
    }
}

impl<'a> Field<'a> {
    fn parse(
        (owner, syntax): (&'a Ident, &'a syn::Field),
        member: Member,
        rename: Option<Case>,
        context: Context<'_>,
        ctxt: &mut Ctxt,
    ) -> Self {
        let serde = SerdeField::parse(&syntax.attrs, context.side);
        let (payload, ValidateField { mut rules, nested }) = context.derive.field(&syntax.attrs, ctxt);
        let reports = payload.custom.into_iter();
        rules.extend(reports.map(|(key, function)| Rule {
            kind: Kind::Reports(function),
            key,
            code: None,
            message: None,
        }));
        let mut steps = payload.steps;
        if ty::holds_text(&syntax.ty) && !payload.leaf {
            let opposed = steps.iter().any(|step| matches!(step, Step::Lowercase | Step::Uppercase));
            steps.extend(
                context
                    .payload
                    .steps
                    .iter()
                    .filter(|step| !(opposed && matches!(step, Step::Lowercase | Step::Uppercase))),
            );
        }
        steps.sort_unstable();
        steps.dedup();
        let names = names(&member, &serde, rename);
        let leaf = payload.leaf
            || context.inside(&syntax.attrs).unread
            || serde.with.is_some()
            || context.serde.converted
            || ty::is_named(&syntax.ty, "PhantomData");
        let holds_leaves = payload.leaf && serde.with.is_none() && !context.serde.converted;
        Self {
            owner,
            member,
            ty: &syntax.ty,
            names,
            serde,
            rules,
            nested,
            steps,
            leaf,
            holds_leaves,
            words: payload.words,
            description: description(&syntax.attrs),
            examples: payload.examples,
            owner_has_default: false,
        }
    }

    /// Its name on the wire.
    pub(super) fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// The variable that holds a reference to it in a pattern.
    pub(super) fn binding(&self) -> Ident {
        match &self.member {
            Member::Named(name) => format_ident!("field_{}", name.unraw(), span = Span::mixed_site()),
            Member::Unnamed(index) => format_ident!("field_{}", index.index, span = Span::mixed_site()),
        }
    }

    /// The place for compiler errors when the type lacks a required trait.
    pub(super) fn span(&self) -> Span {
        self.ty.span().resolved_at(Span::mixed_site())
    }

    /// Whether the type's own rules, shape and cleaning apply.
    pub(super) fn is_payload(&self) -> bool {
        !self.leaf
    }

    /// The rules of the field itself, which the walk can check without the other fields.
    pub(super) fn own_rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| !rule.is_about_others() && self.serde.flatten.is_none())
    }

    /// The rules that need the whole value.
    pub(super) fn whole_rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.is_about_others() || self.serde.flatten.is_some())
    }

    fn has_whole(&self) -> bool {
        self.whole_rules().next().is_some()
    }
}

impl Rule {
    fn is_about_others(&self) -> bool {
        matches!(self.kind, Kind::MustMatch(_))
    }
}

fn names(member: &Member, serde: &SerdeField, rename: Option<Case>) -> Vec<String> {
    let own = match member {
        Member::Named(ident) => ident.unraw().to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    };
    let name = serde.rename.clone().unwrap_or_else(|| match rename {
        Some(case) => case.field(&own),
        None => own,
    });
    std::iter::once(name).chain(serde.aliases.iter().cloned()).collect()
}
