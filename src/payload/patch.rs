use std::collections::HashMap;

use serde::Serialize;

use crate::json;
use crate::problem::Problem;
use crate::violation::{InputPath, Location, Violation, Violations};

use super::json::nests_too_deeply;
use super::read::{malformed, parse, read_and_ask};
use super::walk::{Purpose, Walk};
use super::{Node, PatchError, Payload, ValidationContext, read_json};

/// A JSON merge patch (RFC 7396) that fits a type: the parts that it mentions are known and acceptable, and it removes
/// no required part.
///
/// ```
/// use buttress::payload::{ValidationContext, read_patch};
/// use std::collections::BTreeMap;
///
/// type Stock = BTreeMap<String, u32>;
/// let patch = read_patch::<Stock>(br#"{"mug": null, "pin": 3}"#, ValidationContext::new())?;
///
/// let stock = Stock::from([("mug".to_owned(), 1), ("tee".to_owned(), 2)]);
/// let stock: Stock = patch.apply(&stock, ValidationContext::new())?;
/// assert_eq!(stock, Stock::from([("pin".to_owned(), 3), ("tee".to_owned(), 2)]));
/// # Ok::<(), buttress::Problem>(())
/// ```
#[derive(Debug, Clone)]
pub struct Patch(String);

/// Reads a merge patch of a `T`. Absent members stay unchanged; `null` removes a member.
///
/// # Errors
///
/// The errors of [`read_json`], except for missing members.
pub fn read_patch<T: Payload>(body: &[u8], mut context: ValidationContext<'_>) -> Result<Patch, Problem> {
    let Ok(text) = std::str::from_utf8(body) else { return Err(malformed(body)) };
    let document = parse(text)?;
    let node = Node::json(&document);
    let clean = Walk::over(T::schema(), node, &InputPath::body(), Purpose::Patch, &mut context);
    if !clean && context.violations().is_empty() {
        Walk::blame(node, &InputPath::body(), &mut context);
    }
    context.finish().map(|()| Patch(text.to_owned()))
}

impl Patch {
    /// Changes a value and checks the outcome as a whole.
    ///
    /// A mistake that the value had before, in a place that the patch does not mention, is not the client's: the patch
    /// is not refused for it.
    ///
    /// # Errors
    ///
    /// The outcome is not acceptable, or the value cannot be serialised.
    pub fn apply<T: Payload>(&self, current: &impl Serialize, context: ValidationContext<'_>) -> Result<T, PatchError> {
        self.outcome(current, context).map_err(PatchError)
    }

    fn outcome<T: Payload>(&self, current: &impl Serialize, context: ValidationContext<'_>) -> Result<T, Problem> {
        let current = json::to_vec(current).map_err(Problem::internal)?;
        if nests_too_deeply(&current) {
            return Err(Problem::internal("the value to patch nests too deeply"));
        }
        let current = String::from_utf8(current).map_err(Problem::internal)?;
        let document = parse(&current)?;
        let patch = parse(&self.0)?;
        let mut outcome = String::new();
        merge(Some(Node::json(&document)), Node::json(&patch), &mut outcome);
        // If the outcome is refused, the mistakes that the value had before are subtracted.
        let again = context.without_violations();
        read_json(outcome.as_bytes(), context).or_else(|problem| {
            let before =
                read_and_ask::<T>(&current, again.without_violations()).map(|(_, found)| found).unwrap_or_default();
            match read_and_ask::<T>(&outcome, again) {
                Some((value, after)) => {
                    without_what_stood(value, &after, &before, Node::json(&patch)).ok_or(problem)?
                }
                None => Err(problem),
            }
        })
    }
}

/// The outcome of a patch, or its violations without those that the value had before in places which the patch does not
/// mention. `None` if there are more violations than can be listed.
fn without_what_stood<T>(
    value: T,
    after: &Violations,
    before: &Violations,
    patch: Node<'_>,
) -> Option<Result<T, Problem>> {
    if after.is_full() {
        return None;
    }
    let stood = |found: &&Violation| !mentions(patch, found.location()) && before.iter().any(|known| known == *found);
    let left: Violations = after.iter().filter(|found| !stood(found)).cloned().collect();
    Some(if left.is_empty() { Ok(value) } else { Err(Problem::invalid_input(left)) })
}

/// Whether a patch mentions a place, or a place that contains it.
fn mentions(patch: Node<'_>, place: &Location) -> bool {
    let Location::Pointer(pointer) = place else { return true };
    let mut node = patch;
    for token in pointer.decoded().split('/').skip(1) {
        let Some(members) = node.named_members() else { return true };
        let name = token.replace("~1", "/").replace("~0", "~");
        match members.iter().find(|(known, _)| *known == name) {
            Some((_, member)) => node = *member,
            None => return false,
        }
    }
    true
}

/// Writes the result of applying a patch to a value (RFC 7396 §2). Texts are copied unchanged, so that no number is
/// rounded.
fn merge(current: Option<Node<'_>>, patch: Node<'_>, out: &mut String) {
    let Some(changes) = patch.named_members() else { return out.push_str(patch.raw()) };
    let members = current.and_then(Node::named_members).unwrap_or_default();
    let changed: HashMap<&str, Node<'_>> = changes.iter().map(|(name, node)| (name.as_ref(), *node)).collect();
    let mut writer = Writer { out, empty: true };
    for (name, member) in &members {
        match changed.get(name.as_ref()) {
            Some(change) if change.is_null() => {}
            Some(change) => merge(Some(*member), *change, writer.member(name)),
            None => writer.member(name).push_str(member.raw()),
        }
    }
    let known: std::collections::HashSet<&str> = members.iter().map(|(name, _)| name.as_ref()).collect();
    for (name, change) in changes.iter().filter(|(name, change)| !known.contains(name.as_ref()) && !change.is_null()) {
        merge(None, *change, writer.member(name));
    }
    writer.end();
}

/// Writes the members of an object.
struct Writer<'o> {
    out: &'o mut String,
    empty: bool,
}

impl Writer<'_> {
    fn member(&mut self, name: &str) -> &mut String {
        self.out.push(if self.empty { '{' } else { ',' });
        self.empty = false;
        self.out.push_str(&serde_json::Value::from(name).to_string());
        self.out.push(':');
        self.out
    }

    fn end(self) {
        self.out.push_str(if self.empty { "{}" } else { "}" });
    }
}
