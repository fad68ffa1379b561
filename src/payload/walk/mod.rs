//! Lists everything that is wrong with an input: walks its parts beside the [`Shape`].
//!
//! The walk does not know the type. A part is read by itself only if the shape says how, and each result ("clean")
//! tells whether the part parses, so that the rules of a whole run only if the whole parses.
//!
//! If several variants have to be tried, the result is kept for each part and each table of a shape: otherwise a type
//! that contains itself would be tried twice at every level, and each level would double the work.

mod effort;
mod fields;
mod flatten;
mod object;
mod odd;
mod untagged;
mod variant;

use crate::violation::{At, Violation};

use self::effort::Effort;
use super::{Check, CheckFn, Leaf, Node, Refusal, Shape, Slot};

/// The purpose of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Lists everything that is wrong.
    Everything,
    /// Finds out whether the shape fits; nothing is reported and the rules do not run.
    Shape,
    /// Lists everything that is wrong with a merge patch (RFC 7396): parts that it does not mention stay unchanged.
    Patch,
}

/// The verdict of a shape on an input.
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
    check: &'w mut Check<'c>,
    purpose: Purpose,
    /// Whether a part did not fit, if nothing is reported.
    refused: bool,
    effort: Effort,
    /// Whether serde reads this part out of its buffer.
    buffered: bool,
    /// Whether this walk reads such parts out of a buffer, too.
    buffers: bool,
}

impl<'w, 'c> Walk<'w, 'c> {
    fn new(root: Node<'_>, purpose: Purpose, check: &'w mut Check<'c>) -> Self {
        Walk { check, purpose, refused: false, effort: Effort::for_input(root), buffers: false, buffered: false }
    }

    /// Lists in `check` everything that is wrong with the input, and returns whether it parses.
    pub(super) fn over(shape: Shape, root: Node<'_>, at: &At<'_>, purpose: Purpose, check: &'w mut Check<'c>) -> bool {
        Walk::new(root, purpose, check).value(shape, root, at)
    }

    /// Whether the shape fits the input.
    pub(super) fn fit(shape: Shape, root: Node<'_>) -> Fit {
        let mut unheard = Check::new();
        Walk::new(root, Purpose::Shape, &mut unheard).fit_of(shape, root)
    }

    /// Whether the shape fits the input if serde's buffer has to hold parts of it, as it does for flattened, internally
    /// tagged and untagged values: the buffer holds no integer of 128 bits, and no name that is a number.
    pub(super) fn fit_in_buffers(shape: Shape, root: Node<'_>) -> Fit {
        let mut unheard = Check::new();
        let mut walk = Walk::new(root, Purpose::Shape, &mut unheard);
        walk.buffers = true;
        walk.fit_of(shape, root)
    }

    /// Whether a shape that is flattened into the input fits it.
    pub(super) fn fit_within(shape: Shape, root: Node<'_>) -> bool {
        let mut unheard = Check::new();
        let mut walk = Walk::new(root, Purpose::Shape, &mut unheard);
        let fields = walk.fields(root);
        fields.is_some_and(|mut fields| walk.flattened(shape, &mut fields, &At::body())) && !walk.refused
    }

    fn fit_of(mut self, shape: Shape, root: Node<'_>) -> Fit {
        let fits = self.value(shape, root, &At::body()) && !self.refused;
        match fits {
            _ if self.effort.is_spent() => Fit::Unknown,
            true => Fit::Fits,
            false => Fit::Refused,
        }
    }

    /// Reports a violation of an input that serde refused and the shape accepts, which can happen with a hand-written
    /// `Deserialize`.
    pub(super) fn blame(root: Node<'_>, at: &At<'_>, check: &'w mut Check<'c>) {
        let mut walk = Walk::new(root, Purpose::Everything, check);
        walk.effort = Effort::boundless();
        if !walk.odd(root, at) {
            walk.refuse_type("is not acceptable", at);
        }
    }

    /// Whether a shape fits; nothing is reported.
    fn fits(&mut self, shape: Shape, node: Node<'_>) -> bool {
        self.trial(|trial| trial.value(shape, node, &At::body()))
    }

    /// Runs an attempt; nothing is reported.
    fn trial(&mut self, attempt: impl FnOnce(&mut Self) -> bool) -> bool {
        let purpose = std::mem::replace(&mut self.purpose, Purpose::Shape);
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
        self.purpose != Purpose::Shape
    }

    /// Whether the walk can stop.
    fn is_over(&self) -> bool {
        self.effort.is_spent() || if self.reports() { self.check.found().is_full() } else { self.refused }
    }

    fn value(&mut self, shape: Shape, node: Node<'_>, at: &At<'_>) -> bool {
        if self.is_over() {
            return false;
        }
        self.effort.visit();
        match shape {
            Shape::Leaf(_) | Shape::Enum(_) if node.is_repeated() => self.refuse("duplicate", "is given twice", at),
            Shape::Leaf(leaf) => self.leaf(leaf, node, at),
            Shape::Unit => self.is_unit(node) || self.refuse_type("must be null", at),
            Shape::Optional(inner) => node.is_null() || self.value(inner(), node, at),
            Shape::List(inner) => self.list(inner, node, at),
            Shape::Tuple(slots) => self.tuple(slots, node, at),
            Shape::Map(map) => self.map(map, node, at),
            Shape::Object(object) if object.flattens() => self.once(object, node, |walk| walk.object(object, node, at)),
            Shape::Object(object) => self.object(object, node, at),
            Shape::Enum(variants) => self.once(variants, node, |walk| walk.variants(variants, node, at)),
            Shape::Checked(slot) => self.slot(slot, node, at),
        }
    }

    pub(super) fn is_unit(&self, node: Node<'_>) -> bool {
        // serde's buffer also accepts an empty object, which remains of an object that had a tag.
        node.read::<()>().is_ok()
            || (self.buffered && node.members().is_some_and(|mut members| members.next().is_none()))
    }

    /// Asks a table about a part, or returns its result from an earlier trial.
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
    fn slot(&mut self, slot: &Slot, node: Node<'_>, at: &At<'_>) -> bool {
        let clean = self.value((slot.shape)(), node, at);
        if clean {
            self.rules(slot.check, node, at);
        } else if let (true, Some(length), Some(count)) = (self.reports(), slot.length, node.count())
            && is_alike((slot.shape)(), node)
            && let Some(violation) = length.refuse(count, at)
        {
            self.check.push(violation);
        }
        clean
    }

    /// Runs rules, unless so much has been read again that the input looks like an attack on the service's time.
    fn rules(&mut self, check: Option<CheckFn>, node: Node<'_>, at: &At<'_>) {
        let Some(check) = check.filter(|_| self.reports() && !self.is_over()) else { return };
        if self.effort.read_again(node.size()) {
            check(&node, at, self.check);
        }
    }

    fn leaf(&mut self, leaf: Leaf, node: Node<'_>, at: &At<'_>) -> bool {
        self.effort.read(node.size());
        let read = (leaf.probe)(&if self.buffers && self.buffered { node.in_buffer() } else { node });
        if !self.reports() {
            return read.is_ok() || self.refuse_type("", at);
        }
        // If a type does not describe its parts, an object in a patch may be a part: the outcome decides.
        let part = self.purpose == Purpose::Patch && node.members().is_some();
        match read {
            Ok(()) if part => !self.odd(node, at),
            Ok(()) => true,
            Err(_) if self.odd(node, at) => false,
            Err(refusal) if part && !refusal.is_outright() => true,
            Err(refusal) => self.refuse_with(refusal, at),
        }
    }

    fn list(&mut self, inner: fn() -> Shape, node: Node<'_>, at: &At<'_>) -> bool {
        let Some(elements) = node.elements() else { return self.refuse_type("must be an array", at) };
        self.whole(|walk| {
            let mut clean = true;
            for (i, element) in elements.enumerate() {
                if walk.is_over() {
                    return false;
                }
                clean &= walk.value(inner(), element, &at.index(i));
            }
            clean
        })
    }

    fn tuple(&mut self, slots: &'static [Slot], node: Node<'_>, at: &At<'_>) -> bool {
        let elements = node.elements().map(|elements| elements.take(slots.len() + 1).collect::<Vec<_>>());
        let Some(elements) = elements.filter(|elements| elements.len() == slots.len()) else {
            return self.refuse_type(format!("must be an array of {}", counted(slots.len(), "element")), at);
        };
        self.whole(|walk| {
            slots.iter().zip(elements).enumerate().fold(true, |clean, (i, (slot, element))| {
                let place = node.name_at(i).map_or_else(|| at.index(i), |name| at.member(name));
                walk.slot(slot, element, &place) && clean
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
    fn refuse(&mut self, code: &'static str, message: &'static str, at: &At<'_>) -> bool {
        self.refuse_with(Refusal::new(code, message), at)
    }

    fn refuse_type(&mut self, message: impl Into<std::borrow::Cow<'static, str>>, at: &At<'_>) -> bool {
        self.refuse_with(Refusal::of_type(message), at)
    }

    fn refuse_with(&mut self, refusal: Refusal, at: &At<'_>) -> bool {
        self.refused = true;
        if self.reports() {
            self.push(refusal.at(at));
        }
        false
    }

    fn push(&mut self, violation: Violation) {
        self.check.push(violation);
    }
}

fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Whether the value and the shape are both an array, or both an object.
fn is_alike(shape: Shape, node: Node<'_>) -> bool {
    match shape {
        Shape::Object(_) | Shape::Map(_) => node.members().is_some(),
        Shape::List(_) | Shape::Tuple(_) => node.elements().is_some(),
        Shape::Optional(inner) => is_alike(inner(), node),
        Shape::Checked(slot) => is_alike((slot.shape)(), node),
        _ => false,
    }
}
