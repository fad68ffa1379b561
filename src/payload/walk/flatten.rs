//! Flattened schemas: their members are members of the object that contains them.
//!
//! As in serde, a struct takes its known members away from the types that are flattened after it; a type that takes
//! members of any name only looks at them.

use crate::violation::InputPath;

use super::fields::Fields;
use super::untagged::has_untagged;
use super::{Purpose, Walk};
use crate::payload::{Check, CheckFn, Node, scalar};
use crate::schema::{Entry, Enum, Field, Kind, Object, Schema, Tagging};

impl Walk<'_, '_> {
    pub(super) fn flattened(&mut self, schema: &'static Schema, fields: &mut Fields<'_>, at: &InputPath<'_>) -> bool {
        if self.is_over() {
            return false;
        }
        self.effort.visit();
        match schema.kind() {
            Kind::Null => true,
            Kind::Object(object) => self.flattened_object(object, fields, at),
            Kind::Map(map) => self.rest(map, fields, at),
            Kind::Enum(variants) => self.flattened_variants(variants, fields, at),
            Kind::Optional(inner) => !mentions(inner(), fields, 0) || self.flattened(inner(), fields, at),
            Kind::Newtype(field) => self.flattened_newtype(field, fields, at),
            // A flattened leaf reads all members that remain, and leaves them to others as well.
            Kind::Scalar(scalar) => {
                let rest = fields.left();
                fields.see(&rest);
                self.effort.read(fields.size_of(&rest));
                let buffers = self.buffers;
                let read = |part: Node<'_>| scalar::read(scalar, if buffers { part.in_buffer() } else { part });
                match fields.with_part(&rest, read) {
                    Some(Err(refusal)) => self.refuse_with(refusal, at),
                    _ => self.distinct(&rest, fields, at),
                }
            }
            Kind::Array(_) | Kind::Tuple(_) => self.refuse_type("is not acceptable", at),
        }
    }

    fn flattened_object(&mut self, object: &'static Object, fields: &mut Fields<'_>, at: &InputPath<'_>) -> bool {
        let before = fields.left();
        let clean = self.members(object, fields, at);
        if clean && self.purpose == Purpose::Everything {
            self.rules_of_part(Check::find(object.hook()), &before, fields, at);
        }
        clean
    }

    fn flattened_newtype(&mut self, field: &Field, fields: &mut Fields<'_>, at: &InputPath<'_>) -> bool {
        let before = fields.left();
        let clean = self.flattened(field.schema(), fields, at);
        if clean && self.purpose == Purpose::Everything {
            self.rules_of_part(Check::find(field.hook()), &before, fields, at);
        }
        clean
    }

    /// The rules of an object that is flattened into another one: they read the members that it took.
    fn rules_of_part(&mut self, check: Option<CheckFn>, before: &[usize], fields: &Fields<'_>, at: &InputPath<'_>) {
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
    fn flattened_variants(&mut self, variants: &'static Enum, fields: &mut Fields<'_>, at: &InputPath<'_>) -> bool {
        if self.purpose == Purpose::Patch {
            // The part that the patch does not mention may decide which variant it is.
            return self.any_variant(variants, fields, at);
        }
        if has_untagged(variants) {
            return self.flattened_with_rest(variants, fields, at);
        }
        match variants.tagging() {
            Tagging::External => self.flattened_external(variants, fields, at),
            Tagging::Untagged => self.flattened_untagged(variants, fields, at),
            Tagging::Adjacent(tag, content) => self.adjacent(variants, tag, content, fields, at),
            Tagging::Internal(tag) => {
                let mut copy = fields.clone();
                let Some(known) = self.tag(variants, tag, &mut copy, at) else { return false };
                let clean = self.flattened(known.content(), &mut copy, at);
                fields.see_what_is_taken(&copy);
                clean
            }
        }
    }

    /// An enum whose variants do not all have a tag: serde reads it from all remaining members.
    fn flattened_with_rest(&mut self, variants: &'static Enum, fields: &mut Fields<'_>, at: &InputPath<'_>) -> bool {
        let mut copy = fields.clone();
        if !self.trial(|trial| trial.only_members(variants, &mut copy, &InputPath::body())) {
            let untagged = variants.variants().iter().filter(|variant| variant.is_untagged());
            if let Some(clean) = self.flattened_form(untagged, fields, at) {
                return clean;
            }
        }
        fields.see_what_is_taken(&copy);
        self.only_members(variants, &mut fields.clone(), at)
    }

    fn only_members(&mut self, variants: &'static Enum, fields: &mut Fields<'_>, at: &InputPath<'_>) -> bool {
        match variants.tagging() {
            Tagging::External if fields.left().len() != 1 => self.refuse_type("must be an object with one member", at),
            Tagging::External => self.flattened_external(variants, fields, at),
            _ => self.tagged_members(variants, fields, at),
        }
    }

    /// In a patch, the members that any variant may take: they can only be checked for being well formed.
    fn any_variant(&mut self, variants: &'static Enum, fields: &mut Fields<'_>, at: &InputPath<'_>) -> bool {
        let taken: Vec<usize> = fields
            .left()
            .into_iter()
            .filter(|position| fields.get(*position).is_some_and(|field| takes_in_any(variants, field.name(), 0)))
            .collect();
        fields.see(&taken);
        let mut clean = self.distinct(&taken, fields, at);
        for field in taken.iter().filter_map(|position| fields.get(*position)) {
            clean &= !self.report_untypeable(field.node, &at.member(field.name()));
        }
        clean
    }
}

fn takes_in_any(variants: &'static Enum, name: &str, depth: u8) -> bool {
    let mut all = variants.variants().iter();
    match variants.tagging() {
        Tagging::External => all.any(|variant| variant.names().contains(&name)),
        Tagging::Adjacent(tag, content) => name == tag || name == content,
        Tagging::Internal(tag) if name == tag => true,
        Tagging::Internal(_) | Tagging::Untagged => all.any(|variant| takes(variant.content(), name, depth + 1)),
    }
}

/// Whether a flattened schema may take a member of this name.
fn takes(schema: &'static Schema, name: &str, depth: u8) -> bool {
    match schema.kind() {
        // The depth is limited for a type that flattens itself into itself, which serde cannot read either.
        _ if depth > 32 => false,
        Kind::Object(object) => object.entries().iter().any(|entry| match entry {
            Entry::Property(property) => property.names().contains(&name),
            Entry::Flatten(field) => takes(field.schema(), name, depth + 1),
        }),
        Kind::Enum(variants) => takes_in_any(variants, name, depth + 1),
        Kind::Optional(inner) => takes(inner(), name, depth + 1),
        Kind::Newtype(field) => takes(field.schema(), name, depth + 1),
        Kind::Null => false,
        _ => true,
    }
}

/// Whether a member remains that a flattened schema would take.
fn mentions(schema: &'static Schema, fields: &Fields<'_>, depth: u8) -> bool {
    match schema.kind() {
        _ if depth > 32 => false,
        Kind::Object(object) => object.entries().iter().any(|entry| match entry {
            Entry::Property(property) => property.names().iter().any(|name| fields.has(name)),
            Entry::Flatten(field) => mentions(field.schema(), fields, depth + 1),
        }),
        Kind::Enum(variants) => super::variant::mentions(variants, fields),
        Kind::Optional(inner) => mentions(inner(), fields, depth + 1),
        Kind::Newtype(field) => mentions(field.schema(), fields, depth + 1),
        Kind::Null => false,
        _ => !fields.left().is_empty(),
    }
}
