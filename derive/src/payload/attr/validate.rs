//! `#[validate(…)]`, as validator defines it.

use syn::{Attribute, LitStr, Path};

use super::meta::{Item, items};
use super::rule::{self, Rule};
use crate::ctxt::Ctxt;

const FIELD: [&str; 14] = [
    "length",
    "range",
    "email",
    "url",
    "regex",
    "contains",
    "does_not_contain",
    "must_match",
    "ip",
    "non_control_character",
    "required",
    "custom",
    "nested",
    "skip",
];

/// The attribute on the type.
#[derive(Default)]
pub(crate) struct ValidateContainer {
    pub(crate) schemas: Vec<Schema>,
    pub(crate) context: Option<Path>,
}

/// A rule about the whole value.
pub(crate) struct Schema {
    pub(crate) function: Path,
    pub(crate) context: bool,
    /// Whether it runs only if the members are valid.
    pub(crate) skip_on_field_errors: bool,
    pub(crate) code: Option<LitStr>,
    pub(crate) message: Option<LitStr>,
}

/// The attribute on a field.
#[derive(Default)]
pub(crate) struct ValidateField {
    pub(crate) rules: Vec<Rule>,
    pub(crate) nested: bool,
}

impl ValidateContainer {
    pub(crate) fn parse(attrs: &[Attribute], ctxt: &mut Ctxt) -> Self {
        let mut found = Self::default();
        for item in items(attrs, "validate", ctxt) {
            match item.name.as_str() {
                "schema" => found.schemas.extend(schema(&item, ctxt)),
                "context" => found.context = item.path(ctxt),
                // Members are always checked.
                "nest_all_fields" | "nested" => {}
                "mutable" => ctxt.error(&item.key, "rules may read their context, not change it: remove `mutable`"),
                _ => item.unknown(&["schema", "context"], "a type", ctxt),
            }
        }
        found
    }
}

fn schema(item: &Item, ctxt: &mut Ctxt) -> Option<Schema> {
    let (mut function, mut code, mut message) = (None, None, None);
    let (mut context, mut skip_on_field_errors) = (false, true);
    let args = item.list(ctxt)?;
    for arg in args {
        match arg.name.as_str() {
            "function" => function = arg.path(ctxt),
            "use_context" => context = arg.flag(ctxt),
            "skip_on_field_errors" => skip_on_field_errors = arg.flag(ctxt),
            "code" => code = arg.text(ctxt),
            "message" => message = arg.text(ctxt),
            _ => {
                let known = ["function", "use_context", "skip_on_field_errors", "code", "message"];
                arg.unknown(&known, "the rule `schema`", ctxt);
            }
        }
    }
    if !args.iter().any(|arg| arg.name == "function") {
        ctxt.error(&item.key, "`schema` needs a function: write `schema(function = check_order)`");
    }
    Some(Schema { function: function?, context, skip_on_field_errors, code, message })
}

impl ValidateField {
    pub(crate) fn parse(attrs: &[Attribute], ctxt: &mut Ctxt) -> Self {
        let (mut found, mut skip) = (Self::default(), false);
        for item in items(attrs, "validate", ctxt) {
            match item.name.as_str() {
                "nested" => found.nested = item.flag(ctxt),
                "skip" => skip = item.flag(ctxt),
                "credit_card" => {
                    ctxt.error(&item.key, "card numbers have no rule here: write `custom(function = …)`");
                }
                name if FIELD.contains(&name) => found.rules.extend(rule::parse(&item, ctxt)),
                _ => item.unknown(&FIELD, "a member", ctxt),
            }
        }
        if skip {
            found.rules.clear();
        }
        found
    }
}
