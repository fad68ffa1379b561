//! `#[payload(…)]`: settings that neither serde nor validator has. `#[schema(…)]` has a few of them, for a type that is
//! only written.

use syn::{Attribute, Expr, LitStr, Path, WherePredicate, punctuated::Punctuated};

use super::meta::{Item, items};
use crate::ctxt::Ctxt;

/// One step of cleaning a text. The steps run in this order, whatever their order in the attribute.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    StripControl,
    Lowercase,
    Uppercase,
    Nfc,
    Trim,
}

const STEPS: [(&str, Step); 5] = [
    ("strip_control", Step::StripControl),
    ("lowercase", Step::Lowercase),
    ("uppercase", Step::Uppercase),
    ("nfc", Step::Nfc),
    ("trim", Step::Trim),
];
const CONTAINER: [&str; 12] = [
    "trim",
    "nfc",
    "lowercase",
    "uppercase",
    "strip_control",
    "deny_unknown",
    "custom",
    "message",
    "code",
    "bound",
    "example",
    "crate",
];
const FIELD: [&str; 10] =
    ["leaf", "trim", "nfc", "lowercase", "uppercase", "strip_control", "custom", "message", "code", "example"];
const SCHEMA_CONTAINER: [&str; 3] = ["bound", "example", "crate"];
const SCHEMA_FIELD: [&str; 2] = ["leaf", "example"];

/// The message and the code for a client whose value the type refuses.
#[derive(Default, Clone)]
pub(crate) struct Words {
    pub(crate) message: Option<LitStr>,
    pub(crate) code: Option<LitStr>,
}

impl Words {
    /// Whether the item is one of these two.
    fn take(&mut self, item: &Item, ctxt: &mut Ctxt) -> bool {
        let place = match item.name.as_str() {
            "message" => &mut self.message,
            "code" => &mut self.code,
            _ => return false,
        };
        *place = item.text(ctxt);
        true
    }

    /// The first of them, as a place for errors.
    pub(crate) fn any(&self) -> Option<&LitStr> {
        self.message.as_ref().or(self.code.as_ref())
    }

    /// These, or `others` if both are missing.
    pub(crate) fn or(&self, others: &Self) -> Self {
        if self.any().is_some() { self.clone() } else { others.clone() }
    }
}

/// The attribute on the type.
#[derive(Default)]
pub(crate) struct PayloadContainer {
    pub(crate) steps: Vec<Step>,
    pub(crate) deny_unknown: bool,
    /// Functions that check the whole value and report by themselves.
    pub(crate) custom: Vec<Path>,
    pub(crate) words: Words,
    pub(crate) bound: Option<Vec<WherePredicate>>,
    pub(crate) krate: Option<Path>,
    pub(crate) examples: Vec<Expr>,
}

/// The attribute on a field.
#[derive(Default)]
pub(crate) struct PayloadField {
    pub(crate) steps: Vec<Step>,
    pub(crate) leaf: bool,
    /// Functions that check the value and report by themselves, each with its key.
    pub(crate) custom: Vec<(Path, Path)>,
    pub(crate) words: Words,
    pub(crate) examples: Vec<Expr>,
}

impl PayloadContainer {
    pub(crate) fn parse(attrs: &[Attribute], ctxt: &mut Ctxt) -> Self {
        let mut found = Self::default();
        for item in items(attrs, "payload", ctxt) {
            match item.name.as_str() {
                "deny_unknown" => found.deny_unknown = item.flag(ctxt),
                "custom" => found.custom.extend(item.path(ctxt)),
                "bound" => found.bound = bound(&item, ctxt),
                "crate" => found.krate = item.path(ctxt),
                "example" => found.examples.extend(item.value(ctxt)),
                _ if found.words.take(&item, ctxt) => {}
                _ if step(&item, &mut found.steps, ctxt) => {}
                _ => item.unknown(&CONTAINER, "a type", ctxt),
            }
        }
        found.steps.sort_unstable();
        found
    }

    /// `#[schema(…)]` on a type that is only written.
    pub(crate) fn parse_schema(attrs: &[Attribute], ctxt: &mut Ctxt) -> Self {
        let mut found = Self::default();
        for item in items(attrs, "schema", ctxt) {
            match item.name.as_str() {
                "bound" => found.bound = bound(&item, ctxt),
                "crate" => found.krate = item.path(ctxt),
                "example" => found.examples.extend(item.value(ctxt)),
                _ => item.unknown(&SCHEMA_CONTAINER, "a type", ctxt),
            }
        }
        found
    }
}

impl PayloadField {
    pub(crate) fn parse(attrs: &[Attribute], ctxt: &mut Ctxt) -> Self {
        let mut found = Self::default();
        for item in items(attrs, "payload", ctxt) {
            match item.name.as_str() {
                "leaf" => found.leaf = item.flag(ctxt),
                "example" => found.examples.extend(item.value(ctxt)),
                "custom" => found.custom.extend(item.path(ctxt).map(|function| (item.key.clone(), function))),
                _ if found.words.take(&item, ctxt) => {}
                _ if step(&item, &mut found.steps, ctxt) => {}
                _ => item.unknown(&FIELD, "a member", ctxt),
            }
        }
        found.steps.sort_unstable();
        found
    }

    /// `#[schema(…)]` on a field of a type that is only written.
    pub(crate) fn parse_schema(attrs: &[Attribute], ctxt: &mut Ctxt) -> Self {
        let mut found = Self::default();
        for item in items(attrs, "schema", ctxt) {
            match item.name.as_str() {
                "leaf" => found.leaf = item.flag(ctxt),
                "example" => found.examples.extend(item.value(ctxt)),
                _ => item.unknown(&SCHEMA_FIELD, "a member", ctxt),
            }
        }
        found
    }
}

/// Whether the item is a step of cleaning.
fn step(item: &Item, steps: &mut Vec<Step>, ctxt: &mut Ctxt) -> bool {
    let Some((_, step)) = STEPS.iter().find(|(name, _)| *name == item.name) else {
        return false;
    };
    let opposite = match step {
        Step::Lowercase => Some(Step::Uppercase),
        Step::Uppercase => Some(Step::Lowercase),
        _ => None,
    };
    if opposite.is_some_and(|opposite| steps.contains(&opposite)) {
        ctxt.error(&item.key, "a text cannot be both `lowercase` and `uppercase`");
    }
    if item.flag(ctxt) && !steps.contains(step) {
        steps.push(*step);
    }
    true
}

fn bound(item: &Item, ctxt: &mut Ctxt) -> Option<Vec<WherePredicate>> {
    let parse = Punctuated::<WherePredicate, syn::Token![,]>::parse_terminated;
    let text = item.text(ctxt)?;
    text.parse_with(parse).map(|all| all.into_iter().collect()).map_err(|error| ctxt.syntax(error)).ok()
}
