use crate::violation::InputPath;

use super::fields::Fields;
use super::{Purpose, Walk};
use crate::payload::{Check, Node, scalar};
use crate::schema::{Entry, Map, Object, Property, Schema};

impl Walk<'_, '_> {
    pub(super) fn object(&mut self, object: &'static Object, node: Node<'_>, at: &InputPath<'_>) -> bool {
        let Some(mut fields) = self.fields(node) else { return self.refuse_type("must be an object", at) };
        let clean = self.members(object, &mut fields, at) & self.leftovers(object, &fields, at);
        if clean && self.purpose == Purpose::Everything {
            self.rules(Check::find(object.hook()), node, at);
        }
        clean
    }

    pub(super) fn fields<'n>(&mut self, node: Node<'n>) -> Option<Fields<'n>> {
        let fields = Fields::of(node)?;
        self.effort.visit_all(fields.list.len());
        Some(fields)
    }

    /// The known members of an object, then the types that are flattened into it.
    pub(super) fn members(&mut self, object: &'static Object, fields: &mut Fields<'_>, at: &InputPath<'_>) -> bool {
        let mut clean = true;
        for entry in object.entries() {
            if let Entry::Property(property) = entry {
                clean &= self.property(property, fields, at);
            }
        }
        for entry in object.entries() {
            if let Entry::Flatten(field) = entry {
                clean &= self.within_buffer(|walk| walk.flattened(field.schema(), fields, at));
            }
        }
        clean
    }

    fn property(&mut self, property: &Property, fields: &mut Fields<'_>, at: &InputPath<'_>) -> bool {
        let Some((first, again)) = fields.take(property.names()) else { return self.missing(property, at) };
        let Some(field) = fields.get(first) else { return true };
        let place = at.member(field.name());
        let clean = if self.purpose == Purpose::Patch && field.node.is_null() {
            property.is_optional() || self.refuse("required", "cannot be removed", &place)
        } else {
            self.field(property.field(), field.node, &place)
        };
        clean & self.none_again(&again, fields, at)
    }

    fn missing(&mut self, property: &Property, at: &InputPath<'_>) -> bool {
        if self.purpose == Purpose::Patch || property.is_optional() {
            return true;
        }
        self.refuse("required", "is required", &at.member(property.name()))
    }

    /// Refuses the members at these positions as repetitions.
    pub(super) fn none_again(&mut self, again: &[usize], fields: &Fields<'_>, at: &InputPath<'_>) -> bool {
        for field in again.iter().filter_map(|position| fields.get(*position)) {
            if self.is_over() {
                break;
            }
            self.refuse("duplicate", "is given twice", &at.member(field.name()));
        }
        again.is_empty()
    }

    /// Checks the members that no type knows, after every type has taken its members.
    pub(super) fn leftovers(&mut self, object: &'static Object, fields: &Fields<'_>, at: &InputPath<'_>) -> bool {
        if object.denies_unknown() {
            return self.none_left(fields, at);
        }
        let mut clean = self.names(&fields.unknown(), fields, at);
        if flattens(object) {
            clean &= self.distinct(&fields.unknown(), fields, at);
        }
        clean
    }

    /// Refuses all members that no type knows.
    pub(super) fn none_left(&mut self, fields: &Fields<'_>, at: &InputPath<'_>) -> bool {
        let left = fields.unknown();
        for field in left.iter().filter_map(|position| fields.get(*position)) {
            if self.is_over() {
                break;
            }
            match field.name() {
                "" if field.node.is_text() => self.refuse("unknown", "has a parameter without a name", at),
                name => self.refuse("unknown", "is not known", &at.member(name)),
            };
        }
        left.is_empty()
    }

    /// Refuses names that are not valid text.
    pub(super) fn names(&mut self, positions: &[usize], fields: &Fields<'_>, at: &InputPath<'_>) -> bool {
        let nameless = positions.iter().filter_map(|position| fields.get(*position)).find(|field| field.name.is_none());
        nameless
            .is_none_or(|field| self.refuse_type("must have a name of Unicode characters", &at.member(field.name())))
    }

    /// Refuses names that occur twice.
    pub(super) fn distinct(&mut self, positions: &[usize], fields: &Fields<'_>, at: &InputPath<'_>) -> bool {
        let mut seen = std::collections::HashSet::new();
        let again = |position: &&usize| fields.get(**position).is_some_and(|field| !seen.insert(field.name()));
        let again: Vec<usize> = positions.iter().filter(again).copied().collect();
        self.none_again(&again, fields, at)
    }

    pub(super) fn map(&mut self, map: &Map, node: Node<'_>, at: &InputPath<'_>) -> bool {
        let Some(mut fields) = self.fields(node) else { return self.refuse_type("must be an object", at) };
        self.rest(map, &mut fields, at)
    }

    /// All remaining members, as those of a map.
    pub(super) fn rest(&mut self, map: &Map, fields: &mut Fields<'_>, at: &InputPath<'_>) -> bool {
        let rest = fields.left();
        fields.see(&rest);
        let mut clean = self.names(&rest, fields, at) & self.distinct(&rest, fields, at);
        for field in rest.iter().filter_map(|position| fields.get(*position)) {
            if self.is_over() {
                return false;
            }
            let place = at.member(field.name());
            clean &= field.name.is_none() || self.name(map.name(), field.name(), &place);
            clean &=
                (self.purpose == Purpose::Patch && field.node.is_null()) || self.value(map.value(), field.node, &place);
        }
        clean
    }

    fn name(&mut self, schema: &'static Schema, name: &str, at: &InputPath<'_>) -> bool {
        self.effort.read(name.len());
        let node = Node::name(name);
        match scalar::read_name(schema, if self.buffers && self.buffered { node.in_buffer() } else { node }) {
            Ok(()) => true,
            Err(_) if !self.reports() => self.refuse_type("", at),
            Err(refusal) => self.refuse_type(format!("has a name that {}", refusal.message()), at),
        }
    }
}

/// Whether other types are flattened into an object.
pub(super) fn flattens(object: &Object) -> bool {
    object.entries().iter().any(|entry| matches!(entry, Entry::Flatten(_)))
}
