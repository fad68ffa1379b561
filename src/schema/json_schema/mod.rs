//! Writes schemas as JSON Schema, draft 2020-12.

mod members;
mod names;
mod rules;
mod scalar;
mod variants;

use serde_json::{Map, Value, json};

use self::names::Names;
use super::{Field, HasSchema, Kind, Schema};

/// Whether a value is read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Direction {
    /// The value is part of a request.
    Inbound,
    /// The value is part of a response.
    Outbound,
}

/// The JSON Schema (draft 2020-12) of a type.
///
/// Types with a name are listed once each under `$defs`, and are referred to by `$ref`. If two types have the same
/// name, the second gets a number. Rules that JSON Schema cannot express, such as functions of the service, are named
/// in `$comment`.
///
/// An input that its schema accepts can still be refused: by such a rule; by a conversion (`try_from`); because a text
/// breaks a limit once it is trimmed; because a number does not fit its type, or is written with a fraction (`1.0`);
/// because of the character U+0000; because a name is given twice. `format` is an annotation in JSON Schema, and
/// `pattern` has the syntax of the `regex` crate.
///
/// ```
/// use buttress::schema::{Direction, json_schema};
/// use serde_json::json;
///
/// assert_eq!(
///     json_schema::<Vec<Option<u8>>>(Direction::Inbound),
///     json!({
///         "$schema": "https://json-schema.org/draft/2020-12/schema",
///         "type": "array",
///         "items": {"type": ["integer", "null"], "minimum": 0, "maximum": 255, "format": "uint8"},
///     })
/// );
/// ```
#[must_use]
pub fn json_schema<T: HasSchema + ?Sized>(direction: Direction) -> Value {
    let mut writer = Writer { direction, names: Names::default(), definitions: Map::new() };
    let mut document = writer.schema(T::schema());
    document.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    if !writer.definitions.is_empty() {
        document.insert("$defs".to_owned(), writer.definitions.into());
    }
    document.into()
}

/// Writes the schemas of one document.
struct Writer {
    direction: Direction,
    names: Names,
    definitions: Map<String, Value>,
}

impl Writer {
    /// The schema of a type in the direction of the document.
    fn directed(&self, schema: &'static Schema) -> &'static Schema {
        let of_side = |schema: &'static Schema| match self.direction {
            Direction::Inbound => schema,
            Direction::Outbound => schema.output(),
        };
        let schema = of_side(schema);
        // A type with a name has a definition of its own, even if another type describes it.
        if schema.type_name().is_some() { schema } else { of_side(schema.described()) }
    }

    /// A reference to a type with a name, or the schema itself.
    fn schema(&mut self, schema: &'static Schema) -> Map<String, Value> {
        let schema = self.directed(schema);
        let Some(type_name) = schema.type_name() else { return self.definition(schema) };
        let (name, is_new) = self.names.of(type_name, schema.name());
        if is_new {
            let definition = self.definition(schema);
            self.definitions.insert(name.clone(), definition.into());
        }
        object(json!({"$ref": format!("#/$defs/{name}")}))
    }

    fn definition(&mut self, schema: &'static Schema) -> Map<String, Value> {
        let mut out = match schema.kind() {
            Kind::Scalar(scalar) => self.scalar(scalar),
            Kind::Null => object(json!({"type": "null"})),
            Kind::Optional(inner) => nullable(self.schema(inner())),
            Kind::Array(array) => {
                let mut out = object(json!({"type": "array", "items": self.schema((array.items())())}));
                if array.is_set() {
                    out.insert("uniqueItems".to_owned(), true.into());
                }
                out
            }
            Kind::Tuple(fields) => self.tuple(fields),
            Kind::Map(_) | Kind::Object(_) => self.members_of(schema),
            Kind::Enum(variants) => self.variants(variants, false),
            Kind::Newtype(field) => self.field(field),
        };
        rules::comment(schema.rules(), &mut out);
        describe(schema.description(), schema.examples(), &mut out);
        out
    }

    fn tuple(&mut self, fields: &'static [Field]) -> Map<String, Value> {
        let items: Vec<Value> = fields.iter().map(|field| self.field(field).into()).collect();
        let count = items.len();
        object(match count {
            0 => json!({"type": "array", "maxItems": 0}),
            _ => json!({"type": "array", "prefixItems": items, "minItems": count, "maxItems": count}),
        })
    }

    /// The schema of a place: that of its value, with the rules of the place.
    fn field(&mut self, field: &Field) -> Map<String, Value> {
        let schema = self.directed(field.schema());
        let mut out = match schema.kind() {
            Kind::Optional(inner) if field.is_required() => self.schema(inner()),
            _ => self.schema(schema),
        };
        rules::apply(field.rules(), schema, &mut out);
        if let Some(default) =
            field.default().filter(|default| self.direction == Direction::Inbound && !default.is_null())
        {
            out.insert("default".to_owned(), default);
        }
        describe(field.description(), field.examples(), &mut out);
        out
    }
}

fn describe(description: Option<&'static str>, examples: impl Iterator<Item = Value>, out: &mut Map<String, Value>) {
    if let Some(description) = description {
        out.insert("description".to_owned(), description.into());
    }
    let examples: Vec<Value> = examples.collect();
    if !examples.is_empty() {
        out.insert("examples".to_owned(), examples.into());
    }
}

/// A schema that also accepts `null`.
fn nullable(mut schema: Map<String, Value>) -> Map<String, Value> {
    if schema.is_empty() {
        return schema;
    }
    // These keywords would still refuse `null` if only `type` allowed it.
    if ["$ref", "enum", "const", "not", "allOf", "anyOf", "oneOf"].iter().any(|keyword| schema.contains_key(*keyword)) {
        return or_null(&schema);
    }
    let kinds = match schema.get("type") {
        Some(Value::String(kind)) if kind != "null" => json!([kind, "null"]),
        Some(_) => return schema,
        None => return or_null(&schema),
    };
    schema.insert("type".to_owned(), kinds);
    schema
}

fn or_null(schema: &Map<String, Value>) -> Map<String, Value> {
    object(json!({"anyOf": [schema, {"type": "null"}]}))
}

/// The members of a JSON object.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
