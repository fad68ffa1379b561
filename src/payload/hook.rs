//! The functions that a payload keeps in its schema: they read a value, or check it.

use serde::de::DeserializeOwned;

use super::{DecodeError, Node, ValidationContext, absent};
use crate::schema::{Hook, Presence, Scalar, Schema};
use crate::violation::InputPath;

/// Tries to read a value that only its own `Deserialize` understands.
pub type LeafReaderFn = fn(&Node<'_>) -> Result<(), DecodeError>;

/// Reads one value by itself and checks its own rules; a value that does not parse is skipped.
pub type CheckFn = fn(&Node<'_>, &InputPath<'_>, &mut ValidationContext<'_>);

/// The reader of a leaf, as the hook of a [`Scalar`].
#[derive(Debug, Clone, Copy)]
pub struct LeafReader(LeafReaderFn);

/// The rules of a place, as the hook of a field, an object or an enum.
#[derive(Debug, Clone, Copy)]
pub struct Check(CheckFn);

impl LeafReader {
    /// A reader. Its error says which value is expected, such as `must be an integer`; it never repeats the input.
    #[must_use]
    pub const fn new(probe: LeafReaderFn) -> Self {
        Self(probe)
    }

    /// Tries to read a `T`.
    #[must_use]
    pub const fn of<T: DeserializeOwned>() -> Self {
        Self(|node| node.read::<T>().map(drop))
    }

    pub(super) fn find(hook: Option<&'static Hook>) -> Option<LeafReaderFn> {
        hook?.downcast_ref::<Self>().map(|probe| probe.0)
    }
}

impl Check {
    /// The rules of a place.
    #[must_use]
    pub const fn new(check: CheckFn) -> Self {
        Self(check)
    }

    pub(super) fn find(hook: Option<&'static Hook>) -> Option<CheckFn> {
        hook?.downcast_ref::<Self>().map(|check| check.0)
    }
}

/// The schema of a type that only its own `Deserialize` describes.
#[must_use]
pub fn leaf<T: DeserializeOwned>() -> &'static Schema {
    const { &Schema::scalar(Scalar::opaque().with_hook(const { &LeafReader::of::<T>() })) }
}

/// Lets a type decide whether a member may be missing, as serde does: it tries to read itself from nothing.
#[must_use]
pub const fn presence<T: DeserializeOwned>() -> Presence {
    Presence::ByType(absent::is_fine::<T>)
}
