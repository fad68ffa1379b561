//! Enums in each of serde's forms.

use serde_json::{Map, Value, json};

use super::members::Members;
use super::{Direction, Writer, describe, object};
use crate::schema::{Enum, Kind, Tagging, Variant};

impl Writer {
    /// The schema of an enum. `flattened` says that the object has other members as well.
    pub(super) fn variants(&mut self, variants: &'static Enum, flattened: bool) -> Map<String, Value> {
        let mut tagged = Vec::new();
        if variants.tagging() == Tagging::External && !flattened {
            tagged.extend(self.units(variants).map(Value::from));
        }
        let mut untagged = Vec::new();
        for variant in variants.variants() {
            if variant.is_untagged() || variants.tagging() == Tagging::Untagged {
                untagged.push(described(variant, self.untagged(variant, flattened)));
            } else {
                tagged.extend(self.tagged(variants, variant, flattened).map(|schema| described(variant, schema)));
            }
        }
        let keyword = if untagged.is_empty() { "oneOf" } else { "anyOf" };
        tagged.append(&mut untagged);
        match tagged.len() {
            0 => object(json!({"not": {}})),
            1 => tagged.into_iter().next().map(object).unwrap_or_default(),
            _ => object(json!({ keyword: tagged })),
        }
    }

    /// The names of the variants without content.
    fn units(&self, variants: &'static Enum) -> Option<Map<String, Value>> {
        let is_unit = |variant: &&Variant| !variant.is_untagged() && self.is_unit(variant);
        let names: Vec<&str> =
            variants.variants().iter().filter(is_unit).flat_map(|unit| self.names(unit)).copied().collect();
        (!names.is_empty()).then(|| object(json!({"type": "string", "enum": names})))
    }

    fn is_unit(&self, variant: &Variant) -> bool {
        matches!(self.directed(variant.content()).unwrapped().kind(), Kind::Null)
    }

    /// The names that a variant is known by: an output has no aliases.
    fn names(&self, variant: &Variant) -> &'static [&'static str] {
        match self.direction {
            Direction::Inbound => variant.names(),
            Direction::Outbound => variant.names().get(..1).unwrap_or_default(),
        }
    }

    fn tagged(&mut self, variants: &'static Enum, variant: &Variant, flattened: bool) -> Option<Map<String, Value>> {
        let closed = variants.denies_unknown() && self.direction == Direction::Inbound && !flattened;
        match variants.tagging() {
            Tagging::External if self.is_unit(variant) && !flattened => None,
            Tagging::External => Some(self.external(variant, flattened)),
            Tagging::Internal(tag) => {
                let mut members = Members::default();
                members.require(tag, self.tag(variants, variant));
                let content = self.directed(variant.content()).unwrapped();
                self.flatten(content, &mut members);
                let denies = matches!(content.kind(), Kind::Object(object) if object.denies_unknown());
                Some(members.finish(closed || denies && self.direction == Direction::Inbound && !flattened))
            }
            Tagging::Adjacent(tag, name) => {
                let mut members = Members::default();
                members.require(tag, self.tag(variants, variant));
                let content = Value::from(self.schema(variant.content()));
                match self.directed(variant.content()).unwrapped().kind() {
                    Kind::Null => members.allow(name, content),
                    Kind::Optional(_) if self.direction == Direction::Inbound => members.allow(name, content),
                    _ => members.require(name, content),
                }
                Some(members.finish(closed))
            }
            Tagging::Untagged => Some(self.untagged(variant, flattened)),
        }
    }

    fn external(&mut self, variant: &Variant, flattened: bool) -> Map<String, Value> {
        let content = Value::from(self.schema(variant.content()));
        let form = |name: &&str| {
            let mut members = Members::default();
            members.require(name, content.clone());
            members.finish(!flattened)
        };
        let mut forms: Vec<_> = self.names(variant).iter().map(form).collect();
        match forms.len() {
            1 => forms.swap_remove(0),
            _ => object(json!({"oneOf": forms})),
        }
    }

    fn untagged(&mut self, variant: &Variant, flattened: bool) -> Map<String, Value> {
        if !flattened {
            return self.schema(variant.content());
        }
        let mut members = Members::default();
        self.flatten(variant.content(), &mut members);
        members.finish(false)
    }

    /// The schema of the tag of a variant.
    fn tag(&self, variants: &'static Enum, variant: &Variant) -> Value {
        if variant.is_other() && self.direction == Direction::Inbound {
            let others = variants.variants().iter().filter(|known| !known.is_other() && !known.is_untagged());
            let names: Vec<&str> = others.flat_map(|known| known.names()).copied().collect();
            return json!({"type": "string", "not": {"enum": names}});
        }
        match self.names(variant) {
            [name] => json!({"const": name}),
            names => json!({"enum": names}),
        }
    }
}

fn described(variant: &Variant, mut schema: Map<String, Value>) -> Value {
    describe(variant.description(), std::iter::empty(), &mut schema);
    schema.into()
}
