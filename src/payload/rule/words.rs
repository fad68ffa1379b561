//! The message of a conversion about a value that it refuses. Only a text that is part of the program is passed on to a
//! client: the `Display` of any other error may quote the input. The derive calls these traits through different levels
//! of references: the first trait that the type implements is used.

use std::marker::PhantomData;
use std::str::FromStr;

use crate::payload::Node;

/// A type that may know how to read itself from a text.
#[derive(Debug)]
pub struct Parsed<T>(PhantomData<fn() -> T>);

impl<T> Parsed<T> {
    /// Selects `T`.
    #[allow(clippy::new_without_default)]
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// A type whose error is a text of the program.
pub trait ParsesInWords {
    /// The message about the text, if the text is wrong.
    fn words(&self, node: &Node<'_>) -> Option<&'static str>;
}

impl<T: FromStr<Err = &'static str>> ParsesInWords for &Parsed<T> {
    fn words(&self, node: &Node<'_>) -> Option<&'static str> {
        node.string().and_then(|text| T::from_str(&text).err())
    }
}

/// Any other type.
pub trait ParsesInSilence {
    /// Always `None`.
    fn words(&self, node: &Node<'_>) -> Option<&'static str>;
}

impl<T> ParsesInSilence for Parsed<T> {
    fn words(&self, _: &Node<'_>) -> Option<&'static str> {
        None
    }
}

/// The error of a conversion.
#[derive(Debug)]
#[allow(clippy::exhaustive_structs)]
pub struct Failed<'e, E>(pub &'e E);

/// An error that is a text of the program.
pub trait FailsInWords {
    /// The text of the error.
    fn words(&self) -> Option<&'static str>;
}

impl FailsInWords for &Failed<'_, &'static str> {
    fn words(&self) -> Option<&'static str> {
        Some(self.0)
    }
}

/// Any other error.
pub trait FailsInSilence {
    /// Always `None`.
    fn words(&self) -> Option<&'static str>;
}

impl<E> FailsInSilence for Failed<'_, E> {
    fn words(&self) -> Option<&'static str> {
        None
    }
}
