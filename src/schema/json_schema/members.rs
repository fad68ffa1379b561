//! Objects: members, and the members of others that are flattened into them.

use serde_json::{Map, Value, json};

use super::{Direction, Writer, object};
use crate::schema::{Entry, Kind, Object, Property, Schema};

/// The members of one object while they are collected.
#[derive(Default)]
pub(super) struct Members {
    properties: Map<String, Value>,
    required: Vec<Value>,
    /// Conditions on the object as a whole.
    all_of: Vec<Value>,
    /// The schema of all other members, if a map takes them.
    rest: Option<Value>,
    /// The schema of the names of all members, if a map restricts them.
    names: Option<Value>,
}

impl Members {
    /// Adds a required member.
    pub(super) fn require(&mut self, name: &str, schema: Value) {
        self.properties.insert(name.to_owned(), schema);
        self.required.push(name.into());
    }

    /// Adds a member that may be missing.
    pub(super) fn allow(&mut self, name: &str, schema: Value) {
        self.properties.insert(name.to_owned(), schema);
    }

    /// The schema of the object.
    pub(super) fn finish(self, deny_unknown: bool) -> Map<String, Value> {
        let mut out = object(json!({"type": "object"}));
        let rest = self.rest.or_else(|| deny_unknown.then_some(Value::Bool(false)));
        if let Some(rest) = rest.filter(|rest| *rest != json!({})) {
            // `additionalProperties` would refuse the members that are declared in `allOf`.
            let unevaluated = rest == Value::Bool(false) && !self.all_of.is_empty();
            let keyword = if unevaluated { "unevaluatedProperties" } else { "additionalProperties" };
            out.insert(keyword.to_owned(), rest);
        }
        let parts = [
            ("properties", Value::from(self.properties)),
            ("required", self.required.into()),
            ("allOf", self.all_of.into()),
            ("propertyNames", self.names.unwrap_or_default()),
        ];
        let is_empty = |part: &Value| match part {
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            part => part.is_null(),
        };
        out.extend(parts.into_iter().filter(|(_, part)| !is_empty(part)).map(|(keyword, part)| (keyword.into(), part)));
        out
    }
}

impl Writer {
    pub(super) fn members_of(&mut self, schema: &'static Schema) -> Map<String, Value> {
        let mut members = Members::default();
        self.flatten(schema, &mut members);
        let denies = matches!(schema.kind(), Kind::Object(object) if object.denies_unknown());
        members.finish(denies && self.direction == Direction::Inbound)
    }

    /// Adds the members of a schema to those of the object that contains it.
    pub(super) fn flatten(&mut self, schema: &'static Schema, members: &mut Members) {
        let schema = self.directed(schema);
        match schema.kind() {
            Kind::Object(object) => self.object(object, members),
            Kind::Map(map) => {
                members.rest = Some(self.schema(map.value()).into());
                members.names = self.names_of(map.name());
            }
            Kind::Newtype(field) => self.flatten(field.schema(), members),
            Kind::Optional(inner) => self.flatten_optional(inner(), members),
            Kind::Enum(variants) => members.all_of.push(self.variants(variants, true).into()),
            Kind::Scalar(_) | Kind::Null | Kind::Array(_) | Kind::Tuple(_) => {}
        }
    }

    fn object(&mut self, object: &'static Object, members: &mut Members) {
        for entry in object.entries() {
            match entry {
                Entry::Property(property) => self.property(property, members),
                Entry::Flatten(field) => self.flatten(field.schema(), members),
            }
        }
    }

    fn property(&mut self, property: &Property, members: &mut Members) {
        let schema = Value::from(self.field(property.field()));
        match (self.direction, property.names()) {
            (Direction::Outbound, _) if property.is_skippable() => members.allow(property.name(), schema),
            (Direction::Outbound, _) => members.require(property.name(), schema),
            (Direction::Inbound, [name]) if property.is_optional() => members.allow(name, schema),
            (Direction::Inbound, [name]) => members.require(name, schema),
            (Direction::Inbound, names) => {
                names.iter().for_each(|name| members.allow(name, schema.clone()));
                // Exactly one of the names if the member is required, otherwise at most one.
                let mut choices: Vec<Value> = names.iter().map(|name| json!({"required": [name]})).collect();
                if property.is_optional() {
                    choices.push(json!({"not": {"anyOf": choices}}));
                }
                members.all_of.push(json!({"oneOf": choices}));
            }
        }
    }

    /// A flattened `Option` is `None` if none of its members is there.
    fn flatten_optional(&mut self, inner: &'static Schema, members: &mut Members) {
        let mut part = Members::default();
        self.flatten(inner, &mut part);
        let names: Vec<Value> = part.properties.keys().map(|name| json!({"required": [name]})).collect();
        if names.is_empty() {
            return self.flatten(inner, members);
        }
        let some = part.finish(false);
        members.all_of.push(json!({"anyOf": [some, {"not": {"anyOf": names}}]}));
    }

    /// The schema of the names of a map; `None` for any text.
    fn names_of(&mut self, schema: &'static Schema) -> Option<Value> {
        let schema = self.directed(schema).unwrapped();
        let mut out = match schema.kind() {
            Kind::Scalar(scalar) => self.scalar(scalar),
            _ => self.schema(schema),
        };
        match out.get("type").and_then(Value::as_str) {
            Some("integer") => Some(json!({"pattern": "^-?[0-9]+$"})),
            Some("boolean") => Some(json!({"enum": ["false", "true"]})),
            _ => {
                if out.get("type") == Some(&"string".into()) {
                    out.remove("type");
                }
                (!out.is_empty()).then(|| out.into())
            }
        }
    }
}
