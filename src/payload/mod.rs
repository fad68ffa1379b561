//! What an input must look like, and what must hold of it.

mod absent;
mod check;
mod explain;
mod json;
mod length;
mod node;
mod patch;
mod read;
mod refusal;
mod retype;
pub mod rule;
mod sanitise;
mod shape;
mod standard;
mod text;
mod walk;

pub use self::check::Check;
pub use self::node::Node;
pub use self::patch::{Patch, read_patch};
pub use self::read::{read_form, read_headers, read_json, read_path, read_query};
pub use self::refusal::Refusal;
pub use self::sanitise::{Sanitise, Step};
pub use self::shape::{
    CheckFn, Entry, Enum, Leaf, Length, Map, Member, Missing, Object, Shape, Slot, Tagging, Variant,
};
pub use self::standard::Bare;

use serde::de::DeserializeOwned;

use crate::violation::At;

/// An input that knows its shape and its rules. Derive it: `#[derive(serde::Deserialize, Payload)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no rules that an input could be checked against",
    label = "this type does not say what is acceptable",
    note = "add `#[derive(buttress::Payload)]` beside `serde::Deserialize`; mark a field of a foreign type `#[payload(leaf)]`",
    note = "to take it unchecked, on purpose, write `Unchecked<Json<{Self}>>`"
)]
pub trait Payload: DeserializeOwned {
    /// What it looks like on the wire.
    fn shape() -> Shape;

    /// Checks a value that parsed: its own rules, and those of everything inside it.
    fn rules(&self, at: &At<'_>, check: &mut Check<'_>);

    /// Cleans a value that parsed (trim, NFC, …), before its rules are checked.
    fn sanitise(&mut self) {}

    /// Whether serde alone would let something through that the shape refuses, here or in anything inside.
    ///
    /// `depth` ends the recursion of a type that contains itself: pass `depth + 1` down and answer `false` past 8.
    #[must_use]
    fn needs_walk(depth: u8) -> bool {
        let _ = depth;
        false
    }
}
