//! The schema of a type: its form on the wire, as data.
//!
//! A [`Schema`] says what serde reads and writes for a type: objects with the names of their members, arrays, variants
//! with their tags, and scalars with their width and format. It also holds the limits and the rules of each place, the
//! steps that clean a text, documentation, defaults and examples. It is a table that is made at compile time; inner
//! schemas are reached through functions, so that a type may contain itself.
//!
//! Several parts of the crate read the same schema: payloads use it to list every violation of an input, and
//! [`json_schema()`] writes it for other programs. `derive(Payload)` makes it for a type that is read, `derive(Schema)`
//! for a type that is only written:
//!
#![cfg_attr(feature = "derive", doc = "```")]
#![cfg_attr(not(feature = "derive"), doc = "```ignore")]
//! use buttress::Schema;
//! use buttress::schema::{Direction, json_schema};
//!
//! /// A line of an order.
//! #[derive(serde::Serialize, Schema)]
//! #[serde(rename_all = "camelCase")]
//! struct Line {
//!     sku: String,
//!     /// In cents.
//!     unit_price: u32,
//!     #[serde(skip_serializing_if = "Option::is_none")]
//!     note: Option<String>,
//! }
//!
//! let document = json_schema::<Line>(Direction::Outbound);
//! assert_eq!(document["$ref"], "#/$defs/Line");
//!
//! let line = &document["$defs"]["Line"];
//! assert_eq!(line["description"], "A line of an order.");
//! assert_eq!(line["required"], serde_json::json!(["sku", "unitPrice"]));
//! assert_eq!(line["properties"]["unitPrice"]["maximum"], u32::MAX);
//! ```
//!
//! A schema can be written by hand as well. Every part is made by a `const` function and read by a method, so that a
//! schema can grow without a change to the types that have one:
//!
//! ```
//! use buttress::schema::{Direction, Entry, Field, Format, HasSchema, Property, Scalar, Schema, json_schema};
//!
//! struct Order;
//!
//! impl HasSchema for Order {
//!     fn schema() -> &'static Schema {
//!         const ID: Schema = Schema::scalar(Scalar::text(Format::Uuid));
//!         const {
//!             &Schema::object(
//!                 const {
//!                     &[
//!                         Entry::Property(Property::new(&["id"], Field::new(|| &ID))),
//!                         Entry::Property(Property::new(&["lines"], Field::new(<Vec<String>>::schema)).optional()),
//!                     ]
//!                 },
//!             )
//!         }
//!     }
//! }
//!
//! let input = json_schema::<Order>(Direction::Inbound);
//! assert_eq!(input["properties"]["id"], serde_json::json!({"type": "string", "format": "uuid"}));
//! assert_eq!(input["required"], serde_json::json!(["id"]));
//! ```
//!
//! Input and output differ: a member with a default may be missing from an input and is always in an output, unknown
//! members are refused in an input only, and serde's attributes can give a member two names. Where they do, the schema
//! of the input leads to that of the output ([`Schema::output`]).

mod enumeration;
mod json_schema;
mod object;
mod rule;
mod scalar;
mod standard;
mod value;

use std::any::Any;

pub use self::enumeration::{Enum, Tagging, Variant};
pub use self::json_schema::{Direction, json_schema};
pub use self::object::{Array, Entry, Field, Map, Object, Presence, Property};
pub use self::rule::{Bounds, Length, Rule, RuleKind, Sanitizer};
pub use self::scalar::{Format, Integer, Scalar, ScalarKind};
#[doc(hidden)]
pub use self::value::{Described, DescribedBySchema, Undescribed, ValueOf, WithJson, WithoutJson};

/// A type whose form on the wire is known.
///
/// `derive(Payload)` implements it for a type that is read, `derive(Schema)` for a type that is only written.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no schema",
    label = "the form of this type on the wire is not known",
    note = "add `#[derive(buttress::Schema)]` beside `serde::Serialize`, or `#[derive(buttress::Payload)]` beside `serde::Deserialize`",
    note = "mark a field of a foreign type `#[schema(leaf)]`, or `#[payload(leaf)]` in a payload"
)]
pub trait HasSchema {
    /// The form of the type on the wire.
    fn schema() -> &'static Schema;
}

/// Reaches a schema.
pub type SchemaFn = fn() -> &'static Schema;

/// Makes a default or an example; `None` if it has no JSON.
pub type ValueFn = fn() -> Option<serde_json::Value>;

/// A function that is attached to a place of a schema, for the code that reads the schema.
///
/// The schema itself is data, and calls nothing. The code that has attached the function finds it again by its type,
/// and calls it: payloads attach the function that reads a leaf, and the one that checks rules.
pub type Hook = dyn Any + Send + Sync;

/// The form of a type on the wire. See the [module docs](self).
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    kind: Kind,
    type_name: Option<fn() -> &'static str>,
    renamed: Option<&'static str>,
    description: Option<&'static str>,
    examples: &'static [ValueFn],
    rules: &'static [Rule],
    output: Option<SchemaFn>,
}

/// The kinds of values.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Kind {
    /// A value without parts.
    Scalar(Scalar),
    /// `null`, or the content of a unit variant.
    Null,
    /// `null`, or a value.
    Optional(SchemaFn),
    /// An array of any length.
    Array(Array),
    /// An array with one value for each field.
    Tuple(&'static [Field]),
    /// An object with members of any name.
    Map(Map),
    /// An object with known members.
    Object(Object),
    /// One of several variants.
    Enum(Enum),
    /// The value inside a newtype, with the rules that the newtype adds.
    Newtype(Field),
}

impl Schema {
    /// A schema of this kind.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self { kind, type_name: None, renamed: None, description: None, examples: &[], rules: &[], output: None }
    }

    /// A value without parts.
    #[must_use]
    pub const fn scalar(scalar: Scalar) -> Self {
        Self::new(Kind::Scalar(scalar))
    }

    /// `null`.
    #[must_use]
    pub const fn null() -> Self {
        Self::new(Kind::Null)
    }

    /// `null`, or the inner value.
    #[must_use]
    pub const fn optional(inner: SchemaFn) -> Self {
        Self::new(Kind::Optional(inner))
    }

    /// An array of any length.
    #[must_use]
    pub const fn array(items: SchemaFn) -> Self {
        Self::new(Kind::Array(Array::new(items)))
    }

    /// An array with one value for each field.
    #[must_use]
    pub const fn tuple(fields: &'static [Field]) -> Self {
        Self::new(Kind::Tuple(fields))
    }

    /// An object with members of any name: the schema of the names, and that of the values.
    #[must_use]
    pub const fn map(name: SchemaFn, value: SchemaFn) -> Self {
        Self::new(Kind::Map(Map::new(name, value)))
    }

    /// An object with these members, which ignores unknown ones.
    #[must_use]
    pub const fn object(entries: &'static [Entry]) -> Self {
        Self::new(Kind::Object(Object::new(entries)))
    }

    /// One of several variants.
    #[must_use]
    pub const fn variants(tagging: Tagging, variants: &'static [Variant]) -> Self {
        Self::new(Kind::Enum(Enum::new(tagging, variants)))
    }

    /// A value with rules of its own.
    #[must_use]
    pub const fn newtype(field: Field) -> Self {
        Self::new(Kind::Newtype(field))
    }

    /// Names the type by its path, as [`std::any::type_name`] returns it.
    #[must_use]
    pub const fn with_type_name(mut self, type_name: fn() -> &'static str) -> Self {
        self.type_name = Some(type_name);
        self
    }

    /// Replaces the name of the type in documents.
    #[must_use]
    pub const fn with_name(mut self, name: &'static str) -> Self {
        self.renamed = Some(name);
        self
    }

    /// Sets the documentation of the type.
    #[must_use]
    pub const fn with_description(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// Sets examples of the type.
    #[must_use]
    pub const fn with_examples(mut self, examples: &'static [ValueFn]) -> Self {
        self.examples = examples;
        self
    }

    /// Sets the rules about the value as a whole.
    #[must_use]
    pub const fn with_rules(mut self, rules: &'static [Rule]) -> Self {
        self.rules = rules;
        self
    }

    /// Sets the schema of the type when it is written, if it differs from this one.
    #[must_use]
    pub const fn with_output(mut self, output: SchemaFn) -> Self {
        self.output = Some(output);
        self
    }

    /// The kind of the value.
    #[must_use]
    pub const fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The path of the type, which tells it from other types; `None` for a type without a name of its own.
    #[must_use]
    pub fn type_name(&self) -> Option<&'static str> {
        self.type_name.map(|name| name())
    }

    /// The name that replaces the type's own in documents.
    #[must_use]
    pub const fn name(&self) -> Option<&'static str> {
        self.renamed
    }

    /// The documentation of the type.
    #[must_use]
    pub const fn description(&self) -> Option<&'static str> {
        self.description
    }

    /// The examples of the type.
    pub fn examples(&self) -> impl Iterator<Item = serde_json::Value> {
        self.examples.iter().filter_map(|example| example())
    }

    /// The rules about the value as a whole.
    #[must_use]
    pub const fn rules(&self) -> &'static [Rule] {
        self.rules
    }

    /// The schema of the type when it is written: this one, unless another was set.
    #[must_use]
    pub fn output(&'static self) -> &'static Self {
        self.output.map_or(self, |output| output())
    }

    /// The schema of the type that describes this leaf, if there is one; otherwise this schema.
    #[must_use]
    pub fn described(&'static self) -> &'static Self {
        match &self.kind {
            Kind::Scalar(scalar) => scalar.described().map_or(self, Self::described),
            _ => self,
        }
    }

    /// The schema inside newtypes that add no rules to it. A newtype with rules has a [`Hook`].
    #[must_use]
    pub fn unwrapped(&'static self) -> &'static Self {
        match &self.kind {
            Kind::Newtype(field) if field.hook().is_none() => field.schema().unwrapped(),
            _ => self,
        }
    }
}
