//! Tables that describe the form of a type on the wire. `derive(Payload)` writes them; the walk, which lists every
//! violation, reads them, and so can a tool that documents the service.

use serde::de::DeserializeOwned;

use crate::violation::At;

use super::{Check, Node, Refusal, absent};

/// The form of a value on the wire.
///
/// Inner shapes are reached through functions, so that a type may contain itself.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Shape {
    /// A value that only its own `Deserialize` understands.
    Leaf(Leaf),
    /// Nothing: `null`, or the content of a unit variant.
    Unit,
    /// `null`, or the inner shape.
    Optional(fn() -> Shape),
    /// An array of any length.
    List(fn() -> Shape),
    /// An array with one value for each slot.
    Tuple(&'static [Slot]),
    /// An object with members of any name.
    Map(Map),
    /// An object with known members.
    Object(&'static Object),
    /// One of several variants.
    Enum(&'static Enum),
    /// A value with rules of its own, such as the inside of a newtype.
    Checked(&'static Slot),
}

impl Shape {
    /// The shape of a type that only its `Deserialize` describes.
    #[must_use]
    pub const fn leaf<T: DeserializeOwned>() -> Self {
        Self::Leaf(Leaf::of::<T>())
    }
}

/// A value that only its own `Deserialize` understands.
#[derive(Debug, Clone, Copy)]
pub struct Leaf {
    /// Tries to read the value.
    ///
    /// # Errors
    ///
    /// The refusal says which value is expected, such as `must be an integer`; it never repeats the input.
    pub probe: fn(&Node<'_>) -> Result<(), Refusal>,
}

impl Leaf {
    /// Tries to read a `T`.
    #[must_use]
    pub const fn of<T: DeserializeOwned>() -> Self {
        Self { probe: |node| node.read::<T>().map(drop) }
    }
}

/// An object with members of any name.
#[derive(Debug, Clone, Copy)]
pub struct Map {
    /// The leaf that each name must fit.
    pub name: Leaf,
    /// The shape of each value.
    pub value: fn() -> Shape,
}

/// Reads one value by itself and checks its own rules; a value that does not parse is skipped.
pub type CheckFn = fn(&Node<'_>, &At<'_>, &mut Check<'_>);

/// A place for a value: its shape, and the rules that this place adds to those of the shape.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    /// The shape of the value.
    pub shape: fn() -> Shape,
    /// A limit on the number of elements or members, which can be checked even when some of them do not parse.
    pub length: Option<Length>,
    /// The rules of this place.
    pub check: Option<CheckFn>,
}

impl Slot {
    /// A place without rules of its own.
    #[must_use]
    pub const fn of(shape: fn() -> Shape) -> Self {
        Self { shape, length: None, check: None }
    }
}

/// Limits on a number of elements, members or characters; both ends are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Length {
    /// The number must be at least this.
    pub min: Option<u64>,
    /// The number must be at most this.
    pub max: Option<u64>,
    /// The number must be exactly this.
    pub equal: Option<u64>,
}

/// An object with known members.
#[derive(Debug, Clone, Copy)]
pub struct Object {
    /// The members, in the order of the type.
    pub entries: &'static [Entry],
    /// Whether unknown members are refused.
    pub deny_unknown: bool,
    /// The rules of the object as a whole; they run if all of it parses.
    pub check: Option<CheckFn>,
}

/// Members of an object.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::exhaustive_enums)]
pub enum Entry {
    /// One member.
    Member(Member),
    /// The members of another object (or of a variant, or all that remain, for a map) at this level.
    Flatten(fn() -> Shape),
}

/// One member of an object.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Its name on the wire, then its aliases. Never empty.
    pub names: &'static [&'static str],
    /// The place of the value.
    pub slot: Slot,
    /// Decides whether the member may be missing.
    pub missing: Missing,
}

/// Decides whether a member may be missing.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::exhaustive_enums)]
pub enum Missing {
    /// A missing member is a violation.
    Refused,
    /// The member has a default.
    Fine,
    /// The type decides: an `Option` under any alias may be missing.
    Ask(fn() -> bool),
}

impl Missing {
    /// Lets the type decide, as serde does: it tries to read itself from nothing.
    #[must_use]
    pub const fn of<T: DeserializeOwned>() -> Self {
        Self::Ask(absent::is_fine::<T>)
    }

    pub(super) fn is_fine(self) -> bool {
        match self {
            Self::Refused => false,
            Self::Fine => true,
            Self::Ask(ask) => ask(),
        }
    }
}

/// One of several variants.
#[derive(Debug, Clone, Copy)]
pub struct Enum {
    /// How a value names its variant.
    pub tagging: Tagging,
    /// The variants, in the order of the type.
    pub variants: &'static [Variant],
    /// Whether unknown members are refused in variants with named fields.
    pub deny_unknown: bool,
    /// The rules of the enum as a whole.
    pub check: Option<CheckFn>,
}

/// How a value names its variant, in serde's forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums)]
pub enum Tagging {
    /// `"Unit"` or `{"Variant": content}`.
    External,
    /// `{"tag": "Variant", …content}`.
    Internal(&'static str),
    /// `{"tag": "Variant", "content": content}`.
    Adjacent(&'static str, &'static str),
    /// No tag: the first variant that fits.
    Untagged,
}

/// One variant.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// Its name on the wire, then its aliases. Never empty.
    pub names: &'static [&'static str],
    /// The shape of its content.
    pub content: fn() -> Shape,
    /// Whether the variant stands for every name that no other variant has.
    pub other: bool,
    /// Whether the variant is tried by its content alone, in an enum with another tagging.
    pub untagged: bool,
}
