//! The words of a conversion about a value that it refuses. Only a text that stands in the program is passed on to a client:
//! the `Display` of any other error may quote what was sent. The derive asks these by their reference: the first that
//! is implemented for the type answers.

use std::marker::PhantomData;
use std::str::FromStr;

use crate::payload::Node;

/// A type that may know how to read itself from a text.
#[derive(Debug)]
pub struct Parsed<T>(PhantomData<fn() -> T>);

impl<T> Parsed<T> {
    /// Asks about `T`.
    #[allow(clippy::new_without_default)]
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// One whose error is a text of the program.
pub trait ParsesInWords {
    /// The mistake in the text, if it is one.
    fn words(&self, node: &Node<'_>) -> Option<&'static str>;
}

impl<T: FromStr<Err = &'static str>> ParsesInWords for &Parsed<T> {
    fn words(&self, node: &Node<'_>) -> Option<&'static str> {
        node.string().and_then(|text| T::from_str(&text).err())
    }
}

/// Any other.
pub trait ParsesInSilence {
    /// Nothing.
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

/// One that is a text of the program.
pub trait FailsInWords {
    /// Its text.
    fn words(&self) -> Option<&'static str>;
}

impl FailsInWords for &Failed<'_, &'static str> {
    fn words(&self) -> Option<&'static str> {
        Some(self.0)
    }
}

/// Any other.
pub trait FailsInSilence {
    /// Nothing.
    fn words(&self) -> Option<&'static str>;
}

impl<E> FailsInSilence for Failed<'_, E> {
    fn words(&self) -> Option<&'static str> {
        None
    }
}
