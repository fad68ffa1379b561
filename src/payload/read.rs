use std::borrow::Cow;

use http::HeaderMap;

use crate::exchange::PathParams;
use crate::problem::{Problem, catalogue};
use crate::violation::At;

use super::json::{self, Document, nests_too_deeply};
use super::text::{self, Pair, Text};
use super::walk::{Purpose, Walk};
use super::{Check, Entry, Node, Payload, Shape, Visited, retype};

/// Reads a JSON body, cleans it and checks it.
///
/// A body that is acceptable costs what `serde_json` costs, and its rules; only one that is not is looked at again.
///
/// # Errors
///
/// `malformed-body` (400) if the body is not JSON (RFC 8259) in UTF-8 or nests deeper than 128; `invalid-input` (422)
/// with everything that is wrong; a server error if a rule misses its context.
pub fn read_json<T: Payload>(body: &[u8], check: Check<'_>) -> Result<T, Problem> {
    let Ok(text) = std::str::from_utf8(body) else { return Err(malformed()) };
    if nests_too_deeply(body) {
        return Err(malformed());
    }
    match json::read(text) {
        // No use in looking again: what ends too early is no JSON.
        Err(error) if error.is_eof() => Err(malformed()),
        read => judge(read.ok(), Input::Json(text), &At::body(), check),
    }
}

pub(super) fn parse(text: &str) -> Result<Document<'_>, Problem> {
    Document::parse(text).ok_or_else(malformed)
}

#[cold]
pub(super) fn malformed() -> Problem {
    Problem::of(catalogue::MALFORMED_BODY)
}

/// Reads the query of an address (the URL Standard, §5.1). What is wrong is located by parameter.
///
/// A name that is given several times is a list; for a type that takes one value it is a violation. `?limit=`, an
/// empty value, is `None` for an `Option`, as a form means it that sends every field.
///
/// # Errors
///
/// `invalid-input` (422) with everything that is wrong; a server error if a rule misses its context.
pub fn read_query<T: Payload>(query: &str, check: Check<'_>) -> Result<T, Problem> {
    read_pairs(text::pairs(query.as_bytes()), &At::parameters(), check)
}

/// Reads a form, `application/x-www-form-urlencoded`, as [`read_query`] does. What is wrong is located by pointer, as
/// in any body.
///
/// # Errors
///
/// Those of [`read_query`].
pub fn read_form<T: Payload>(body: &[u8], check: Check<'_>) -> Result<T, Problem> {
    read_pairs(text::pairs(body), &At::body(), check)
}

/// Reads the header section. A member is the header of its name, in any case (`if-match`); a header that is repeated
/// is a list, and those that are no members of the type are let through.
///
/// # Errors
///
/// `invalid-input` (422) with everything that is wrong; a server error if a rule misses its context.
pub fn read_headers<T: Payload>(headers: &HeaderMap, check: Check<'_>) -> Result<T, Problem> {
    let pairs = headers.iter().filter_map(|(name, value)| {
        let name = Cow::Borrowed(member_name(T::shape(), name.as_str(), 0)?);
        Some(Pair { name, value: std::str::from_utf8(value.as_bytes()).ok().map(Cow::Borrowed) })
    });
    read_pairs(pairs, &At::headers(), check)
}

/// What a type calls a header, if it is a member. What takes members of any name gets them all.
fn member_name(shape: Shape, header: &str, depth: u8) -> Option<&str> {
    let Shape::Object(object) = shape else { return Some(header) };
    object.entries.iter().find_map(|entry| match entry {
        Entry::Member(member) => member.names.iter().copied().find(|name| name.eq_ignore_ascii_case(header)),
        // A type that flattens itself has no more names further down.
        Entry::Flatten(inner) if depth < 8 => member_name(inner(), header, depth + 1),
        Entry::Flatten(_) => None,
    })
}

/// Reads the parameters of a path: by name into a struct or map; by position into a tuple, or into one value if
/// there is one parameter.
///
/// # Errors
///
/// `invalid-input` (422) with everything that is wrong; a server error if a rule misses its context.
pub fn read_path<T: Payload>(params: &PathParams, check: Check<'_>) -> Result<T, Problem> {
    let pair = |(name, value): (_, _)| Pair { name: Cow::Borrowed(name), value: Some(Cow::Borrowed(value)) };
    if takes_names(T::shape()) {
        return read_pairs(params.iter().map(pair), &At::parameters(), check);
    }
    let pairs: Vec<Pair<'_>> = params.iter().map(pair).collect();
    let root = At::parameters();
    let at = match (T::shape(), pairs.as_slice()) {
        (Shape::Tuple(_), _) | (_, []) => root,
        (_, [only, ..]) => root.member(&only.name),
    };
    judge(text::read(Text::Path(&pairs)).ok(), Input::Text(Text::Path(&pairs)), &at, check)
}

/// Whether a type is read by the names of parameters.
fn takes_names(shape: Shape) -> bool {
    match shape {
        Shape::Object(_) | Shape::Map(_) => true,
        Shape::Checked(slot) => takes_names((slot.shape)()),
        Shape::Optional(inner) => takes_names(inner()),
        Shape::Enum(variants) => !matches!(variants.tagging, super::Tagging::External),
        _ => false,
    }
}

fn read_pairs<'p, T: Payload>(
    pairs: impl Iterator<Item = Pair<'p>>,
    at: &At<'_>,
    check: Check<'_>,
) -> Result<T, Problem> {
    let pairs = text::sorted(pairs);
    judge(text::read(Text::Pairs(&pairs)).ok(), Input::Text(Text::Pairs(&pairs)), at, check)
}

/// What was sent, before anybody looks into it.
#[derive(Clone, Copy)]
enum Input<'a> {
    Json(&'a str),
    Text(Text<'a>),
}

impl Input<'_> {
    #[cold]
    fn walk(self, shape: Shape, at: &At<'_>, purpose: Purpose, check: &mut Check<'_>) -> Result<bool, Problem> {
        self.look(|node| Walk::over(shape, node, at, purpose, check))
    }

    fn look<R>(self, look: impl FnOnce(Node<'_>) -> R) -> Result<R, Problem> {
        match self {
            Self::Json(text) => parse(text).map(|document| look(Node::json(&document))),
            Self::Text(text) => Ok(look(Node::text(text))),
        }
    }
}

/// Cleans and checks what serde has read, or lists what is wrong. What serde refused never passes.
fn judge<T: Payload>(read: Option<T>, input: Input<'_>, at: &At<'_>, check: Check<'_>) -> Result<T, Problem> {
    match read {
        Some(value) if !T::needs_walk(&mut Visited::new()) => accept(value, input, at, check),
        Some(value) if input.walk(T::shape(), at, Purpose::Shape, &mut Check::new())? => {
            accept(value, input, at, check)
        }
        Some(_) => Err(refuse(T::shape(), input, at, check)),
        None => match retyped(input, at) {
            Some(value) => accept(value, input, at, check),
            None => Err(refuse(T::shape(), input, at, check)),
        },
    }
}

/// Reads text once more, as JSON: what serde buffers, as it does for `flatten`, cannot tell a number from its text.
fn retyped<T: Payload>(input: Input<'_>, at: &At<'_>) -> Option<T> {
    let Input::Text(text) = input else { return None };
    let fits = input.walk(T::shape(), at, Purpose::Shape, &mut Check::new());
    if !fits.is_ok_and(|fits| fits) {
        return None;
    }
    json::read(&retype::json(T::shape(), text).ok()?).ok()
}

/// Cleans a value that parsed and runs its rules.
fn accept<T: Payload>(mut value: T, input: Input<'_>, at: &At<'_>, mut check: Check<'_>) -> Result<T, Problem> {
    value.sanitise();
    value.rules(at, &mut check);
    if !check.found().is_empty() && forgets_names(T::shape(), &mut Vec::new()) {
        // Only the walk sees by which alias a member came, or which path parameter stands at a position.
        let mut named = check.afresh();
        input.walk(T::shape(), at, Purpose::Everything, &mut named)?;
        if !named.found().is_empty() {
            check = named;
        }
    }
    check.finish().map(|()| value)
}

/// Whether a value of this shape does not tell where its parts stood in the input.
fn forgets_names(shape: Shape, seen: &mut Vec<*const ()>) -> bool {
    match shape {
        Shape::Leaf(_) | Shape::Unit => false,
        Shape::Optional(inner) | Shape::List(inner) => forgets_names(inner(), seen),
        Shape::Map(map) => forgets_names((map.value)(), seen),
        Shape::Tuple(slots) => {
            seen.is_empty() || (is_new(slots, seen) && slots.iter().any(|slot| forgets_names((slot.shape)(), seen)))
        }
        Shape::Checked(slot) => match (slot.shape)() {
            Shape::Leaf(_) => false,
            inner => is_new(slot, seen) && forgets_names(inner, seen),
        },
        Shape::Object(object) => {
            is_new(object, seen)
                && object.entries.iter().any(|entry| match entry {
                    Entry::Member(member) => member.names.len() > 1 || forgets_names((member.slot.shape)(), seen),
                    Entry::Flatten(shape) => forgets_names(shape(), seen),
                })
        }
        Shape::Enum(variants) => {
            let mut all = variants.variants.iter();
            is_new(variants, seen)
                && all.any(|variant| variant.names.len() > 1 || forgets_names((variant.content)(), seen))
        }
    }
}

/// Whether a table was not looked at before: a type may contain itself.
fn is_new<T: ?Sized>(table: &'static T, seen: &mut Vec<*const ()>) -> bool {
    let address = std::ptr::from_ref(table).cast();
    let is_new = !seen.contains(&address);
    seen.push(address);
    is_new
}

#[cold]
fn refuse(shape: Shape, input: Input<'_>, at: &At<'_>, mut check: Check<'_>) -> Problem {
    let listed = input.look(|node| {
        let clean = Walk::over(shape, node, at, Purpose::Everything, &mut check);
        if clean || check.found().is_empty() {
            Walk::blame(node, at, &mut check);
        }
    });
    listed.and_then(|()| check.finish()).err().unwrap_or_else(malformed)
}
