use std::borrow::Cow;

use http::HeaderMap;
use serde::de::IgnoredAny;

use crate::problem::{Problem, catalogue};
use crate::violation::{InputPath, Violations};

use super::json::{self, Document, nests_too_deeply};
use super::text::{self, Pair, Text};
use super::walk::{Fit, Purpose, Walk};
use super::{Node, Payload, TypeSet, ValidationContext, rewrite};
use crate::schema::{Entry, Kind, Schema};

/// Reads a JSON body, cleans it and checks it.
///
/// A body that is acceptable costs as much as `serde_json` and its rules; only an unacceptable body is read again.
///
/// # Errors
///
/// `malformed-body` (400) if the body is not JSON (RFC 8259) in UTF-8, with the line and the column (in bytes) of the
/// first mistake, or if it nests deeper than 128; `invalid-input` (422) with everything that is wrong; a server error
/// if the context of a rule is missing.
pub fn read_json<T: Payload>(body: &[u8], context: ValidationContext<'_>) -> Result<T, Problem> {
    let Ok(text) = std::str::from_utf8(body) else { return Err(malformed(body)) };
    if nests_too_deeply(body) {
        return Err(malformed(body));
    }
    match json::read(text) {
        // Reading again is pointless: a text that ends too early is not JSON.
        Err(error) if error.is_eof() => Err(malformed(body)),
        read => judge(read.ok(), Input::Json(text), &InputPath::body(), context),
    }
}

pub(super) fn parse(text: &str) -> Result<Document<'_>, Problem> {
    Document::parse(text).ok_or_else(|| malformed(text.as_bytes()))
}

/// The problem of a body that is not JSON; it says where, and repeats nothing of it.
#[cold]
pub(super) fn malformed(body: &[u8]) -> Problem {
    Problem::of(catalogue::MALFORMED_BODY).with_own_detail(why_malformed(body))
}

fn why_malformed(body: &[u8]) -> String {
    if body.trim_ascii().is_empty() {
        return String::from("the body is empty");
    }
    if let Err(error) = std::str::from_utf8(body) {
        let before = body.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        return format!("is not UTF-8: line {line}, column {column}");
    }
    if nests_too_deeply(body) {
        return format!("nests deeper than {}", json::MAX_DEPTH);
    }
    match serde_json::from_slice::<IgnoredAny>(body) {
        Err(error) => {
            let end = if error.is_eof() { ", where it ends too early" } else { "" };
            format!("is not JSON: line {}, column {}{end}", error.line(), error.column())
        }
        Ok(_) => String::from("is not JSON"),
    }
}

/// Reads the query of a URL (the URL Standard, §5.1). Violations are located by parameter.
///
/// A repeated name is a list; for a type that takes one value it is a violation. `?limit=`, an empty value, is `None`
/// for an `Option`, because a form sends every field.
///
/// # Errors
///
/// `invalid-input` (422) with everything that is wrong; a server error if the context of a rule is missing.
pub fn read_query<T: Payload>(query: &str, context: ValidationContext<'_>) -> Result<T, Problem> {
    read_pairs(text::pairs(query.as_bytes()), &InputPath::parameters(), context)
}

/// Reads a form, `application/x-www-form-urlencoded`, like [`read_query`]. Violations are located by pointer, as in any
/// body.
///
/// # Errors
///
/// The errors of [`read_query`].
pub fn read_form<T: Payload>(body: &[u8], context: ValidationContext<'_>) -> Result<T, Problem> {
    read_pairs(text::pairs(body), &InputPath::body(), context)
}

/// Reads the header section. A member is the header of its name, in any case (`if-match`); a repeated header is a list,
/// and headers that are not members of the type are ignored.
///
/// # Errors
///
/// `invalid-input` (422) with everything that is wrong; a server error if the context of a rule is missing.
pub fn read_headers<T: Payload>(headers: &HeaderMap, context: ValidationContext<'_>) -> Result<T, Problem> {
    let pairs = headers.iter().filter_map(|(name, value)| {
        let name = Cow::Borrowed(member_name(T::schema(), name.as_str(), 0)?);
        Some(Pair { name, value: std::str::from_utf8(value.as_bytes()).ok().map(Cow::Borrowed) })
    });
    read_pairs(pairs, &InputPath::headers(), context)
}

/// The type's name for a header, if it is a member. A type that takes members of any name gets all headers.
fn member_name<'h>(schema: &'static Schema, header: &'h str, depth: u8) -> Option<&'h str> {
    let Kind::Object(object) = schema.unwrapped().kind() else { return Some(header) };
    object.entries().iter().find_map(|entry| match entry {
        Entry::Property(property) => property.names().iter().copied().find(|name| name.eq_ignore_ascii_case(header)),
        // The depth is limited for a type that flattens itself: further down come the same names again.
        Entry::Flatten(field) if depth < 8 => member_name(field.schema(), header, depth + 1),
        Entry::Flatten(_) => None,
    })
}

pub(super) fn read_pairs<'p, T: Payload>(
    pairs: impl Iterator<Item = Pair<'p>>,
    at: &InputPath<'_>,
    context: ValidationContext<'_>,
) -> Result<T, Problem> {
    let pairs = text::sorted(pairs);
    judge(text::read(Text::Pairs(&pairs)).ok(), Input::Text(Text::Pairs(&pairs)), at, context)
}

/// The input, before it is parsed.
#[derive(Clone, Copy)]
pub(super) enum Input<'a> {
    Json(&'a str),
    Text(Text<'a>),
}

impl Input<'_> {
    #[cold]
    fn fit(self, schema: &'static Schema) -> Result<Fit, Problem> {
        self.look(|node| Walk::fit(schema, node))
    }

    fn look<R>(self, look: impl FnOnce(Node<'_>) -> R) -> Result<R, Problem> {
        match self {
            Self::Json(text) => parse(text).map(|document| look(Node::json(&document))),
            Self::Text(text) => Ok(look(Node::text(text))),
        }
    }
}

/// Cleans and checks a value that serde has read, or lists everything that is wrong. An input that serde refused passes
/// only if serde can read it from JSON that is rewritten by the schema; a value that serde has read is refused only if
/// it certainly does not fit the schema.
pub(super) fn judge<T: Payload>(
    read: Option<T>,
    input: Input<'_>,
    at: &InputPath<'_>,
    context: ValidationContext<'_>,
) -> Result<T, Problem> {
    match read {
        Some(value) if !T::needs_walk(&mut TypeSet::new()) || input.fit(T::schema())? != Fit::Refused => {
            accept(value, input, at, context)
        }
        read => {
            let (spare, mut listed) = (context.without_violations(), context);
            let clean = input.look(|node| Walk::over(T::schema(), node, at, Purpose::Everything, &mut listed))?;
            match (clean && read.is_none()).then(|| rewritten(input)).flatten() {
                Some(value) => accept(value, input, at, spare),
                None => Err(refuse(clean, T::schema(), input, at, listed)),
            }
        }
    }
}

/// Reads once more an input that serde refused and the schema accepts, from JSON that is rewritten by the schema.
#[cold]
fn rewritten<T: Payload>(input: Input<'_>) -> Option<T> {
    let json = input.look(|node| rewrite::json(T::schema(), node).ok()).ok()??;
    json::read(&json).ok()
}

/// Cleans a value that parsed and runs its rules.
fn accept<T: Payload>(
    mut value: T,
    input: Input<'_>,
    at: &InputPath<'_>,
    mut context: ValidationContext<'_>,
) -> Result<T, Problem> {
    value.sanitise();
    value.rules(at, &mut context);
    if !context.violations().is_empty() && forgets_names(T::schema(), &mut Vec::new()) {
        // Only the walk knows under which alias a member came, or which path parameter is at a position.
        let mut named = context.without_violations();
        input.look(|node| Walk::over(T::schema(), node, at, Purpose::Everything, &mut named))?;
        if !named.violations().is_empty() {
            context = named;
        }
    }
    context.finish().map(|()| value)
}

/// The value of a JSON text, and the violations of its rules, located by the names of the type; `None` if the text does
/// not parse.
pub(super) fn read_and_ask<T: Payload>(json: &str, mut context: ValidationContext<'_>) -> Option<(T, Violations)> {
    let mut value: T = json::read(json).ok()?;
    if T::needs_walk(&mut TypeSet::new()) && Input::Json(json).fit(T::schema()).ok()? == Fit::Refused {
        return None;
    }
    value.sanitise();
    value.rules(&InputPath::body(), &mut context);
    Some((value, context.into_violations().ok()?))
}

/// Whether a value of this schema does not show where its parts were in the input.
fn forgets_names(schema: &'static Schema, seen: &mut Vec<*const ()>) -> bool {
    match schema.unwrapped().kind() {
        Kind::Scalar(_) | Kind::Null => false,
        Kind::Optional(inner) => forgets_names(inner(), seen),
        Kind::Array(array) => is_new(array, seen) && forgets_names((array.items())(), seen),
        Kind::Map(map) => is_new(map, seen) && forgets_names(map.value(), seen),
        Kind::Tuple(fields) => {
            // A tuple that is the whole input may be made of path parameters, which have names.
            seen.is_empty() || (is_new(*fields, seen) && fields.iter().any(|field| forgets_names(field.schema(), seen)))
        }
        Kind::Newtype(field) => {
            let inner = field.schema();
            !matches!(inner.kind(), Kind::Scalar(_)) && is_new(field, seen) && forgets_names(inner, seen)
        }
        Kind::Object(object) => {
            is_new(object, seen)
                && object.entries().iter().any(|entry| match entry {
                    Entry::Property(property) => {
                        property.names().len() > 1 || forgets_names(property.field().schema(), seen)
                    }
                    Entry::Flatten(field) => forgets_names(field.schema(), seen),
                })
        }
        Kind::Enum(variants) => {
            let mut all = variants.variants().iter();
            is_new(variants, seen)
                && all.any(|variant| variant.names().len() > 1 || forgets_names(variant.content(), seen))
        }
    }
}

/// Whether a table has not been visited before: a type may contain itself.
fn is_new<T: ?Sized>(table: &'static T, seen: &mut Vec<*const ()>) -> bool {
    let address = std::ptr::from_ref(table).cast();
    let is_new = !seen.contains(&address);
    seen.push(address);
    is_new
}

#[cold]
fn refuse(
    clean: bool,
    schema: &'static Schema,
    input: Input<'_>,
    at: &InputPath<'_>,
    mut context: ValidationContext<'_>,
) -> Problem {
    if clean || context.violations().is_empty() {
        let blamed = input.look(|node| {
            if !is_beyond_serde(schema, node) {
                Walk::blame(node, at, &mut context);
            }
        });
        if let Err(problem) = blamed {
            return problem;
        }
    }
    context.finish().err().unwrap_or_else(|| Problem::internal(BEYOND_SERDE))
}

const BEYOND_SERDE: &str = "serde cannot read this type: what is flattened, tagged inside or untagged holds an integer \
                            of 128 bits, or a map whose keys are numbers, and neither passes through its buffer";

/// Whether serde cannot read an input although it fits its schema: serde's buffer cannot hold it, and the client has
/// made no mistake.
fn is_beyond_serde(schema: &'static Schema, node: Node<'_>) -> bool {
    let beyond =
        |node: Node<'_>| Walk::fit(schema, node) == Fit::Fits && Walk::fit_in_buffers(schema, node) == Fit::Refused;
    match node.is_text().then(|| rewrite::json(schema, node)) {
        Some(Ok(json)) => Document::parse(&json).is_some_and(|document| beyond(Node::json(&document))),
        Some(Err(_)) => false,
        None => beyond(node),
    }
}
