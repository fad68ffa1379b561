//! Contradictions, and rules that could never hold or never run.

use std::collections::HashSet;
use std::mem::discriminant;

use quote::ToTokens;
use syn::{Expr, ExprLit, Lit, Member, Type};

use super::ast::{Body, Content, Field, Input, Style};
use super::attr::{Kind, Limits, Rule};
use crate::ctxt::Ctxt;
use crate::ty;

pub(super) fn check(input: &Input<'_>, ctxt: &mut Ctxt) {
    for lifetime in input.generics.lifetimes() {
        ctxt.error(lifetime, "a payload owns its data: use `String` instead of `&str`, and no lifetime");
    }
    if let Some(remote) = &input.serde.remote {
        ctxt.error(remote, "`remote` reads another type: mark the member of that type `#[payload(leaf)]` instead");
    }
    check_whole(input, ctxt);
    check_words(input, ctxt);
    match &input.body {
        Body::Struct(content) => check_content(input, content, ctxt),
        Body::Enum(variants) => variants.iter().for_each(|variant| check_content(input, &variant.content, ctxt)),
    }
    check_buffers(input, ctxt);
}

fn check_buffers(input: &Input<'_>, ctxt: &mut Ctxt) {
    match &input.body {
        _ if input.serde.converted => {}
        Body::Struct(content) => content.fields.iter().for_each(|field| check_buffer(input, field, false, ctxt)),
        Body::Enum(variants) => {
            for variant in variants.iter().filter(|variant| !variant.serde.skip && variant.serde.with.is_none()) {
                let fields = variant.content.fields.iter();
                fields.for_each(|field| check_buffer(input, field, variant.serde.untagged, ctxt));
            }
        }
    }
}

fn check_whole(input: &Input<'_>, ctxt: &mut Ctxt) {
    let asked = input.schemas.iter().filter(|schema| schema.context).map(|schema| &schema.function);
    let asked = asked.chain(input.fields().flat_map(|field| &field.rules).filter_map(|rule| match &rule.kind {
        Kind::Custom { function, context: true } => Some(function),
        _ => None,
    }));
    if input.context.is_none() {
        for function in asked {
            ctxt.error(function, "`use_context` needs the context's type: add `#[validate(context = MyContext)]`");
        }
    }
}

/// A message or code on the type needs a type that can itself refuse a value as a whole.
fn check_words(input: &Input<'_>, ctxt: &mut Ctxt) {
    let is_newtype = matches!(&input.body, Body::Struct(content) if content.style == Style::Newtype);
    if let Some(words) = input.payload.words.any()
        && !input.serde.converted
        && !is_newtype
    {
        let fix = "write them on a type that is read as another one (`try_from`), on a newtype, or on a member";
        ctxt.error(words, format!("`message` and `code` word what a value is refused for as a whole: {fix}"));
    }
}

/// serde buffers some parts before it reads them, and the buffer cannot hold every value of JSON.
fn check_buffer(input: &Input<'_>, field: &Field<'_>, is_untagged: bool, ctxt: &mut Ctxt) {
    let is_tagged_inside = input.serde.tag.is_some() && input.serde.content.is_none();
    let buffered = is_untagged || input.serde.untagged || is_tagged_inside && matches!(input.body, Body::Enum(_));
    if field.serde.skip || field.serde.with.is_some() || !(buffered || field.serde.flatten.is_some()) {
        return;
    }
    if let Some(wide) = ty::beyond_buffers(field.ty) {
        let fix = "read it with `#[serde(deserialize_with = …)]`, from a text for instance";
        ctxt.error(
            wide,
            format!(
                "serde cannot read this where it is flattened, tagged inside or untagged: its buffer holds no integer of \
                 128 bits, and no name that is a number; {fix}"
            ),
        );
    }
}

fn check_content(input: &Input<'_>, content: &Content<'_>, ctxt: &mut Ctxt) {
    let mut names = HashSet::new();
    for field in &content.fields {
        if content.style == Style::Object && !field.serde.skip && field.serde.flatten.is_none() {
            for name in &field.names {
                if !names.insert(name) {
                    ctxt.error(&field.member, format!("two members have the name `{name}` on the wire"));
                }
            }
        }
        check_field(input, field, ctxt);
        for rule in &field.rules {
            if let Kind::MustMatch(other) = &rule.kind {
                check_other(content, field, other, ctxt);
            }
        }
    }
}

fn check_field(input: &Input<'_>, field: &Field<'_>, ctxt: &mut Ctxt) {
    if let Type::Reference(reference) = field.ty {
        ctxt.error(reference, "a payload owns its data: use `String` instead of `&str`, and no reference");
    }
    if field.serde.skip
        && let Some(rule) = field.rules.first()
    {
        ctxt.error(&rule.key, "this member is skipped, so its rules would never see an input");
    }
    if let Some(flatten) = &field.serde.flatten
        && ty::is_list(field.ty)
    {
        ctxt.error(flatten, "a list has no members that could be flattened: flatten a struct or a map");
    }
    if input.serde.converted
        && let Some(rule) = field.rules.iter().find(|rule| matches!(rule.kind, Kind::MustMatch(_)))
    {
        ctxt.error(&rule.key, "this type is read as another one, so its members are not on the wire");
    }
    for (i, rule) in field.rules.iter().enumerate() {
        let same = |before: &Rule| discriminant(&before.kind) == discriminant(&rule.kind);
        let repeatable = matches!(rule.kind, Kind::Custom { .. } | Kind::Reports(_));
        if !repeatable && field.rules.iter().take(i).any(same) {
            ctxt.error(&rule.key, format!("`{}` is given twice", rule.key.to_token_stream()));
        }
        check_rule(field, rule, ctxt);
    }
}

fn check_rule(field: &Field<'_>, rule: &Rule, ctxt: &mut Ctxt) {
    match &rule.kind {
        Kind::Length(limits) => {
            if let Some(equal) = &limits.equal
                && (limits.min.is_some() || limits.max.is_some())
            {
                ctxt.error(equal, "`equal` says it all: remove `min` and `max`");
            }
            check_limits(limits, ctxt);
        }
        Kind::Range(_) if ty::is_text(field.ty) || ty::is_countable(field.ty) => {
            ctxt.error(&rule.key, "`range` needs a number: limit a text or a list with `length(min = …, max = …)`");
        }
        Kind::Range(limits) => {
            check_limits(limits, ctxt);
            if let (Some(_), Some(twice)) = (&limits.min, &limits.exclusive_min) {
                ctxt.error(twice, "there are two lower limits: keep `min` or `exclusive_min`");
            }
            if let (Some(_), Some(twice)) = (&limits.max, &limits.exclusive_max) {
                ctxt.error(twice, "there are two upper limits: keep `max` or `exclusive_max`");
            }
        }
        Kind::Required if field.serde.default => {
            ctxt.error(&rule.key, "a member with a default is never missing: remove `required` or the default");
        }
        _ => {}
    }
}

/// A lower limit above the upper one accepts no value. Only literals can be compared here.
fn check_limits(limits: &Limits, ctxt: &mut Ctxt) {
    let number = |expr: &Option<Expr>| match expr {
        Some(Expr::Lit(ExprLit { lit: Lit::Int(int), .. })) => int.base10_parse::<u128>().ok(),
        _ => None,
    };
    if let (Some(min), Some(max)) = (number(&limits.min), number(&limits.max))
        && min > max
    {
        ctxt.error(&limits.min, format!("nothing is at least {min} and at most {max}"));
    }
}

fn check_other(content: &Content<'_>, field: &Field<'_>, other: &syn::Path, ctxt: &mut Ctxt) {
    let names = || {
        content.fields.iter().filter_map(|field| match &field.member {
            Member::Named(name) => Some(name.to_string()),
            Member::Unnamed(_) => None,
        })
    };
    let wanted = other.to_token_stream().to_string();
    let all: Vec<String> = names().collect();
    let suggestion = crate::name::did_you_mean(&wanted, all.iter().map(String::as_str));
    if !all.contains(&wanted) {
        ctxt.error(other, format!("there is no field `{wanted}` beside this one{suggestion}"));
    } else if field.member.to_token_stream().to_string() == wanted {
        ctxt.error(other, "a member always matches itself: name the other one");
    }
}
