//! Lists everything that is wrong with an input: goes over its parts beside the [`Shape`].
//!
//! Nothing here knows the type. A part is read by itself only where the shape says how, and each answer ("clean")
//! tells whether the part parses, so that rules of the whole run only where there is a whole.

mod fields;
mod object;
mod odd;
mod variant;

use crate::violation::{At, Violation};

use super::{Check, CheckFn, Leaf, Node, Refusal, Shape, Slot};

/// What a walk is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To list all that is wrong.
    Everything,
    /// To hear whether the shape fits; the rules are not asked.
    Shape,
    /// To list what is wrong with a merge patch (RFC 7396): what it does not mention stays as it is.
    Patch,
}

/// One walk over one input.
#[derive(Debug)]
pub(super) struct Walk<'w, 'c> {
    check: &'w mut Check<'c>,
    purpose: Purpose,
    /// How many more steps may be taken. One for each part would do, if nothing had to be tried.
    steps: usize,
    /// How many more bytes may be read again for the rules of what contains them.
    bytes: usize,
}

impl<'w, 'c> Walk<'w, 'c> {
    /// Lists in `check` what is wrong with the input, and says whether it parses.
    pub(super) fn over(shape: Shape, root: Node<'_>, at: &At<'_>, purpose: Purpose, check: &'w mut Check<'c>) -> bool {
        let mut walk = Walk {
            check,
            purpose,
            steps: root.items().saturating_mul(64).saturating_add(4096),
            bytes: root.size().saturating_mul(32).saturating_add(65_536),
        };
        walk.value(shape, root, at)
    }

    /// Reports something about an input that serde refused and the shape accepts, as a hand-written `Deserialize` can
    /// have it.
    pub(super) fn blame(root: Node<'_>, at: &At<'_>, check: &'w mut Check<'c>) {
        let mut walk = Walk { check, purpose: Purpose::Everything, steps: usize::MAX, bytes: 0 };
        if !walk.odd(root, at) {
            walk.refuse_type("is not acceptable", at);
        }
    }

    /// Whether a shape fits; nothing is reported.
    fn fits(&mut self, shape: Shape, node: Node<'_>) -> bool {
        self.trial(|trial| trial.value(shape, node, &At::body()))
    }

    /// Tries something out; nothing is reported.
    fn trial(&mut self, attempt: impl FnOnce(&mut Walk<'_, '_>) -> bool) -> bool {
        let mut unheard = Check::new();
        let mut trial = Walk { check: &mut unheard, purpose: Purpose::Shape, steps: self.steps, bytes: 0 };
        let fits = attempt(&mut trial);
        self.steps = trial.steps;
        fits && unheard.found().is_empty()
    }

    /// Whether there is no use in going on.
    fn is_over(&self) -> bool {
        self.steps == 0
            || self.check.found().is_full()
            || (self.purpose == Purpose::Shape && !self.check.found().is_empty())
    }

    fn value(&mut self, shape: Shape, node: Node<'_>, at: &At<'_>) -> bool {
        if self.is_over() {
            return false;
        }
        self.steps -= 1;
        match shape {
            Shape::Leaf(_) | Shape::Enum(_) if node.is_repeated() => self.refuse("duplicate", "is given twice", at),
            Shape::Leaf(leaf) => self.leaf(leaf, node, at),
            Shape::Unit => node.read::<()>().is_ok() || self.refuse_type("must be null", at),
            Shape::Optional(inner) => node.is_null() || self.value(inner(), node, at),
            Shape::List(inner) => self.list(inner, node, at),
            Shape::Tuple(slots) => self.tuple(slots, node, at),
            Shape::Map(map) => self.map(map, node, at),
            Shape::Object(object) => self.object(object, node, at),
            Shape::Enum(variants) => self.variants(variants, node, at),
            Shape::Checked(slot) => self.slot(slot, node, at),
        }
    }

    /// A value in its place: what stands there, then the rules of the place.
    fn slot(&mut self, slot: &Slot, node: Node<'_>, at: &At<'_>) -> bool {
        let clean = self.value((slot.shape)(), node, at);
        if clean {
            self.rules(slot.check, node, at);
        } else if let (Some(length), Some(count)) = (slot.length, node.count())
            && self.purpose != Purpose::Shape
            && is_alike((slot.shape)(), node)
            && let Some(violation) = length.refuse(count, at)
        {
            self.check.push(violation);
        }
        clean
    }

    /// Runs rules, unless so much was read again that this input is out to cost us time.
    fn rules(&mut self, check: Option<CheckFn>, node: Node<'_>, at: &At<'_>) {
        let Some(check) = check.filter(|_| self.purpose != Purpose::Shape && !self.is_over()) else { return };
        if let Some(left) = self.bytes.checked_sub(node.size()) {
            self.bytes = left;
            check(&node, at, self.check);
        }
    }

    fn leaf(&mut self, leaf: Leaf, node: Node<'_>, at: &At<'_>) -> bool {
        // Of a type that says nothing about its parts, an object in a patch may be a part: the outcome tells.
        let part = self.purpose == Purpose::Patch && node.members().is_some();
        match (leaf.probe)(&node) {
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
        let elements = node.elements().map(Iterator::collect::<Vec<_>>);
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

    /// Walks something that a merge patch replaces as a whole, if at all.
    fn whole(&mut self, inside: impl FnOnce(&mut Self) -> bool) -> bool {
        let purpose = self.purpose;
        if purpose == Purpose::Patch {
            self.purpose = Purpose::Everything;
        }
        let clean = inside(self);
        self.purpose = purpose;
        clean
    }

    /// Reports and answers `false`, as whatever found it then does.
    fn refuse(&mut self, code: &'static str, message: &'static str, at: &At<'_>) -> bool {
        self.refuse_with(Refusal::new(code, message), at)
    }

    fn refuse_type(&mut self, message: impl Into<std::borrow::Cow<'static, str>>, at: &At<'_>) -> bool {
        self.refuse_with(Refusal::of_type(message), at)
    }

    fn refuse_with(&mut self, refusal: Refusal, at: &At<'_>) -> bool {
        self.push(refusal.at(at));
        false
    }

    fn push(&mut self, violation: Violation) {
        self.check.push(violation);
    }
}

fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Whether a value is an array or object, and so is the shape.
fn is_alike(shape: Shape, node: Node<'_>) -> bool {
    match shape {
        Shape::Object(_) | Shape::Map(_) => node.members().is_some(),
        Shape::List(_) | Shape::Tuple(_) => node.elements().is_some(),
        Shape::Optional(inner) => is_alike(inner(), node),
        Shape::Checked(slot) => is_alike((slot.shape)(), node),
        _ => false,
    }
}
