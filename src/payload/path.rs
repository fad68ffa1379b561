//! The parameters of a path. The route's template fixes their names, whatever the client sends. If a type takes other
//! parameters than its route has, that is the service's mistake.

use std::borrow::Cow;

use crate::handler::PathParams;
use crate::problem::Problem;
use crate::violation::InputPath;

use super::read::{Input, judge, read_pairs};
use super::text::{self, Misfit, Pair, Text};
use super::{Payload, ValidationContext};
use crate::schema::{Entry, Kind, Object, Schema, Tagging};

/// Reads the parameters of a path: by name into a struct or map; by position into a tuple, or into one value if
/// there is one parameter.
///
/// # Errors
///
/// `invalid-input` (422) with everything that is wrong; a server error if the type takes a parameter that the route
/// does not have, or a different number of parameters, or if the context of a rule is missing.
pub fn read_path<T: Payload>(params: &PathParams, context: ValidationContext<'_>) -> Result<T, Problem> {
    let pair = |(name, value): (_, _)| Pair { name: Cow::Borrowed(name), value: Some(Cow::Borrowed(value)) };
    if takes_names(T::schema()) {
        let read = read_pairs(params.iter().map(pair), &InputPath::parameters(), context);
        return read.map_err(|problem| blamed_on_the_route(problem, T::schema(), params));
    }
    let pairs: Vec<Pair<'_>> = params.iter().map(pair).collect();
    let read = text::read(Text::Path(&pairs));
    if let Err(Some(misfit)) = read.as_ref().map_err(|error| error.misfit()) {
        return Err(Problem::internal(by_position(misfit, params)));
    }
    let root = InputPath::parameters();
    let at = match (T::schema().unwrapped().kind(), pairs.as_slice()) {
        (Kind::Tuple(_), _) | (_, []) => root,
        (_, [only, ..]) => root.member(&only.name),
    };
    judge(read.ok(), Input::Text(Text::Path(&pairs)), &at, context)
}

/// Whether a type is read by the names of parameters.
fn takes_names(schema: &'static Schema) -> bool {
    match schema.kind() {
        Kind::Object(_) | Kind::Map(_) => true,
        Kind::Newtype(field) => takes_names(field.schema()),
        Kind::Optional(inner) => takes_names(inner()),
        Kind::Enum(variants) => !matches!(variants.tagging(), Tagging::External),
        _ => false,
    }
}

/// A refusal that no client could have avoided is the service's mistake.
#[cold]
fn blamed_on_the_route(problem: Problem, schema: &'static Schema, params: &PathParams) -> Problem {
    if !problem.status().is_client_error() {
        return problem;
    }
    let unknown = || params.iter().find(|(name, _)| refuses(schema, name)).map(|(name, _)| name);
    match (lacking(schema, params, 0), unknown()) {
        (Some(name), _) => Problem::internal(lacks(name, params)),
        (None, Some(name)) => Problem::internal(format!("the type of the path knows no parameter `{name}`")),
        (None, None) => problem,
    }
}

fn by_position(misfit: Misfit, params: &PathParams) -> String {
    match misfit {
        Misfit::Missing(name) => lacks(name, params),
        Misfit::Count => {
            format!("the type of the path takes another number of parameters: the route has {}", all(params))
        }
    }
}

fn lacks(name: &str, params: &PathParams) -> String {
    format!("the route has no parameter `{name}`: it has {}", all(params))
}

fn all(params: &PathParams) -> String {
    let names: Vec<String> = params.iter().map(|(name, _)| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// A parameter that the type requires and the route does not have.
fn lacking(schema: &'static Schema, params: &PathParams, depth: u8) -> Option<&'static str> {
    let has = |name: &str| params.get(name).is_some();
    match schema.kind() {
        // The depth is limited for a type that flattens itself into itself, which serde cannot read either.
        _ if depth > 32 => None,
        Kind::Object(object) => object.entries().iter().find_map(|entry| match entry {
            Entry::Property(property) if property.is_optional() || property.names().iter().any(|name| has(name)) => {
                None
            }
            Entry::Property(property) => property.names().first().copied(),
            Entry::Flatten(field) => lacking(field.schema(), params, depth + 1),
        }),
        Kind::Newtype(field) => lacking(field.schema(), params, depth + 1),
        Kind::Enum(variants) => match variants.tagging() {
            Tagging::Internal(tag) | Tagging::Adjacent(tag, _) => Some(tag).filter(|tag| !has(tag)),
            Tagging::External | Tagging::Untagged => None,
        },
        _ => None,
    }
}

/// Whether the type refuses a parameter of this name as unknown.
fn refuses(schema: &'static Schema, name: &str) -> bool {
    match schema.kind() {
        Kind::Object(object) => object.denies_unknown() && !knows(object, name),
        Kind::Newtype(field) => refuses(field.schema(), name),
        _ => false,
    }
}

/// Whether an object has a member of this name; a flattened part may take any name.
fn knows(object: &Object, name: &str) -> bool {
    object.entries().iter().any(|entry| match entry {
        Entry::Property(property) => property.names().contains(&name),
        Entry::Flatten(_) => true,
    })
}
