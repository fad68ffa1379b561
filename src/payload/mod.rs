//! The rules of an input.
//!
//! A [`Payload`] is a type that serde can read, and that declares two more things: its [schema](crate::schema), which
//! is its form on the wire, and its rules. As long as the input is acceptable, reading it costs as much as serde alone.
//! An input that is not acceptable is read again by its schema, and the response lists everything that is wrong with
//! it: wrong types, members that are missing, unknown or repeated, and the broken rules of every part that parses, each
//! with the place where the client wrote it. The response never contains the input itself.
//!
//! ```
//! # #[cfg(feature = "derive")] {
//! use buttress::Payload;
//! use buttress::payload::{ValidationContext, read_json};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize, Payload)]
//! #[serde(rename_all = "camelCase", deny_unknown_fields)]
//! struct Line {
//!     sku: String,
//!     #[validate(range(min = 1, max = 999))]
//!     quantity: u32,
//!     unit_price: Option<u64>,
//! }
//!
//! let body = br#"[{"sku": "MUG-001", "quantity": 2}, {"quantity": 0, "unitPrice": "free", "extra": 1}]"#;
//! let problem = read_json::<Vec<Line>>(body, ValidationContext::new()).err().unwrap();
//!
//! let found: Vec<_> = problem.violations().iter().map(|v| format!("{} {}", v.location(), v.message())).collect();
//! assert_eq!(found, [
//!     "#/1/extra is not known",
//!     "#/1/quantity must be between 1 and 999",
//!     "#/1/sku is required",
//!     "#/1/unitPrice must be an integer",
//! ]);
//! # }
//! ```
//!
//! Extractors do this for a handler. Without them, one function reads each kind of input: [`read_json`],
//! [`read_query`], [`read_form`], [`read_path`], [`read_headers`], [`read_patch`]. A rule that needs to know more than
//! the value finds it in the [`ValidationContext`]:
//!
//! ```
//! use buttress::payload::{Payload, ValidationContext, leaf, read_query};
//! use buttress::schema::{HasSchema, Schema};
//! use buttress::violation::{InputPath, Violation};
//! use http::Extensions;
//!
//! /// The most that the caller may ask for at once.
//! #[derive(Clone)]
//! struct Largest(u32);
//!
//! #[derive(serde::Deserialize)]
//! #[serde(transparent)]
//! struct Limit(u32);
//!
//! impl HasSchema for Limit {
//!     fn schema() -> &'static Schema {
//!         leaf::<Self>()
//!     }
//! }
//!
//! impl Payload for Limit {
//!     fn rules(&self, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
//!         let Some(Largest(largest)) = context.extension() else { return };
//!         if self.0 > *largest {
//!             let found = Violation::at(at, "range", format!("must be at most {largest}"));
//!             context.push(found.with_param("max", *largest));
//!         }
//!     }
//! }
//!
//! let mut extensions = Extensions::new();
//! extensions.insert(Largest(50));
//!
//! type Query = std::collections::HashMap<String, Limit>;
//! assert!(read_query::<Query>("limit=50", ValidationContext::with_extensions(&extensions)).is_ok());
//!
//! let problem = read_query::<Query>("limit=51", ValidationContext::with_extensions(&extensions)).err().unwrap();
//! let found = problem.violations().iter().next().unwrap();
//! assert_eq!((found.location().as_str(), found.message()), ("limit", "must be at most 50"));
//! ```
//!
//! Cases that serde leaves open are decided: a struct cannot be an array; no name may occur twice in an object that is
//! read; a number that an `f32` or `f64` cannot hold does not become an infinity; a flattened `Option` is `None` only
//! if none of its members is there; JSON nests at most 128 deep, also in ignored parts; bytes that are not UTF-8 are
//! refused and not replaced. Text in pairs, such as a query, has types too: a repeated name is a list, the empty text
//! is `None` for an `Option`, and flattened, tagged and untagged values are read by the schema.
//!
//! A refusal costs a few times as much as serde: each part is tried once for each form that it may have, however deep a
//! type contains itself. If an input would cost more than that, it is not examined in full: a value that serde has read
//! passes, and an input that serde refused is refused as a whole.

mod absent;
mod buffer;
mod decode_error;
mod error;
mod explain;
mod hook;
mod json;
mod length;
mod node;
mod patch;
mod path;
mod read;
mod rewrite;
pub mod rule;
mod sanitise;
mod scalar;
mod single;
mod standard;
mod text;
mod type_set;
mod validation_context;
mod walk;

pub use self::decode_error::DecodeError;
pub use self::error::PatchError;
pub use self::hook::{Check, CheckFn, LeafReader, LeafReaderFn, leaf, presence};
pub use self::node::Node;
pub use self::patch::{Patch, read_patch};
pub use self::path::read_path;
pub use self::read::{read_form, read_headers, read_json, read_query};
pub use self::sanitise::Sanitise;
pub use self::standard::Unvalidated;
pub use self::type_set::TypeSet;
pub use self::validation_context::ValidationContext;

use serde::de::DeserializeOwned;

use crate::schema::{HasSchema, Schema};
use crate::violation::InputPath;

/// An input with a schema and rules. Derive it: `#[derive(serde::Deserialize, Payload)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no rules that an input could be checked against",
    label = "this type does not say what is acceptable",
    note = "add `#[derive(buttress::Payload)]` beside `serde::Deserialize`; mark a field of a foreign type `#[payload(leaf)]`",
    note = "to take it unchecked, on purpose, write `Unchecked<Json<{Self}>>`"
)]
pub trait Payload: HasSchema + DeserializeOwned {
    /// The schema, as the derive asks for it: a type that is not a payload is then reported once.
    #[doc(hidden)]
    #[must_use]
    fn payload_schema() -> &'static Schema {
        Self::schema()
    }

    /// Checks a value that parsed: its own rules, and the rules of everything inside it.
    fn rules(&self, at: &InputPath<'_>, context: &mut ValidationContext<'_>);

    /// Cleans a value that parsed (trim, NFC, …), before its rules are checked.
    fn sanitise(&mut self) {}

    /// Whether serde alone would accept something that the schema refuses, here or in anything inside.
    ///
    /// An implementation that asks the inner types passes `visited` on to them. If the type may contain itself, it asks
    /// them within [`TypeSet::ask`].
    #[must_use]
    fn needs_walk(visited: &mut TypeSet) -> bool {
        let _ = visited;
        false
    }
}
