//! Lists everything that is wrong with an input: walks its parts by the [`Schema`].
//!
//! The walk does not know the type. A part is read by itself only if the schema says how, and each result ("clean")
//! tells whether the part parses, so that the rules of a whole run only if the whole parses.
//!
//! If several variants have to be tried, the result is kept for each part and each table of a schema: otherwise a type
//! that contains itself would be tried twice at every level, and each level would double the work.

mod effort;
mod fields;
mod flatten;
mod object;
mod untagged;
mod untypeable;
mod variant;

use crate::violation::{InputPath, Violation};

use self::effort::Effort;
use self::object::flattens;
use super::{Check, CheckFn, DecodeError, Node, ValidationContext, rule, scalar};
use crate::schema::{self, Array, Field, Format, Kind, Length, RuleKind, Scalar, ScalarKind, Schema};

/// The purpose of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Lists everything that is wrong.
    Everything,
    /// Finds out whether the schema fits; nothing is reported and the rules do not run.
    Fit,
    /// Lists everything that is wrong with a merge patch (RFC 7396): parts that it does not mention stay unchanged.
    Patch,
}

/// The verdict of a schema on an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Fits,
    Refused,
    /// The result could not be found within the effort that an input of this size may cost.
    Unknown,
}

/// One walk over one input.
#[derive(Debug)]
pub(super) struct Walk<'w, 'c> {
    context: &'w mut ValidationContext<'c>,
    purpose: Purpose,
    /// Whether a part did not fit. It is read only if nothing is reported.
    refused: bool,
    effort: Effort,
    /// Whether serde reads this part out of its buffer.
    buffered: bool,
    /// Whether this walk reads such parts out of a buffer, too.
    buffers: bool,
}

impl<'w, 'c> Walk<'w, 'c> {
    fn new(root: Node<'_>, purpose: Purpose, context: &'w mut ValidationContext<'c>) -> Self {
        Walk { context, purpose, refused: false, effort: Effort::for_input(root), buffers: false, buffered: false }
    }

    /// Lists in `context` everything that is wrong with the input, and returns whether it parses.
    pub(super) fn over(
        schema: &'static Schema,
        root: Node<'_>,
        at: &InputPath<'_>,
        purpose: Purpose,
        context: &'w mut ValidationContext<'c>,
    ) -> bool {
        Walk::new(root, purpose, context).value(schema, root, at)
    }

    /// Whether the schema fits the input.
    pub(super) fn fit(schema: &'static Schema, root: Node<'_>) -> Fit {
        let mut unheard = ValidationContext::new();
        Walk::new(root, Purpose::Fit, &mut unheard).fit_of(schema, root)
    }

    /// Whether the schema fits the input if serde's buffer has to hold parts of it, as it does for flattened,
    /// internally tagged and untagged values: the buffer holds no integer of 128 bits, and no name that is a number.
    pub(super) fn fit_in_buffers(schema: &'static Schema, root: Node<'_>) -> Fit {
        let mut unheard = ValidationContext::new();
        let mut walk = Walk::new(root, Purpose::Fit, &mut unheard);
        walk.buffers = true;
        walk.fit_of(schema, root)
    }

    /// Whether a schema that is flattened into the input fits it.
    pub(super) fn fit_within(schema: &'static Schema, root: Node<'_>) -> bool {
        let mut unheard = ValidationContext::new();
        let mut walk = Walk::new(root, Purpose::Fit, &mut unheard);
        let fields = walk.fields(root);
        fields.is_some_and(|mut fields| walk.flattened(schema, &mut fields, &InputPath::body())) && !walk.refused
    }

    fn fit_of(mut self, schema: &'static Schema, root: Node<'_>) -> Fit {
        let fits = self.value(schema, root, &InputPath::body()) && !self.refused;
        match fits {
            _ if self.effort.is_spent() => Fit::Unknown,
            true => Fit::Fits,
            false => Fit::Refused,
        }
    }

    /// Reports a violation of an input that serde refused and the schema accepts, which can happen with a hand-written
    /// `Deserialize`.
    pub(super) fn blame(root: Node<'_>, at: &InputPath<'_>, context: &'w mut ValidationContext<'c>) {
        let mut walk = Walk::new(root, Purpose::Everything, context);
        walk.effort = Effort::boundless();
        if !walk.report_untypeable(root, at) {
            walk.refuse_type("is not acceptable", at);
        }
    }

    /// Whether a schema fits; nothing is reported.
    fn fits(&mut self, schema: &'static Schema, node: Node<'_>) -> bool {
        self.trial(|trial| trial.value(schema, node, &InputPath::body()))
    }

    /// Runs an attempt; nothing is reported.
    fn trial(&mut self, attempt: impl FnOnce(&mut Self) -> bool) -> bool {
        let purpose = std::mem::replace(&mut self.purpose, Purpose::Fit);
        let refused = std::mem::replace(&mut self.refused, false);
        let fits = attempt(self) && !self.refused;
        (self.purpose, self.refused) = (purpose, refused);
        fits
    }

    /// Walks a part that serde reads out of its buffer.
    fn within_buffer(&mut self, inside: impl FnOnce(&mut Self) -> bool) -> bool {
        let before = std::mem::replace(&mut self.buffered, true);
        let clean = inside(self);
        self.buffered = before;
        clean
    }

    /// Whether violations are reported.
    fn reports(&self) -> bool {
        self.purpose != Purpose::Fit
    }

    /// Whether the walk can stop.
    fn is_over(&self) -> bool {
        self.effort.is_spent() || if self.reports() { self.context.violations().is_full() } else { self.refused }
    }

    fn value(&mut self, schema: &'static Schema, node: Node<'_>, at: &InputPath<'_>) -> bool {
        if self.is_over() {
            return false;
        }
        self.effort.visit();
        match schema.unwrapped().kind() {
            Kind::Scalar(_) | Kind::Enum(_) if node.is_repeated() => self.refuse("duplicate", "is given twice", at),
            Kind::Scalar(scalar) => self.scalar(scalar, node, at),
            Kind::Null => self.is_unit(node) || self.refuse_type("must be null", at),
            Kind::Optional(inner) => node.is_null() || self.value(inner(), node, at),
            Kind::Array(array) => self.array(array, node, at),
            Kind::Tuple(fields) => self.tuple(fields, node, at),
            Kind::Map(map) => self.map(map, node, at),
            Kind::Object(object) if flattens(object) => self.once(object, node, |walk| walk.object(object, node, at)),
            Kind::Object(object) => self.object(object, node, at),
            Kind::Enum(variants) => self.once(variants, node, |walk| walk.variants(variants, node, at)),
            Kind::Newtype(field) => self.field(field, node, at),
        }
    }

    pub(super) fn is_unit(&self, node: Node<'_>) -> bool {
        // serde's buffer also accepts an empty object, which remains of an object that had a tag.
        node.read::<()>().is_ok()
            || (self.buffered && node.members().is_some_and(|mut members| members.next().is_none()))
    }

    /// Tries a schema on a part, or returns the result of an earlier trial. `table` is the part of the schema.
    fn once<T>(&mut self, table: &'static T, node: Node<'_>, ask: impl FnOnce(&mut Self) -> bool) -> bool {
        let Some(part) = node.part().filter(|_| !self.reports()) else { return ask(self) };
        let key = (std::ptr::from_ref(table).addr(), part, self.buffered);
        if let Some(fits) = self.effort.known(key) {
            self.refused |= !fits;
            return fits;
        }
        let fits = self.trial(ask);
        self.refused |= !fits;
        self.effort.remember(key, fits);
        fits
    }

    /// A value in its place: first the value, then the rules of the place.
    pub(super) fn field(&mut self, field: &Field, node: Node<'_>, at: &InputPath<'_>) -> bool {
        let clean = self.value(field.schema(), node, at);
        if clean {
            self.rules(Check::find(field.hook()), node, at);
        } else if self.reports()
            && let Some(length) = usual_length(field)
            && let Some(count) = node.count().filter(|_| is_countable(field.schema(), node))
            && let Some(violation) =
                length.refuse(count, if node.members().is_some() { "member" } else { "element" }, at)
        {
            self.context.push(violation);
        }
        clean
    }

    /// Runs rules, unless so much has been read again that the input seems to be made to take the service's time.
    fn rules(&mut self, check: Option<CheckFn>, node: Node<'_>, at: &InputPath<'_>) {
        let Some(check) = check.filter(|_| self.reports() && !self.is_over()) else { return };
        if self.effort.read_again(node.size()) {
            check(&node, at, self.context);
        }
    }

    fn scalar(&mut self, scalar: &Scalar, node: Node<'_>, at: &InputPath<'_>) -> bool {
        self.effort.read(node.size());
        let read = scalar::read(scalar, if self.buffers && self.buffered { node.in_buffer() } else { node });
        if !self.reports() {
            return read.is_ok() || self.refuse_type("", at);
        }
        // If a type does not describe its parts, an object in a patch may be a part: the outcome decides.
        let part = self.purpose == Purpose::Patch && node.members().is_some();
        match read {
            Ok(()) if part => !self.report_untypeable(node, at),
            Ok(()) => {
                self.text(scalar, node, at);
                true
            }
            Err(_) if self.report_untypeable(node, at) => false,
            Err(refusal) if part && !refusal.is_outright() => true,
            Err(refusal) => self.refuse_with(refusal, at),
        }
    }

    /// The rule of every text. A leaf is not checked, because only its own `Deserialize` understands it.
    fn text(&mut self, scalar: &Scalar, node: Node<'_>, at: &InputPath<'_>) {
        let is_text = matches!(scalar.kind(), ScalarKind::Text(Format::Plain)) && scalar.hook().is_none();
        if is_text
            && !self.is_over()
            && self.effort.read_again(node.size())
            && let Some(text) = node.string()
        {
            rule::no_null(&text, at, self.context);
        }
    }

    fn array(&mut self, array: &Array, node: Node<'_>, at: &InputPath<'_>) -> bool {
        let Some(elements) = node.elements() else { return self.refuse_type("must be an array", at) };
        self.whole(|walk| {
            let mut clean = true;
            for (i, element) in elements.enumerate() {
                if walk.is_over() {
                    return false;
                }
                clean &= walk.value((array.items())(), element, &at.index(i));
            }
            clean
        })
    }

    fn tuple(&mut self, fields: &'static [Field], node: Node<'_>, at: &InputPath<'_>) -> bool {
        let elements = node.elements().map(|elements| elements.take(fields.len() + 1).collect::<Vec<_>>());
        let Some(elements) = elements.filter(|elements| elements.len() == fields.len()) else {
            return self.refuse_type(format!("must be an array of {}", counted(fields.len(), "element")), at);
        };
        self.whole(|walk| {
            fields.iter().zip(elements).enumerate().fold(true, |clean, (i, (field, element))| {
                let place = node.name_at(i).map_or_else(|| at.index(i), |name| at.member(name));
                walk.field(field, element, &place) && clean
            })
        })
    }

    /// Walks a part that a merge patch can only replace as a whole.
    fn whole(&mut self, inside: impl FnOnce(&mut Self) -> bool) -> bool {
        let purpose = self.purpose;
        if purpose == Purpose::Patch {
            self.purpose = Purpose::Everything;
        }
        let clean = inside(self);
        self.purpose = purpose;
        clean
    }

    /// Reports a violation and returns `false`, which the caller then returns.
    fn refuse(&mut self, code: &'static str, message: &'static str, at: &InputPath<'_>) -> bool {
        self.refuse_with(DecodeError::new(code, message), at)
    }

    fn refuse_type(&mut self, message: impl Into<std::borrow::Cow<'static, str>>, at: &InputPath<'_>) -> bool {
        self.refuse_with(DecodeError::of_type(message), at)
    }

    fn refuse_with(&mut self, refusal: DecodeError, at: &InputPath<'_>) -> bool {
        self.refused = true;
        if self.reports() {
            self.push(refusal.at(at));
        }
        false
    }

    fn push(&mut self, violation: Violation) {
        self.context.push(violation);
    }
}

fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// The limits on the length of a place, if a violation of them has the usual words.
fn usual_length(field: &Field) -> Option<Length> {
    let is_usual = |rule: &&schema::Rule| rule.code().is_none() && rule.message().is_none();
    field.rules().iter().filter(is_usual).find_map(|rule| match rule.kind() {
        RuleKind::Length(limits) => Some(limits()),
        _ => None,
    })
}

/// Whether the value and the schema are both an array, or both an object.
fn is_alike(schema: &'static Schema, node: Node<'_>) -> bool {
    match schema.kind() {
        Kind::Object(_) | Kind::Map(_) => node.members().is_some(),
        Kind::Array(_) | Kind::Tuple(_) => node.elements().is_some(),
        Kind::Optional(inner) => is_alike(inner(), node),
        Kind::Newtype(field) => is_alike(field.schema(), node),
        Kind::Scalar(_) | Kind::Null | Kind::Enum(_) => false,
    }
}

/// Whether elements or members can be counted without reading them: a set counts equal elements once.
fn is_countable(schema: &'static Schema, node: Node<'_>) -> bool {
    match schema.kind() {
        Kind::Array(array) if array.is_set() => false,
        Kind::Optional(inner) => is_countable(inner(), node),
        Kind::Newtype(field) => is_countable(field.schema(), node),
        _ => is_alike(schema, node),
    }
}
