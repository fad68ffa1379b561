//! Shapes at the level of the object that contains them.
//!
//! As in serde, a struct takes its known members away from the types that are flattened after it; a type that takes
//! members of any name only looks at them.

use crate::violation::At;

use super::fields::Fields;
use super::{Purpose, Walk};
use crate::payload::{CheckFn, Entry, Enum, Object, Shape, Slot, Tagging};

impl Walk<'_, '_> {
    pub(super) fn flattened(&mut self, shape: Shape, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        if self.is_over() {
            return false;
        }
        self.effort.visit();
        match shape {
            Shape::Unit => true,
            Shape::Object(object) => self.flattened_object(object, fields, at),
            Shape::Map(map) => self.rest(map, fields, at),
            Shape::Enum(variants) => self.flattened_variants(variants, fields, at),
            Shape::Optional(inner) => !mentions(inner(), fields, 0) || self.flattened(inner(), fields, at),
            Shape::Checked(slot) => self.flattened_slot(slot, fields, at),
            Shape::Leaf(leaf) => {
                let rest = fields.left();
                fields.see(&rest);
                self.effort.read(fields.size_of(&rest));
                let buffers = self.buffers;
                let probe =
                    |part: crate::payload::Node<'_>| (leaf.probe)(&if buffers { part.in_buffer() } else { part });
                match fields.with_part(&rest, probe) {
                    Some(Err(refusal)) => self.refuse_with(refusal, at),
                    _ => self.distinct(&rest, fields, at),
                }
            }
            Shape::List(_) | Shape::Tuple(_) => self.refuse_type("is not acceptable", at),
        }
    }

    fn flattened_object(&mut self, object: &Object, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        let before = fields.left();
        let clean = self.members(object, fields, at);
        if clean && self.purpose == Purpose::Everything {
            self.rules_of_part(object.check, &before, fields, at);
        }
        clean
    }

    fn flattened_slot(&mut self, slot: &Slot, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        let before = fields.left();
        let clean = self.flattened((slot.shape)(), fields, at);
        if clean && self.purpose == Purpose::Everything {
            self.rules_of_part(slot.check, &before, fields, at);
        }
        clean
    }

    /// The rules of an object that is flattened into another one: they read the members that it took.
    fn rules_of_part(&mut self, check: Option<CheckFn>, before: &[usize], fields: &Fields<'_>, at: &At<'_>) {
        if check.is_none() {
            return;
        }
        let taken = |position: &usize| fields.get(*position).is_some_and(|field| field.taken || field.seen);
        let part: Vec<usize> = before.iter().copied().filter(taken).collect();
        // The part is written and parsed before it is read.
        if self.effort.read_again(fields.size_of(&part)) {
            fields.with_part(&part, |node| self.rules(check, node, at));
        }
    }

    /// An enum at the level of the object that contains it.
    fn flattened_variants(&mut self, variants: &Enum, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        if self.purpose == Purpose::Patch {
            // The part that the patch does not mention may decide which variant it is.
            return self.any_variant(variants, fields, at);
        }
        if variants.has_untagged() {
            return self.flattened_with_rest(variants, fields, at);
        }
        match variants.tagging {
            Tagging::External => self.flattened_external(variants, fields, at),
            Tagging::Untagged => self.flattened_untagged(variants, fields, at),
            Tagging::Adjacent(tag, content) => self.adjacent(variants, tag, content, fields, at),
            Tagging::Internal(tag) => {
                let mut copy = fields.clone();
                let Some(known) = self.tag(variants, tag, &mut copy, at) else { return false };
                let clean = self.flattened((known.content)(), &mut copy, at);
                fields.see_what_is_taken(&copy);
                clean
            }
        }
    }

    /// An enum whose variants do not all have a tag: serde reads it from all remaining members.
    fn flattened_with_rest(&mut self, variants: &Enum, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        let mut copy = fields.clone();
        if !self.trial(|trial| trial.only_members(variants, &mut copy, &At::body())) {
            let untagged = variants.variants.iter().filter(|variant| variant.untagged);
            if let Some(clean) = self.flattened_form(untagged, fields, at) {
                return clean;
            }
        }
        fields.see_what_is_taken(&copy);
        self.only_members(variants, &mut fields.clone(), at)
    }

    fn only_members(&mut self, variants: &Enum, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        match variants.tagging {
            Tagging::External if fields.left().len() != 1 => self.refuse_type("must be an object with one member", at),
            Tagging::External => self.flattened_external(variants, fields, at),
            _ => self.tagged_members(variants, fields, at),
        }
    }

    /// In a patch, the members that any variant may take: they can only be checked for being well formed.
    fn any_variant(&mut self, variants: &Enum, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        let taken: Vec<usize> = fields
            .left()
            .into_iter()
            .filter(|position| fields.get(*position).is_some_and(|field| takes_in_any(variants, field.name(), 0)))
            .collect();
        fields.see(&taken);
        let mut clean = self.distinct(&taken, fields, at);
        for field in taken.iter().filter_map(|position| fields.get(*position)) {
            clean &= !self.odd(field.node, &at.member(field.name()));
        }
        clean
    }
}

fn takes_in_any(variants: &Enum, name: &str, depth: u8) -> bool {
    let mut all = variants.variants.iter();
    match variants.tagging {
        Tagging::External => all.any(|variant| variant.names.contains(&name)),
        Tagging::Adjacent(tag, content) => name == tag || name == content,
        Tagging::Internal(tag) if name == tag => true,
        Tagging::Internal(_) | Tagging::Untagged => all.any(|variant| takes((variant.content)(), name, depth + 1)),
    }
}

/// Whether a flattened shape may take a member of this name.
fn takes(shape: Shape, name: &str, depth: u8) -> bool {
    match shape {
        // A type that flattens itself into itself cannot be read either.
        _ if depth > 32 => false,
        Shape::Object(object) => object.entries.iter().any(|entry| match entry {
            Entry::Member(member) => member.names.contains(&name),
            Entry::Flatten(inner) => takes(inner(), name, depth + 1),
        }),
        Shape::Enum(variants) => takes_in_any(variants, name, depth + 1),
        Shape::Optional(inner) => takes(inner(), name, depth + 1),
        Shape::Checked(slot) => takes((slot.shape)(), name, depth + 1),
        Shape::Unit => false,
        _ => true,
    }
}

/// Whether a member remains that a flattened shape would take.
fn mentions(shape: Shape, fields: &Fields<'_>, depth: u8) -> bool {
    match shape {
        _ if depth > 32 => false,
        Shape::Object(object) => object.entries.iter().any(|entry| match entry {
            Entry::Member(member) => member.names.iter().any(|name| fields.has(name)),
            Entry::Flatten(inner) => mentions(inner(), fields, depth + 1),
        }),
        Shape::Enum(variants) => super::variant::mentions(variants, fields),
        Shape::Optional(inner) => mentions(inner(), fields, depth + 1),
        Shape::Checked(slot) => mentions((slot.shape)(), fields, depth + 1),
        Shape::Unit => false,
        _ => !fields.left().is_empty(),
    }
}
