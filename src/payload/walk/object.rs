use crate::violation::At;

use super::fields::Fields;
use super::{Purpose, Walk};
use crate::payload::{Entry, Map, Member, Node, Object, Shape};

impl Walk<'_, '_> {
    pub(super) fn object(&mut self, object: &Object, node: Node<'_>, at: &At<'_>) -> bool {
        let Some(mut fields) = Fields::of(node) else { return self.refuse_type("must be an object", at) };
        let clean = self.members(object, &mut fields, at) & self.leftovers(object, &fields, at);
        if clean && self.purpose == Purpose::Everything {
            self.rules(object.check, node, at);
        }
        clean
    }

    /// The members that an object knows, then what is flattened into it.
    pub(super) fn members(&mut self, object: &Object, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        let mut clean = true;
        for entry in object.entries {
            if let Entry::Member(member) = entry {
                clean &= self.member(member, fields, at);
            }
        }
        for entry in object.entries {
            if let Entry::Flatten(shape) = entry {
                clean &= self.flattened(shape(), fields, at);
            }
        }
        clean
    }

    fn member(&mut self, member: &Member, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        let Some((first, again)) = fields.take(member.names) else { return self.missing(member, at) };
        let Some(field) = fields.get(first) else { return true };
        let place = at.member(field.name());
        let clean = if self.purpose == Purpose::Patch && field.node.is_null() {
            member.missing.is_fine() || self.refuse("required", "cannot be removed", &place)
        } else {
            self.slot(&member.slot, field.node, &place)
        };
        clean & self.none_again(&again, fields, at)
    }

    fn missing(&mut self, member: &Member, at: &At<'_>) -> bool {
        if self.purpose == Purpose::Patch || member.missing.is_fine() {
            return true;
        }
        let name = member.names.first().copied().unwrap_or_default();
        self.refuse("required", "is required", &at.member(name))
    }

    pub(super) fn none_again(&mut self, again: &[usize], fields: &Fields<'_>, at: &At<'_>) -> bool {
        for field in again.iter().filter_map(|position| fields.get(*position)) {
            self.refuse("duplicate", "is given twice", &at.member(field.name()));
        }
        again.is_empty()
    }

    /// What nobody knows, after everybody took what they know.
    pub(super) fn leftovers(&mut self, object: &Object, fields: &Fields<'_>, at: &At<'_>) -> bool {
        if object.deny_unknown {
            return self.none_left(fields, at);
        }
        let mut clean = self.names(&fields.left(), fields, at);
        if object.entries.iter().any(|entry| matches!(entry, Entry::Flatten(_))) {
            clean &= self.distinct(&fields.left(), fields, at);
        }
        clean
    }

    pub(super) fn none_left(&mut self, fields: &Fields<'_>, at: &At<'_>) -> bool {
        let left = fields.left();
        for field in left.iter().filter_map(|position| fields.get(*position)) {
            if self.is_over() {
                break;
            }
            self.refuse("unknown", "is not known", &at.member(field.name()));
        }
        left.is_empty()
    }

    /// Refuses names that are no text.
    fn names(&mut self, positions: &[usize], fields: &Fields<'_>, at: &At<'_>) -> bool {
        let nameless = positions.iter().filter_map(|position| fields.get(*position)).find(|field| field.name.is_none());
        nameless
            .is_none_or(|field| self.refuse_type("must have a name of Unicode characters", &at.member(field.name())))
    }

    /// Refuses names that stand twice.
    pub(super) fn distinct(&mut self, positions: &[usize], fields: &Fields<'_>, at: &At<'_>) -> bool {
        let mut seen = std::collections::HashSet::new();
        let again = |position: &&usize| fields.get(**position).is_some_and(|field| !seen.insert(field.name()));
        let again: Vec<usize> = positions.iter().filter(again).copied().collect();
        self.none_again(&again, fields, at)
    }

    pub(super) fn map(&mut self, map: Map, node: Node<'_>, at: &At<'_>) -> bool {
        let Some(mut fields) = Fields::of(node) else { return self.refuse_type("must be an object", at) };
        self.rest(map, &mut fields, at)
    }

    /// All members that are left, as those of a map.
    fn rest(&mut self, map: Map, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        let rest = fields.take_rest();
        let mut clean = self.names(&rest, fields, at) & self.distinct(&rest, fields, at);
        for field in rest.iter().filter_map(|position| fields.get(*position)) {
            if self.is_over() {
                return false;
            }
            let place = at.member(field.name());
            clean &= field.name.is_none() || self.name(map, field.name(), &place);
            clean &= (self.purpose == Purpose::Patch && field.node.is_null())
                || self.value((map.value)(), field.node, &place);
        }
        clean
    }

    /// A name is read like a text by itself.
    fn name(&mut self, map: Map, name: &str, at: &At<'_>) -> bool {
        use crate::payload::text::{Pair, Text};
        let pair = [Pair { name: "".into(), value: Some(name.into()) }];
        match (map.name.probe)(&Node::text(Text::Values(&pair))) {
            Ok(()) => true,
            Err(refusal) => self.refuse_type(format!("has a name that {}", refusal.message()), at),
        }
    }

    /// What stands at the level of the object that contains it.
    pub(super) fn flattened(&mut self, shape: Shape, fields: &mut Fields<'_>, at: &At<'_>) -> bool {
        if self.is_over() {
            return false;
        }
        self.steps -= 1;
        match shape {
            Shape::Unit => true,
            Shape::Object(object) => {
                let before = fields.left();
                let clean = self.members(object, fields, at);
                if clean && self.purpose == Purpose::Everything {
                    self.rules_of_part(object.check, &before, fields, at);
                }
                clean
            }
            Shape::Map(map) => self.rest(map, fields, at),
            Shape::Enum(variants) => self.flattened_variants(variants, fields, at),
            Shape::Optional(inner) => !mentions(inner(), fields, 0) || self.flattened(inner(), fields, at),
            Shape::Checked(slot) => {
                let before = fields.left();
                let clean = self.flattened((slot.shape)(), fields, at);
                if clean && self.purpose == Purpose::Everything {
                    self.rules_of_part(slot.check, &before, fields, at);
                }
                clean
            }
            Shape::Leaf(leaf) => {
                let rest = fields.take_rest();
                let read = fields.with_part(&rest, |part| (leaf.probe)(&part));
                match read {
                    Some(Err(refusal)) => self.refuse_with(refusal, at),
                    _ => self.distinct(&rest, fields, at),
                }
            }
            Shape::List(_) | Shape::Tuple(_) => self.refuse_type("is not acceptable", at),
        }
    }

    /// The rules of an object that is flattened into another: it reads the members that it took.
    fn rules_of_part(
        &mut self,
        check: Option<crate::payload::CheckFn>,
        before: &[usize],
        fields: &Fields<'_>,
        at: &At<'_>,
    ) {
        if check.is_some() {
            let taken = |position: &usize| fields.get(*position).is_some_and(|field| field.taken);
            let part: Vec<usize> = before.iter().copied().filter(taken).collect();
            fields.with_part(&part, |node| self.rules(check, node, at));
        }
    }
}

/// Whether any member is left that a flattened shape would take.
fn mentions(shape: Shape, fields: &Fields<'_>, depth: u8) -> bool {
    match shape {
        // A type that flattens itself into itself cannot be read either.
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
