//! Tables that say what a type looks like on the wire. `derive(Payload)` writes them; the walk, which lists every
//! violation, reads them, and so can whatever documents the service.

use serde::de::DeserializeOwned;

use crate::violation::At;

use super::{Check, Node, Refusal, absent};

/// What a value looks like on the wire.
///
/// What lies inside is reached through functions, so that a type may contain itself.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Shape {
    /// A value that only its own `Deserialize` understands.
    Leaf(Leaf),
    /// Nothing: `null`, or the content of a unit variant.
    Unit,
    /// `null`, or this.
    Optional(fn() -> Shape),
    /// An array of any length.
    List(fn() -> Shape),
    /// An array of one value for each slot.
    Tuple(&'static [Slot]),
    /// An object of any members.
    Map(Map),
    /// An object of known members.
    Object(&'static Object),
    /// One of several variants.
    Enum(&'static Enum),
    /// A value with rules of its own, such as the inside of a newtype.
    Checked(&'static Slot),
}

impl Shape {
    /// The shape of a type that says no more about itself than its `Deserialize` does.
    #[must_use]
    pub const fn leaf<T: DeserializeOwned>() -> Self {
        Self::Leaf(Leaf::of::<T>())
    }
}

/// A value that only its own `Deserialize` understands.
#[derive(Debug, Clone, Copy)]
pub struct Leaf {
    /// Tries to read it.
    ///
    /// # Errors
    ///
    /// What it must be, such as `must be an integer`; never what was sent.
    pub probe: fn(&Node<'_>) -> Result<(), Refusal>,
}

impl Leaf {
    /// Tries to read a `T`.
    #[must_use]
    pub const fn of<T: DeserializeOwned>() -> Self {
        Self { probe: |node| node.read::<T>().map(drop) }
    }
}

/// An object of any members.
#[derive(Debug, Clone, Copy)]
pub struct Map {
    /// What a name must be.
    pub name: Leaf,
    /// What stands under each name.
    pub value: fn() -> Shape,
}

/// Reads one value by itself and checks its own rules; what does not parse is left alone.
pub type CheckFn = fn(&Node<'_>, &At<'_>, &mut Check<'_>);

/// A place for a value: its shape, and the rules that this place adds to those of the shape.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    /// What stands here.
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
    /// At least so many.
    pub min: Option<u64>,
    /// At most so many.
    pub max: Option<u64>,
    /// Exactly so many.
    pub equal: Option<u64>,
}

/// An object of known members.
#[derive(Debug, Clone, Copy)]
pub struct Object {
    /// The members, in the order of the type.
    pub entries: &'static [Entry],
    /// Whether members that are not known are refused.
    pub deny_unknown: bool,
    /// The rules of the object as a whole; they run when all of it parses.
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
    /// What stands here.
    pub slot: Slot,
    /// What happens when it is not there.
    pub missing: Missing,
}

/// What happens when a member is not there.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::exhaustive_enums)]
pub enum Missing {
    /// It is a violation.
    Refused,
    /// There is a default.
    Fine,
    /// The type decides: an `Option` under any alias is fine.
    Ask(fn() -> bool),
}

impl Missing {
    /// Lets the type decide, as serde does: it is asked to read nothing.
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
    /// How a value says which variant it is.
    pub tagging: Tagging,
    /// The variants, in the order of the type.
    pub variants: &'static [Variant],
    /// Whether members that are not known are refused in variants of named fields.
    pub deny_unknown: bool,
    /// The rules of the enum as a whole.
    pub check: Option<CheckFn>,
}

/// How a value says which variant it is, as serde has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums)]
pub enum Tagging {
    /// `"Unit"` or `{"Variant": content}`.
    External,
    /// `{"tag": "Variant", …content}`.
    Internal(&'static str),
    /// `{"tag": "Variant", "content": content}`.
    Adjacent(&'static str, &'static str),
    /// Whatever fits first.
    Untagged,
}

/// One variant.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// Its name on the wire, then its aliases. Never empty.
    pub names: &'static [&'static str],
    /// What it holds.
    pub content: fn() -> Shape,
    /// Whether it stands for every name that no other variant has.
    pub other: bool,
    /// Whether it is tried by its content alone, in an enum that is tagged otherwise.
    pub untagged: bool,
}
